#!/usr/bin/env python3
"""Every command of Tocsin: `python3 tasks.py NAME ...`; `python3 tasks.py --help` lists the names.

Nothing has to be installed first. This file makes sure that `.venv` was made from exactly this
`requirements.lock` by this kind of Python, makes it anew if it was not, and then becomes the Python in there,
which runs `tocsin`. Up to that point it imports only `os` and `sys`, so that a task with nothing to do is
answered at once; what is imported inside a function below belongs to the rare run that sets up.
"""

import os
import sys

if sys.version_info < (3, 11):  # First of all; and an older Python must be able to parse this whole file.
    sys.exit("tasks.py: this is Python %d.%d; run it with Python 3.11 or newer." % sys.version_info[:2])

ROOT = os.path.dirname(os.path.realpath(__file__))
ENVIRONMENT = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(ENVIRONMENT, "Scripts/python.exe" if sys.platform == "win32" else "bin/python")

RUN_LOCK, TEST_LOCK = "requirements.lock", "requirements-test.lock"
TASKS_WITH_TEST_TOOLS = {"test", "lint", "bench", "screenshots"}
SYSTEM_PYTHON = "/usr/bin/python3"

# What ties an environment to the Python that asked for it. The patch level is left out: after a security
# update of the same Python the environment still works, and an editor who is offline that day keeps it.
MAKER = f"{sys.implementation.cache_tag} {getattr(sys, 'abiflags', '')} {sys.base_prefix}\n".encode()


def main(arguments: list[str]) -> int:
    """Run one task in the environment, which is made first where it is missing or out of date."""
    needs_test_tools = bool(arguments) and arguments[0] in TASKS_WITH_TEST_TOOLS
    locks = [RUN_LOCK, TEST_LOCK] if needs_test_tools else [RUN_LOCK]
    if not all(map(is_installed, locks)):
        try:
            set_up(locks)
        except OSError as error:
            return complain(f"could not make .venv: {error}. Mend that, then run the same command again.")
        except KeyboardInterrupt:
            return complain("the set-up was interrupted; the same command, run again, continues it.")

    # -P: `tocsin` is that of this checkout (see make_environment), whatever lies in the caller's folder.
    command = [PYTHON, "-P", "-X", "utf8", "-m", "tocsin", *arguments]
    if sys.platform == "win32":  # where exec returns to the prompt before the task has ended
        import subprocess

        return subprocess.call(command)
    os.execv(PYTHON, command)


def is_installed(lock: str) -> bool:
    """Tell whether the environment holds exactly this lock. A half-made one has no stamp, that comes last."""
    try:
        with open(stamp_path(lock), "rb") as file:
            return file.read() == stamp(lock) and os.path.exists(PYTHON)
    except OSError:
        return False


def stamp_path(lock: str) -> str:
    return os.path.join(ENVIRONMENT, "made-from-" + lock)


def stamp(lock: str) -> bytes:
    """Return the maker and the whole lock: to compare it all is exact and spares importing a digest."""
    with open(os.path.join(ROOT, lock), "rb") as file:
        return MAKER + file.read()


def set_up(locks: list[str]) -> None:
    """Install what the locks list. Of two set-ups at once the second waits, then finds the work done."""
    try:
        import ensurepip  # noqa: F401  # asked for here, so as not to fail halfway: Debian packages it apart
        import venv  # noqa: F401
    except ImportError as error:
        sys.exit(
            f"tasks.py: this Python lacks its module {error.name}, without which .venv cannot be made. "
            "Install it (Debian, Ubuntu: apt install python3-venv), then run the same command again."
        )
    with open(os.path.join(ROOT, ".venv.lock"), "wb") as turn:
        take(turn.fileno())
        test_tools_changed = os.path.exists(stamp_path(TEST_LOCK)) and not is_installed(TEST_LOCK)
        if test_tools_changed or not is_installed(RUN_LOCK):
            make_environment(turn.fileno())
        for lock in locks:
            if not is_installed(lock):
                install(lock, turn.fileno())


