"""What can be said of a copy of the site: nine words, each with its meaning, a way out and an exit code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from tocsin.verify.release import VerifiedRelease


class Verdict(StrEnum):
    """Ordered by gravity, the mildest first: of several that hold, the last decides the exit code."""

    AUTHENTIC = "authentic"
    STALE = "stale"
    IN_TRANSIT = "in transit"
    INCOMPLETE = "incomplete"
    PLANTED = "planted"
    NOT_THIS_EDITION = "not this edition"
    ROLLED_BACK = "rolled back"
    ALTERED = "altered"
    UNKNOWN_SIGNER = "unknown signer"


class Words(NamedTuple):
    """A verdict for people."""

    exit_code: int
    means: str
    remedy: str


# 0 to 2 are those of every task, so verdicts begin at 10; they grow with gravity.
WORDS = {
    Verdict.AUTHENTIC: Words(
        0, "What is here is what the editors signed, to the last byte.", "Nothing needs to be done."
    ),
    Verdict.STALE: Words(
        10,
        "The editors did sign this, but nothing confirms that it is still what they want to show: they may "
        "have published something newer, or taken something back.",
        "Bring this copy up to date from another address of the site, or ask the editors. Reading it is "
        "safe; relying on it for what is happening now is not.",
    ),
    Verdict.IN_TRANSIT: Words(
        11,
        "This copy is being updated: some files already belong, or still belong, to the release beside it.",
        "Look again in an hour. If it stays like this, the update was cut short and has to be repeated.",
    ),
    Verdict.INCOMPLETE: Words(
        12,
        "Files that belong to the release are missing here, or are not given out.",
        "Copy the release again from the beginning. If files are missing for readers only, look for a "
        "filter, a full disk or wrong permissions on this server.",
    ),
    Verdict.PLANTED: Words(
        13,
        "There are files here that the editors did not publish. Whoever opens them takes them for the "
        "editors' own.",
        "Find out who put them there before you delete them: somebody may be able to write to this server.",
    ),
    Verdict.NOT_THIS_EDITION: Words(
        14,
        "The files are the editors' own, but were made for another address: somebody copied another mirror.",
        "Fetch the edition that was made for this address. If you do not run this address, do not trust it: "
        "the editors know nothing of it.",
    ),
    Verdict.ROLLED_BACK: Words(
        15,
        "This place served a newer release before and now serves an older one, so that what was corrected or "
        "withdrawn meanwhile is back.",
        "Do not link to this place until it serves the newest release again; tell the editors.",
    ),
    Verdict.ALTERED: Words(
        16,
        "Files here are not what the editors signed: somebody or something changed them.",
        "Do not read, serve or pass on this copy. If it is yours, take it down, find out how it was changed, "
        "and copy the release again. Otherwise tell the editors.",
    ),
    Verdict.UNKNOWN_SIGNER: Words(
        17,
        "What is here is not signed by those whom you trust, or not by enough of them. It may be made up "
        "from beginning to end.",
        "Do not trust anything of it. If you believe that it is genuine, ask the editors, on a way that you "
        "know, for their newest root of trust.",
    ),
}
_GRAVITY = {verdict: number for number, verdict in enumerate(Verdict)}


class Found(NamedTuple):
    """One fact: a verdict, the path concerned ("" for the whole), and what is the case there.

    `detail` completes the sentence that begins with the path, or is one of its own where there is no path.
    """

    verdict: Verdict
    path: str
    detail: str


class Note(NamedTuple):
    """Something to know about the verification itself: `name` is `clock`, `trust`, `first` or `sample`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying a place found. `release` is what the editors signed, not what the place serves.

    `files` and `bytes` were compared; `at` is the instant as of which freshness was judged.
    """

    place: str
    at: datetime
    found: tuple[Found, ...]
    notes: tuple[Note, ...] = ()
    release: VerifiedRelease | None = None
    files: int = 0
    bytes: int = 0
    verdicts: tuple[Verdict, ...] = field(init=False)

    def __post_init__(self) -> None:
        told = {one.verdict for one in self.found}
        if self.release and told <= {Verdict.STALE}:
            told.add(Verdict.AUTHENTIC)
        object.__setattr__(self, "verdicts", tuple(sorted(told, key=_GRAVITY.__getitem__, reverse=True)))

    @property
    def worst(self) -> Verdict:
        """The verdict that decides."""
        return self.verdicts[0]

    @property
    def exit_code(self) -> int:
        """That of the worst verdict."""
        return WORDS[self.worst].exit_code

    @property
    def is_authentic(self) -> bool:
        """True where everything that was looked at is the editors' own, however old."""
        return Verdict.AUTHENTIC in self.verdicts

    def of(self, verdict: Verdict) -> tuple[Found, ...]:
        """What a verdict rests on, by path."""
        return tuple(sorted(one for one in self.found if one.verdict is verdict))

    def as_record(self) -> dict[str, Any]:
        """The report as plain data, for `--json`."""
        release = self.release
        return {
            "place": self.place,
            "at": self.at.isoformat(),
            "verdict": str(self.worst),
            "verdicts": [str(verdict) for verdict in self.verdicts],
            "found": [one._asdict() for one in sorted(self.found)],
            "notes": [note._asdict() for note in self.notes],
            "files": self.files,
            "bytes": self.bytes,
            "release": release.as_record() if release else None,
        }


def shown(texts: Iterable[str] | str) -> str:
    """Names as they may be shown in a terminal: a stranger's name may hold codes that command it."""
    joined = texts if isinstance(texts, str) else ", ".join(texts)
    return "".join(c if unicodedata.category(c)[0] != "C" else ascii(c)[1:-1] for c in joined)
