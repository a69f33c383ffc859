"""Events that library code reports, and the two reporters that need no terminal.

Library code never prints. It is handed a `Reporter` and says what it is doing; `tocsin.console` renders it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass
class BufferReporter:
    """Keeps everything, for tests."""

    steps: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    progressed: list[tuple[str, int, int]] = field(default_factory=list)

    def step(self, text: str) -> None:
        self.steps.append(text)

    def detail(self, text: str) -> None:
        self.details.append(text)

    def finding(self, finding: Finding) -> None:
        self.findings.append(finding)

    def progress(self, label: str, done: int, total: int) -> None:
        self.progressed.append((label, done, total))
