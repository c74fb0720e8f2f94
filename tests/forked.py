"""Runs commands in processes of their own that need not import TensorFlow again: forks of one that has.

Importing it takes six seconds of a core, more than most commands of the tests take for themselves.
"""

import contextlib
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

PRELOADED = ("tensorflow", "keras", "tensorflow_datasets", "matplotlib.figure", "quick")
# Variables that are read when Python, Keras or TensorFlow start; where they differ, a new process must start.
READ_AT_START = ("PYTHON", "KERAS_BACKEND", "TF_", "XLA_", "JAX_", "LC_", "LANG")
READ_LATER = {"PYTHONPATH", "TF_CONFIG"}

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(list(PRELOADED))


def run(program, cwd=None, env=None, timeout=300):
    """As `subprocess.run` with its output captured as text, for `[sys.executable, SCRIPT or "-m", ...]`."""
    env = dict(os.environ if env is None else env)
    changed = {name for name in {*env, *os.environ} - READ_LATER if env.get(name) != os.environ.get(name)}
    if program[1].startswith("-X") or any(name.startswith(READ_AT_START) for name in changed):
        return subprocess.run(program, cwd=cwd, env=env, timeout=timeout, capture_output=True, text=True, check=False)
    process = Forked(program[1:], cwd, env)
    stdout, stderr = (output.decode("utf-8") for output in process.communicate(timeout))
    return subprocess.CompletedProcess(program, process.returncode, stdout, stderr)


class Forked:
    """A fork that does what `python WORDS` does, with what the tests need of `subprocess.Popen`."""

    def __init__(self, words, cwd=None, env=None):
        self.words, self.folder = words, tempfile.TemporaryDirectory()
        self.outputs = [os.path.join(self.folder.name, name) for name in ("stdout", "stderr")]
        env = dict(os.environ if env is None else env)
        self.process = context.Process(target=child, args=(words, str(cwd or os.getcwd()), env, self.outputs))
        self.process.start()

    @property
    def returncode(self):
        return self.process.exitcode

    def poll(self):
        return self.process.exitcode

    def kill(self):
        self.process.kill()

    def send_signal(self, number):
        os.kill(self.process.pid, number)

    def communicate(self, timeout=None):
        """Its standard output and error, bytes, when it has ended."""
        self.process.join(timeout)
        if self.returncode is None:
            self.kill()
            raise subprocess.TimeoutExpired(self.words, timeout)
        # One that was killed as it began has none.
        found = [Path(path).read_bytes() if os.path.exists(path) else b"" for path in self.outputs]
        self.folder.cleanup()
        return tuple(found)


def child(words, cwd, env, outputs):
    """Do in a fork what `python WORDS` does."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, path in enumerate(outputs, 1):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    code = 0
    try:
        if words[0] == "-m":
            sys.argv, sys.path[0:0] = ["-m", *words[2:]], [cwd]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv, sys.path[0:0] = words, [os.path.dirname(words[0])]
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    # Without whatever the process that was forked would do at its end.
    os._exit(code)
