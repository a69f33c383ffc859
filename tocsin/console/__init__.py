"""The command line: every task of `tasks.py`, and the one place that prints and chooses exit codes.

Exit status 0: done. 1: a fault in what was given. 2: wrong use of the command.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import os
import sys
from pathlib import Path

from tocsin.console.terminal import TerminalReporter
from tocsin.console.veil import Veil
from tocsin.errors import ContentError, Severity, TocsinError

# Each task: the module that defines it (`add_arguments`, `run`) and what it does.
TASKS = {
    "build": ("build", "load, render and write the site"),
    "check": ("check", "report every fault of the sources, and dead links and leaks of the output"),
    "serve": ("serve", "build, serve on this machine, build again on every change"),
    "new": ("new", "begin an item: its folder, its id and a file to fill in"),
    "diff": ("diff", "tell what would become public, change and vanish"),
    "release": ("release", "build, check and sign what is to be published"),
    "refresh": ("refresh", "sign the timestamp of the newest release again; release what is due"),
    "revert": ("revert", "release again what an earlier release held"),
    "publish": ("publish", "put the newest release on every mirror"),
    "offline": ("offline", "archives of the newest release to hand on"),
    "verify": ("verify", "tell whether a folder, an archive or an address is the editors' own"),
    "mirrors": ("mirrors", "tell what every mirror really serves"),
    "translations": ("translations", "list what is missing or out of date; approve a translation as current"),
    "keys": ("keys", "make keys, decide who signs, sign, say who signs what by when"),
    "schema": ("schema", "write docs/schema/ and the pages that list every key"),
    "screenshots": ("screenshots", "picture the site for docs/how-it-looks.md"),
    "test": ("quality", "run all tests"),
    "lint": ("quality", "check style and types"),
    "bench": ("bench", "measure Tocsin and its peers over the same corpus"),
}


_STOPPED = "Stopped. What was there before is untouched; the same command begins again."


def main(arguments: list[str] | None = None) -> int:
    """Run one task; returns its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    name = words[0] if words and words[0] in TASKS else None
    parser = _parser(name)
    # What follows `test` is for pytest, which has options of its own.
    options, more = parser.parse_known_args(words)
    if more and options.task != "test":
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    options.more = more
    if options.task is None:
        parser.print_help(sys.stderr)
        return 2
    module = importlib.import_module(f"tocsin.console.{TASKS[options.task][0]}")
    # A build makes millions of small objects and few cycles: looking for these less often saves a tenth.
    gc.set_threshold(100_000, 20, 20)
    root = Path(__file__).resolve().parents[2]
    veil = Veil(root)
    reporter = TerminalReporter(veil=veil)
    try:
        return int(module.run(root, options, reporter))
    except TocsinError as error:
        reporter.close()
        return _complain(error, reporter, veil, as_json=getattr(options, "json", False))
    except KeyboardInterrupt as stop:  # a task that has changed something already says how it stands
        reporter.close()
        print(str(stop) or _STOPPED, file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever reads our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        reporter.close()


def _parser(name: str | None) -> argparse.ArgumentParser:
    """The parser of the task that is asked for, which is imported to add its options; else that of all."""
    parser = argparse.ArgumentParser(prog="tasks.py", description="Every task of Tocsin.")
    tasks = parser.add_subparsers(dest="task", metavar="TASK")
    for task in [name] if name else TASKS:
        module, purpose = TASKS[task]
        own = tasks.add_parser(task, help=purpose, description=f"{task}: {purpose}")
        if name:
            importlib.import_module(f"tocsin.console.{module}").add_arguments(own)
    return parser


def _complain(error: TocsinError, reporter: TerminalReporter, veil: Veil, *, as_json: bool) -> int:
    findings = error.findings if isinstance(error, ContentError) else ()
    said = veil.text(str(error))
    if as_json:
        records = [veil.finding(finding).as_record() for finding in findings]
        print(json.dumps({"error": said, "findings": records}))
        return error.exit_code
    for finding in sorted(findings, key=lambda f: (f.severity is Severity.ERROR, f)):
        reporter.finding(finding)
    prefix = "" if findings else "ERROR "
    print(f"{prefix}{said}", file=sys.stderr)
    return error.exit_code