def take(turn: int) -> None:
    """Wait until no other set-up of this checkout is at work."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of .venv to end")
            fcntl.flock(turn, fcntl.LOCK_EX)


def make_environment(turn: int) -> None:
    """Begin an environment that holds pip and finds this checkout. What was there goes."""
    import glob

    say("making .venv; this is needed once and takes a minute or two")
    for path in map(stamp_path, (RUN_LOCK, TEST_LOCK)):  # or a clearing cut short leaves a stamped ruin
        if os.path.exists(path):
            os.unlink(path)
    if os.path.islink(ENVIRONMENT):  # it is another checkout's, which clearing would ruin
        os.unlink(ENVIRONMENT)
    links = [] if sys.platform == "win32" else ["--symlinks"]
    run("make .venv", ["venv", "--clear", "--without-pip", *links, ENVIRONMENT], turn, quickest_python())
    packages = glob.glob(os.path.join(ENVIRONMENT, "[Ll]ib", "**", "site-packages"), recursive=True)[0]
    with open(os.path.join(packages, "checkout.pth"), "w", encoding="ascii") as file:
        file.write(os.path.relpath(ROOT, packages) + "\n")  # relative, for a checkout may be moved
    run("install pip", ["ensurepip"], turn)


def quickest_python() -> str:
    """Return the Python to make the environment of: this one, unless it was compiled without optimisation.

    pyenv does so by default; a build takes such a Python a quarter longer, and a start three times as long.
    The system's own never is one, and takes its place if it is whole and a version that the locks serve.
    """
    import subprocess
    import sysconfig

    how = sysconfig.get_config_var("CONFIG_ARGS")  # none on Windows, where all builds are optimised
    if how is None or "--enable-optimizations" in how or sys.base_prefix == "/usr":
        return sys.executable
    whole = "import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    try:
        command = [SYSTEM_PYTHON, "-I", "-c", whole]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            return sys.executable
    except OSError:
        return sys.executable
    say(f"this Python is not optimised; .venv is made of {SYSTEM_PYTHON}, which is quicker")
    return os.path.realpath(SYSTEM_PYTHON)  # python3.11, so that no other one slips in below its packages


def install(lock: str, turn: int) -> None:
    """Install what a lock lists, and stamp it."""
    import re

    say(f"installing {lock}")
    wanted = stamp(lock)
    # feedgen alone is published as source only. The setuptools of the lock builds it, so that is installed
    # first, and pip's isolated build, which would fetch whichever setuptools is newest, is switched off.
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps"]
    options += ["--only-binary=:all:", "--no-binary=feedgen", "--use-pep517", "--no-build-isolation"]
    if lock == TEST_LOCK:
        # Test tools go on top of what works, and again on top of a half-made addition: to make all anew for
        # their sake would let a `lint` without a network cost an editor the environment.
        options += ["--ignore-installed"]
    build_tool = re.search(rb"^setuptools==.*(\n +.*)*", wanted, re.MULTILINE)
    if build_tool:
        path = os.path.join(ENVIRONMENT, "build-tool.lock")
        with open(path, "wb") as file:
            file.write(build_tool[0])
        run(f"install {lock}", ["pip", "install", *options, "-r", path], turn)
    run(f"install {lock}", ["pip", "install", *options, "-r", os.path.join(ROOT, lock)], turn)
    with open(stamp_path(lock), "wb") as file:
        file.write(wanted)


def run(what: str, module: list[str], turn: int, python: str = PYTHON) -> None:
    """Run a module that does a part of the set-up, or end with a word on what to do."""
    import subprocess

    # A child holds the turn as well: pip outlives a killed set-up, and must not meet the next one at work.
    # -I: neither the caller's folder nor variables lend it modules. -W: what an older pip says about its own
    # future helps nobody here. To stdout writes the task alone.
    keep = () if sys.platform == "win32" else (turn,)
    command = [python, "-I", "-W", "ignore", "-m", *module]
    if subprocess.run(command, stdout=subprocess.DEVNULL, pass_fds=keep).returncode:
        sys.exit(
            f"tasks.py: could not {what}; the reason stands above. Mend it (is the network there?), "
            "then run the same command again: it continues."
        )


def say(message: str) -> None:
    print("tasks.py:", message, file=sys.stderr, flush=True)


def complain(message: str) -> int:
    say(message)
    return 1


# `invoke NAME ...` looks for a tasks.py and imports it: it gets the same tasks, options and exit codes.
if __name__ == "__main__" or (__name__ == "tasks" and "invoke" in sys.modules):
    sys.exit(main(sys.argv[1:]))
