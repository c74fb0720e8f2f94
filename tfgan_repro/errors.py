"""The one error that a user can mend, and the helpers that word it."""

import difflib


class UserError(Exception):
    """Something that the user can mend: an option, a path, a file, missing weights, a full disk.

    Its message is one line: what is wrong, with what value, and what to do. The command line prints it on standard
    error and exits with code 2; from Python it is an ordinary exception.
    """


def unknown_name(kind, name, known):
    """A `UserError` for a name that is not in a registry, with the nearest names first.

    Args:
        kind: what the name stands for, e.g. "model".
        name: the name as given.
        known: the names that would have been understood.
    """
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known)}"
    return UserError(f"unknown {kind} {str(name)!r}; {hint}")
