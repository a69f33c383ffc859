"""`test` and `lint`: the project's own tests and checks. Both hand further arguments on."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tocsin.reporting import Reporter

LINTERS = (
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "mypy"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="handed on to pytest")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    if options.task == "test":
        return subprocess.run(
            [sys.executable, "-X", "utf8", "-m", "pytest", *options.more, *options.arguments],
            cwd=root,
            check=False,
        ).returncode
    failed = [" ".join(command) for command in LINTERS if _fails(root, command)]
    print(
        "lint: " + (f"failed: {'; '.join(failed)}" if failed else "nothing to complain about"),
        file=sys.stderr,
    )
    return 1 if failed else 0


def _fails(root: Path, command: tuple[str, ...]) -> bool:
    return subprocess.run([sys.executable, *command], cwd=root, check=False).returncode != 0
