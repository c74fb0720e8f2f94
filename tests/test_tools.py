"""What is at hand beside the package, in `tools/` and `benchmarks/`, as far as it takes no training."""

import argparse
import queue
import sys

from conftest import ROOT

sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "benchmarks")]
import health_pictures  # noqa: E402
import recipes  # noqa: E402


def test_the_commands_of_the_pictures_of_health_are_told_without_drawing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["health_pictures.py", "--commands"])
    health_pictures.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(health_pictures.CASES)
    assert "unbounded: drawn from results/cifar10-sagan" in lines


def test_each_candidate_of_a_search_has_a_result_of_its_own(tmp_path, monkeypatch):
    places = []

    def run_for(words, core, seconds, log):
        places.append((words[-1], log))
        return 60.0

    monkeypatch.setattr(recipes, "run_for", run_for)
    monkeypatch.setattr(recipes, "score", lambda run, count, extractor: {"FD-embedded": float(len(places))})
    cores = queue.Queue()
    cores.put(0)
    chosen = {name: recipes.CANDIDATES[name] for name in ("width 0.25", "width 0.5")}
    options = argparse.Namespace(
        task="shapes", candidates=chosen, output=tmp_path, core_minutes=1.0, fid_samples=10
    )
    for _ in range(2):  # what is finished is not done again
        rows = [recipes.train_and_score(options, name, seed, cores) for name in chosen for seed in (0, 1)]
        assert [(row["candidate"], row["seed"]) for row in rows] == [(name, seed) for name in chosen for seed in (0, 1)]
        assert [row["FD-embedded"] for row in rows] == [1.0, 2.0, 3.0, 4.0]
    assert len(set(places)) == len(places) == 4
