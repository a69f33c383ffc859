"""One look at one mirror: quick, full or deep."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from tocsin.errors import UnreadableError, VerifyError
from tocsin.probing.certificates import Certificate, judge_certificate, read_certificate
from tocsin.probing.deep import look_deep
from tocsin.probing.disguises import Question, ask_in_disguise
from tocsin.probing.faults import WORDS, Fault, Found, State, state_of
from tocsin.probing.gone import digests_before, look_for_gone, to_look_for
from tocsin.probing.headers import HEADERS_FILE, Expected, judge_headers, keeps_any
from tocsin.probing.judging import Context, gathered, judge
from tocsin.probing.memory import Remembered, recall, remember
from tocsin.probing.protections import Kept, protections
from tocsin.probing.source import MirrorSource, fault_of_status
from tocsin.probing.wire import SilenceError, Way, Wire, reach
from tocsin.reporting import BufferReporter
from tocsin.serving.policy import GONE_MARK
from tocsin.signed.edition import Edition, File, number_of
from tocsin.signed.paths import EDITION_FILE
from tocsin.verify.memory import MemoryFolder
from tocsin.verify.release import VerifiedRelease
from tocsin.verify.sources import read
from tocsin.verify.verdicts import Report
from tocsin.verify.verifying import GRACE, MOST_ABOUT, Options, Trust, verify

TRUST = "trust"
# Of a server that keeps so many questions waiting no more is asked.
_MOST_SILENCES = 10
_SILENT = {Fault.DRIPS, Fault.NO_ANSWER, Fault.NO_CONNECTION}
# Another machine signs the timestamp of a release again day by day; this many times nobody does.
_MOST_AHEAD = 1000


class Depth(StrEnum):
    """How closely to look."""

    QUICK = "quick"
    FULL = "full"
    DEEP = "deep"


# How many files are drawn, how many are asked for in disguise, how many that should be gone are looked for.
_FILES = {Depth.QUICK: 20, Depth.FULL: None, Depth.DEEP: None}
_DISGUISED = {Depth.QUICK: 2, Depth.FULL: 4, Depth.DEEP: 8}
_GONE = {Depth.QUICK: 40, Depth.FULL: None, Depth.DEEP: None}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at: a mirror of the list, or an address that somebody gave.

    `home` is the address that its edition was made for, another one than `address` for onion services.
    `known` are editions for that address, the newest first: the newest release, and earlier ones;
    `timestamp` is the version of its timestamp.
    """

    name: str
    address: str
    home: str
    is_listed: bool = True
    known: Sequence[Edition] = ()
    timestamp: int = 0
    way: Way = field(default_factory=Way)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to look. `state` is the folder of what is remembered of this mirror, None to remember nothing."""

    at: datetime
    depth: Depth = Depth.QUICK
    grace: timedelta = GRACE
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found. `release` is what the mirror was verified to serve, "" where nothing was."""

    name: str
    address: str
    at: datetime
    depth: Depth
    found: tuple[Found, ...]
    release: str = ""
    files: int = 0
    bytes: int = 0
    kept: tuple[Kept, ...] = ()
    certificate: Certificate | None = None
    is_listed: bool = True

    @property
    def state(self) -> State:
        """What the mirror is to readers."""
        return state_of([one.fault for one in self.found])

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found, the gravest first, each once."""
        told = dict.fromkeys(one.fault for one in self.found)
        return tuple(sorted(told, key=lambda fault: -WORDS[fault].state))


def probe(subject: Subject, trust: Trust, manner: Manner) -> Outcome:
    """Look at a mirror. Whatever a server does becomes a fault; nothing of it is raised."""
    past = recall(manner.state) if manner.state else Remembered()
    if past.away_since and manner.depth is Depth.QUICK:
        manner = replace(manner, depth=Depth.FULL)
    look = _Look(subject, trust, manner, past)
    try:
        reach(subject.address, subject.way)
        look.run()
    except SilenceError as error:
        look.found.append(Found(error.fault, "", _sentence(str(error))))
    finally:
        look.wire.close()
    if not subject.is_listed:
        look.found.append(Found(Fault.NOT_LISTED, "", "The address is in no list of mirrors."))
    return look.outcome()


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"The server {text}."


class _Look:
    """One look under way."""

    def __init__(self, subject: Subject, trust: Trust, manner: Manner, past: Remembered) -> None:
        self.subject, self.trust, self.manner, self.past = subject, trust, manner, past
        self.wire = Wire(subject.address, subject.way)
        self.source = MirrorSource(self.wire, subject.home, subject.name)
        self.found: list[Found] = []
        self.report: Report | None = None
        self.kept: tuple[Kept, ...] = ()
        self.keeps_some = past.kept
        self.newest = subject.known[0].about.release if subject.known else ""
        is_known = past.release == self.newest and past.since
        self.since = past.since if is_known else manner.at.isoformat()

    @property
    def age(self) -> timedelta:
        """For how long the newest release has been known here; long where there is none."""
        if not self.newest:
            return timedelta.max
        return max(self.manner.at - datetime.fromisoformat(self.since), timedelta())

    def run(self) -> None:
        """Everything, in the order in which one thing makes sense after the other."""
        if not self._pointed():
            return
        self._seed()
        options = Options(
            at=self.manner.at,
            memory=self.manner.state / TRUST if self.manner.state else None,
            sample=_FILES[self.manner.depth],
            grace=self.manner.grace,
        )
        try:
            report = self.report = verify(self.source, self.trust, options, BufferReporter())
        except VerifyError as error:
            self.found += self.source.found or [Found(Fault.NO_ANSWER, "", f"{error}.")]
            return
        self.found += judge(report, self._context(report))
        self.found += self.source.found
        if report.release:
            self.found += self._ahead(report.release)
            self.found += self._more()

    def _pointed(self) -> bool:
        """False where the first file shows that no other has to be asked for."""
        answer = self.wire.ask(EDITION_FILE, MOST_ABOUT)
        self.source.certificate = answer.certificate
        found = fault_of_status(self.wire.base, EDITION_FILE, answer.status, answer.headers)
        if found is None and answer.status == 200 and answer.body.lstrip()[:1] == b"<":
            found = Found(Fault.BLOCK_PAGE, EDITION_FILE, "is a page, and none of ours")
        if found:
            self.found.append(found)
        return found is None

    def _seed(self) -> None:
        """Give `verify` what is known here of the releases beside the newest (F24)."""
        if self.manner.state is None or not self.subject.known:
            return
        about = self.subject.known[0].about
        folder = MemoryFolder(self.manner.state / TRUST, about.site)
        held = {number for number, _ in folder.lists(about.edition)}
        wanted = [one for one in self.subject.known[:2] if one.about.release not in held]
        for edition in reversed(wanted):
            folder.keep_list(about.edition, edition.about.release, edition.files)

    def _context(self, report: Report) -> Context:
        release = report.release
        about = release.about if release else None
        own = next((one for one in self.subject.known if about and one.about.release == about.release), None)

        def original(path: str) -> bytes | None:
            try:
                return own.read(path) if own else None
            except (OSError, KeyError):
                return None

        files = release.files if release else own.files if own else {}
        languages = about.languages if about else ()
        return Context(self.source, files, languages, self.age, self.manner.grace, original)

    def _ahead(self, release: VerifiedRelease) -> Iterator[Found]:
        """Newer than the newest that is known: a release, or metadata that only the online key signs."""
        number = release.about.release
        if not self.newest:
            return
        if number_of(number) > number_of(self.newest):
            detail = f"It serves release {number}; the newest that is known here is {self.newest}."
            yield Found(Fault.AHEAD, "", detail)
        elif (ahead := release.versions["timestamp"] - self.subject.timestamp) > _MOST_AHEAD:
            detail = (
                f"Its metadata is {ahead:,} versions further than what is known here, for the same release."
            )
            yield Found(Fault.AHEAD, "", detail)

    def _more(self) -> Iterator[Found]:
        """What is looked at where the release is a release, and somebody answers most of the time."""
        if sum(one.fault in _SILENT for one in self.source.found) >= _MOST_SILENCES:
            return
        depth, known = self.manner.depth, self.subject.known
        yield from ask_in_disguise(self.wire, list(self._questions()))
        yield from self._headers()
        paths = to_look_for(known, _GONE[depth])
        if paths:
            yield from look_for_gone(self.wire, paths, known, self.age, self.manner.grace)
        if depth is Depth.DEEP and self.report and self.report.release:
            yield from look_deep(self.wire, self.report.release.files)

    def _questions(self) -> Iterator[Question]:
        """The home page, a feed, and pages drawn at random, but for those that are known to be wrong."""
        release = self.report.release if self.report else None
        if release is None:
            return
        files = release.files
        wrong = {one.path for one in self.found}
        before = digests_before(self.subject.known)
        good = [
            path
            for path in sorted(files)
            if path not in wrong and path.removesuffix("index.html") not in wrong
        ]
        good = [path for path in good if f"{path}{GONE_MARK}" not in files and not path.startswith(".")]
        pages = [path for path in good if path.endswith("index.html")]
        feeds = [path for path in good if path.endswith((".atom", ".rss"))]
        count = _DISGUISED[self.manner.depth]
        drawn = random.SystemRandom().sample(pages, min(count, len(pages)))
        for path in dict.fromkeys([*[one for one in pages if one == "index.html"], *feeds[:1], *drawn]):
            name = path.removesuffix("index.html") if path.endswith("index.html") else path
            yield Question(name, files[path], before.get(path, {}))

    def _headers(self) -> Iterator[Found]:
        expected = self._expected()
        if expected is None:
            return
        address, seen = self.subject.address, self.source.seen
        self.keeps_some = self.keeps_some or keeps_any(seen, expected)
        is_secure = address.startswith("https://")
        self.kept = protections(seen, expected, address=address)
        yield from judge_headers(seen, expected, is_secure=is_secure, keeps_some=self.keeps_some)

    def _expected(self) -> Expected | None:
        """The signed policy, as the mirror has it."""
        release = self.report.release if self.report else None
        file = release.files.get(HEADERS_FILE) if release else None
        if file is None:
            return None
        try:
            data = read(self.source, HEADERS_FILE, file.size)
            return Expected.from_json(data) if File.of(data) == file else None
        except (UnreadableError, ValueError):
            return None

    def outcome(self) -> Outcome:
        """The end of it; what is to be remembered is written."""
        report = self.report
        release = report.release if report else None
        certificate = read_certificate(self.source.certificate)
        if certificate:
            self.found += judge_certificate(certificate, self.past.issuer, self.manner.at)
        is_away = state_of([one.fault for one in self.found]) == State.AWAY
        if self.past.away_since and not is_away:
            detail = f"It was away from {self.past.away_since[:10]} on, and answers again."
            self.found.append(Found(Fault.RETURNED, "", detail))
        if self.manner.state:
            away = (self.past.away_since or self.manner.at.isoformat()) if is_away else ""
            issuer = certificate.issuer if certificate else self.past.issuer
            known = Remembered(issuer, self.keeps_some, away, self.newest, self.since if self.newest else "")
            remember(self.manner.state, known)
        return Outcome(
            self.subject.name,
            self.subject.address,
            self.manner.at,
            self.manner.depth,
            gathered(self.found),
            release.about.release if release else "",
            report.files if report else 0,
            report.bytes if report else 0,
            self.kept,
            certificate,
            self.subject.is_listed,
        )
