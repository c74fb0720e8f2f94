"""The command line: words become a configuration. Keras is not imported before the words are valid."""

import argparse
import contextlib
import errno
import importlib.util
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from tfgan_repro.backends import BACKENDS, backend_module
from tfgan_repro.errors import UserError, shortened

# What a user can mend about files: a full or read-only disk, missing permission, a name that can be no file's.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
IMPOSSIBLE = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP}
MENDABLE = FULL | FORBIDDEN | IMPOSSIBLE
# How a command is started in a checkout; its console script is called tfgan- and the last word.
IN_A_CHECKOUT = re.compile(r"python (?:-m tfgan_repro\.)?(\w+)(?:\.py)?\b")


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, without the usage before them.

    Where argcomplete is installed and the shell asks for it, it completes options, and values that have names.
    """

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        # Set by the shell's completion only, so that nobody else waits for the import.
        if "_ARGCOMPLETE" in os.environ:
            import argcomplete

            argcomplete.autocomplete(self)
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{shortened(message)} (see {self.prog} --help)")


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps descriptions as written and gives option names room."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=36)


def command_parser(name: str, description: str, **options: Any) -> Parser:
    """The parser of a command, which calls itself, and is called in its examples, as the user has called it.

    Args:
        name: how the command is started in a checkout, e.g. `python train.py`.
        description: its purpose and examples, with the commands as in a checkout.
        options: of `argparse.ArgumentParser`.
    """
    if Path(sys.argv[0]).name.startswith("tfgan-"):
        name, description = (IN_A_CHECKOUT.sub(r"tfgan-\1", text) for text in (name, description))
    return Parser(prog=name, description=description, formatter_class=Formatter, allow_abbrev=False, **options)


def import_backend() -> None:
    """Import Keras and its backend without start-up messages, which tell a user nothing.

    Raises:
        UserError: a backend that this package does not know or that is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    name = os.environ.get("KERAS_BACKEND")
    if name and name not in BACKENDS:
        raise UserError(f"KERAS_BACKEND={shortened(name)}: must be {' or '.join(BACKENDS)}")
    warnings.filterwarnings("ignore", category=UserWarning, module="keras")
    try:
        with standard_error_aside():
            import keras

            name = keras.config.backend()
            importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in BACKENDS:
            raise
        others = [other for other in BACKENDS if importlib.util.find_spec(other)]
        way_out = f"choose another with KERAS_BACKEND={others[0]}, or " if others else ""
        raise UserError(
            f"{BACKENDS[error.name]} is not installed; {way_out}install it with: pip install {error.name}"
        ) from error
    backend_module("tfgan_repro.backends.{}").be_quiet()


@contextlib.contextmanager
def standard_error_aside() -> Iterator[None]:
    """Turns standard error itself aside: C++ parts write some messages before any level can be set."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def run(main: Callable[[list[str]], None], arguments: list[str] | None = None) -> None:
    """Run a command: a user's mistake ends in one line and exit code 2, an interruption in 130.

    Args:
        main: a function of the argument list.
        arguments: the words after the command's name; None for those of the process.
    """
    try:
        main(sys.argv[1:] if arguments is None else arguments)
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output has gone; say nothing more to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno not in MENDABLE:
            raise
        print(f"error: {error.strerror}: {shortened(error.filename or 'while writing')}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
