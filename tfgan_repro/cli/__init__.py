"""The command line: words become a configuration. Keras is not imported before the words are valid."""

import contextlib
import errno
import importlib
import importlib.util
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from tfgan_repro.backends import BACKENDS, backend_module
from tfgan_repro.cli.parser import Formatter, Parser, command_parser
from tfgan_repro.errors import UserError, shortened

__all__ = ["Formatter", "Parser", "command_parser", "import_backend", "run"]

# What a user can fix about files: a full or read-only disk, missing permission, a name that can be no file's.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
IMPOSSIBLE = {errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP}
MENDABLE = FULL | FORBIDDEN | IMPOSSIBLE
# What Keras takes in a user's keras.json.
FLOATS, LAYOUTS = ["float16", "float32", "float64"], ["channels_last", "channels_first"]


def import_backend() -> None:
    """Import Keras and its backend without start-up messages, and with its own settings rather than a keras.json's.

    Raises:
        UserError: a backend that this package does not know, that is not installed or that finds no device, or a
            keras.json with which Keras could not be imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = name = chosen_backend()
    warnings.filterwarnings("ignore", category=UserWarning, module="keras")
    try:
        with standard_error_aside():
            import keras

            importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in BACKENDS:
            raise
        others = [other for other in BACKENDS if importlib.util.find_spec(other)]
        way_out = f"choose another with KERAS_BACKEND={others[0]}, or " if others else ""
        raise UserError(
            f"{BACKENDS[error.name]} is not installed; {way_out}install it with: pip install {error.name}"
        ) from error
    # What this package computes does not depend on what a user has set for other programs.
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    backend_module().be_quiet()
    # Where it finds nothing to compute on, it is said here.
    backend_module().device()


def chosen_backend() -> str:
    """The backend that `KERAS_BACKEND` or a keras.json names; a backend of another program's is passed over.

    Raises:
        UserError: the variable names one that this package does not know.
    """
    name = os.environ.get("KERAS_BACKEND")
    if name:
        if name not in BACKENDS:
            raise UserError(f"KERAS_BACKEND={shortened(name)}: must be {' or '.join(BACKENDS)}")
        return name
    return backend_of_settings() or next(iter(BACKENDS))


def backend_of_settings() -> str | None:
    """The backend that a user's keras.json names, if this package knows it.

    Raises:
        UserError: Keras could not be imported with that file.
    """
    path = keras_settings_path()
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None  # Keras passes over it too
    except OSError as error:
        raise UserError(f"Keras cannot read {path}: {error.strerror}; fix or remove it") from error
    values = settings if isinstance(settings, dict) else {"floatx": settings}
    fits = (
        values.get("floatx", "float32") in FLOATS
        and isinstance(values.get("epsilon", 1e-7), float)
        and values.get("image_data_format", "channels_last") in LAYOUTS
    )
    if not fits:
        raise UserError(f"Keras cannot use the settings in {path}; fix or remove it")
    backend = values.get("backend")
    return backend if backend in list(BACKENDS) else None


def keras_settings_path() -> Path:
    """Where Keras looks for a user's settings."""
    folder = os.environ.get("KERAS_HOME")
    if folder is None:
        home = os.path.expanduser("~")
        folder = os.path.join(home if os.access(home, os.W_OK) else "/tmp", ".keras")
    return Path(os.path.expanduser(folder)) / "keras.json"


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


def repair_streams() -> None:
    """Let every text be printed, and standard streams that are closed lead nowhere.

    Otherwise a file of the run, or of TensorFlow, would get the number of a closed stream and take up what is printed.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))
    # A file name that is not UTF-8 comes out as it is; on other terminals what they cannot show is escaped.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        reconfigure(errors="surrogateescape" if utf8 else "backslashreplace")


def discard_output() -> None:
    """Let what is still to be printed lead nowhere."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run(main: Callable[[list[str]], None], arguments: list[str] | None = None) -> None:
    """Run a command: a user's mistake ends in one line and exit code 2, an interruption in 130.

    Args:
        main: a function of the argument list.
        arguments: the words after the command's name; None for those of the process.
    """
    if arguments is None:
        repair_streams()
    try:
        try:
            main(sys.argv[1:] if arguments is None else arguments)
        finally:
            # Here, where a full disk or a reader that has gone is noticed, and not when Python ends.
            sys.stdout.flush()
    except UserError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        discard_output()  # whoever read it has gone
    except OSError as error:
        if error.errno not in MENDABLE:
            raise
        if error.filename is None:
            discard_output()
        print(f"error: {error.strerror}: {shortened(error.filename or 'while writing')}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
