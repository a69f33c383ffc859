"""Talking to people: progress and findings on standard error, in one grammar.

rich is loaded only when there is a terminal to draw on and something long to show.
"""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

from tocsin.console.veil import Veil
from tocsin.errors import Finding, Severity


class TerminalReporter:
    """Shows steps and findings as lines, and long work as a bar where standard error is a terminal."""

    def __init__(self, stream: TextIO | None = None, veil: Veil | None = None) -> None:
        self.veil = veil
        self.stream = stream or sys.stderr
        self._is_terminal = self.stream.isatty()
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def step(self, text: str) -> None:
        self._line(f"* {text}")

    def detail(self, text: str) -> None:
        self._line(f"  {text}")

    def finding(self, finding: Finding) -> None:
        self._line(self._coloured(finding))

    def progress(self, label: str, done: int, total: int) -> None:
        if not self._is_terminal:
            return
        if self._bar is None:
            try:
                from rich.console import Console
                from rich.progress import Progress
            except ImportError:  # a mirror host has only what `verify` needs
                self._is_terminal = False
                return
            self._bar = Progress(console=Console(file=self.stream), transient=True)
            self._bar.start()
        if label not in self._tasks:
            self._tasks[label] = self._bar.add_task(label, total=total)
        self._bar.update(self._tasks[label], completed=done, total=total)
        if done >= total:
            self.close()

    def close(self) -> None:
        """Take the bar away; to be called before anything else is printed at the end."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._tasks.clear()

    def _line(self, text: str) -> None:
        text = self.veil.text(text) if self.veil else text
        print(text, file=self._bar.console.file if self._bar else self.stream, flush=True)

    def _coloured(self, finding: Finding) -> str:
        text = str(finding)
        if not self.colours:
            return text
        colour = "31" if finding.severity is Severity.ERROR else "33"
        word, _, rest = text.partition(" ")
        return f"\x1b[1;{colour}m{word}\x1b[0m {rest}"

    @property
    def colours(self) -> bool:
        """`NO_COLOR` (no-color.org) and `FORCE_COLOR` decide; otherwise whether there is a terminal."""
        if os.environ.get("NO_COLOR"):
            return False
        return bool(os.environ.get("FORCE_COLOR")) or self._is_terminal
