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

PRELOADED = ("tensorflow", "keras", "tensorflow_datasets", "matplotlib.figure", "tfgan_repro.models.gan")
# Variables that are read when Python, Keras or TensorFlow start; where they differ, a new process must start.
READ_AT_START = ("PYTHON", "KERAS_BACKEND", "TF_", "XLA_", "JAX_", "LC_", "LANG")

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(list(PRELOADED))


def run(program, cwd=None, env=None, timeout=300):
    """As `subprocess.run` with its output captured as text, for `[sys.executable, SCRIPT or "-m", ...]`."""
    env = dict(os.environ if env is None else env)
    changed = {name for name in {*env, *os.environ} if env.get(name) != os.environ.get(name)}
    if program[1].startswith("-X") or any(name.startswith(READ_AT_START) for name in changed - {"PYTHONPATH"}):
        return subprocess.run(program, cwd=cwd, env=env, timeout=timeout, capture_output=True, text=True, check=False)
    with tempfile.TemporaryDirectory() as folder:
        outputs = [os.path.join(folder, name) for name in ("stdout", "stderr")]
        process = context.Process(target=child, args=(program[1:], str(cwd or os.getcwd()), env, outputs))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(program, timeout)
        stdout, stderr = (open(path, encoding="utf-8").read() for path in outputs)
    return subprocess.CompletedProcess(program, process.exitcode, stdout, stderr)


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
