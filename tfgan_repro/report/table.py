"""Best and final scores over seeds as text for a terminal."""

from tfgan_repro.report.scores import curve_spreads

HEAD = ("training", "seeds", "score", "best", "final")


def groups_table(groups):
    """A line a group: how many seeds are scored, the score's name, the mean and spread of best and final.

    Args:
        groups: lists of runs by name, as `group_runs` makes them.
    """
    rows = [HEAD]
    for name, runs in groups.items():
        spreads = curve_spreads(runs)
        if spreads is None:
            rows.append((name, str(len(runs)), "not scored", "", ""))
            continue
        final = spreads["final"].text if spreads["final"] else "not finished"
        rows.append((name, str(spreads["count"]), spreads["row"]["metric"], spreads["best"].text, final))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows)
