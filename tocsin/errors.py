"""What can go wrong, and how it is said.

A `Finding` is one thing that is wrong, with its place and the way out; an error of this tree carries one
sentence or many findings. Library code raises; only `tocsin.console` prints and chooses the exit code.

    TocsinError
    ├── ContentError        faults in content/, data/ or site.toml; carries every finding at once
    ├── PictureError        a picture that cannot be used
    ├── AttachmentError     a document that cannot be cleaned, and so not be published
    ├── ThemeError          a template or a catalogue
    ├── BuildError          the build itself: a worker that died, an output that cannot be replaced
    │   ├── ChangedMeanwhileError   a source was edited while it was being built from
    │   └── DamagedStoreError   what was remembered from earlier builds is damaged; it is made anew
    ├── ReleaseError        a release that cannot be made, found or published
    ├── SigningError        a key, a signature or metadata to be signed that cannot be used
    ├── VerifyError         a copy of the site about which nothing can be said
    │   └── UnreadableError     one file of it that is not there, or not as it has to be
    └── MissingToolError    a program or package that a task needs and that is not there
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """Whether a finding stops the build."""

    ERROR = "ERROR"
    WARNING = "WARNING"


class Finding(NamedTuple):
    """One fault: where it is, what is wrong, and what to do about it.

    `path` is relative to the checkout, with forward slashes; `line` counts from 1, 0 where no line applies.
    `rule` is a short stable name, for machines and for tests.
    """

    path: str
    line: int
    message: str
    rule: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{self.severity} {place}: {self.message}"

    def as_record(self) -> dict[str, str | int]:
        """The finding as plain data, for `--json`."""
        return {
            "path": self.path,
            "line": self.line,
            "severity": str(self.severity),
            "rule": self.rule,
            "message": self.message,
        }


class TocsinError(Exception):
    """Base of every error that Tocsin raises on purpose."""

    exit_code = 1


class ContentError(TocsinError):
    """Sources that cannot be built; `findings` holds all of them, errors and warnings."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        errors = sum(1 for finding in self.findings if finding.severity is Severity.ERROR)
        plural = "error" if errors == 1 else "errors"
        super().__init__(f"{errors} {plural}. Nothing was written.")


class PictureError(TocsinError):
    """A picture that cannot be used; the message completes the sentence that begins with its file name."""


class AttachmentError(TocsinError):
    """A document that cannot be published; the message completes the sentence that begins with its name."""


class ThemeError(TocsinError):
    """A template or catalogue that cannot be used."""


class BuildError(TocsinError):
    """The build could not be carried through; what was there before is untouched or will be completed."""


class ChangedMeanwhileError(BuildError):
    """A source was changed while it was being built from; what was made of it may be of two minds."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} was changed during the build; build again")
        self.path = path


class DamagedStoreError(BuildError):
    """What was remembered from earlier builds is not what was written; the build begins again without it."""


class ReleaseError(TocsinError):
    """A release that cannot be made, completed or found; what was released before is untouched."""


class SigningError(TocsinError):
    """A key, a signature or metadata that cannot be used; the message never holds a secret."""


class VerifyError(TocsinError):
    """Nothing can be verified: no root of trust, nothing at that place, or it cannot be reached."""


class UnreadableError(VerifyError):
    """A file of a copy of the site; the message completes the sentence that begins with its path.

    `is_absent` tells what is not given out from what is given out in a form that no release has; `is_silence`
    that nobody answered at all, so that the next file may not come either.
    """

    def __init__(self, message: str, *, is_absent: bool = True, is_silence: bool = False) -> None:
        super().__init__(message)
        self.is_absent = is_absent
        self.is_silence = is_silence


class MissingToolError(TocsinError):
    """Something outside Python is needed; the message names it and how to install it."""
