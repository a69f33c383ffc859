"""Events that library code reports, and the two reporters that need no terminal.

Library code never prints. It is handed a `Reporter` and says what it is doing; `tocsin.console` renders it.
"""

from __future__ import annotations

from typing import Protocol

from tocsin.errors import Finding


class Reporter(Protocol):
    """Receives what happens, in order."""

    def step(self, text: str) -> None:
        """A stage begins: one short phrase."""

    def detail(self, text: str) -> None:
        """Something worth knowing about the present stage."""

    def finding(self, finding: Finding) -> None:
        """A fault or a warning."""

    def progress(self, label: str, done: int, total: int) -> None:
        """Long work: `done` of `total` units of `label`; `done == total` ends it."""


class SilentReporter:
    """Ignores everything."""

    def step(self, text: str) -> None: ...

    def detail(self, text: str) -> None: ...

    def finding(self, finding: Finding) -> None: ...

    def progress(self, label: str, done: int, total: int) -> None: ...


class BufferReporter:
    """Keeps everything, for tests."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.details: list[str] = []
        self.findings: list[Finding] = []
        self.progressed: list[tuple[str, int, int]] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def detail(self, text: str) -> None:
        self.details.append(text)

    def finding(self, finding: Finding) -> None:
        self.findings.append(finding)

    def progress(self, label: str, done: int, total: int) -> None:
        self.progressed.append((label, done, total))
