"""A release proves itself before it is the newest: by the same judgement that strangers will pass on it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from tocsin import forks
from tocsin.errors import ReleaseError, UnreadableError
from tocsin.release.manifest import Manifest
from tocsin.reporting import Reporter, SilentReporter
from tocsin.signed.edition import Edition
from tocsin.verify.sources import measure
from tocsin.verify.verdicts import Report, Verdict
from tocsin.verify.verifying import Options, Trust, verify


class EditionSource:
    """An edition as a place to verify: what is read is what would be published."""

    workers = 1

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.place = f"edition {edition.about.edition}"
        self.address = edition.about.address

    def chunks(self, path: str, most: int) -> Iterator[bytes]:
        if path not in self.edition.files:
            raise UnreadableError("is not there")
        try:
            yield self.edition.read(path)
        except OSError as error:
            raise UnreadableError(str(error), is_absent=False) from None

    def other_names(self, path: str) -> tuple[str, ...]:
        return ()

    def strays(self, files: Container[str]) -> Iterator[tuple[str, str]]:
        for path in self.edition.files:
            if path not in files:
                yield path, "is not part of the release"


def prove(
    editions: Mapping[str, Edition],
    roots: Mapping[str, bytes],
    past: Manifest | None,
    now: datetime,
    reporter: Reporter,
) -> None:
    """Verify every edition: all metadata and lists, and each file that `past` did not have.

    `roots` are those of the metadata by name: trust begins with the first. Raises `ReleaseError` where an
    edition is not what it has to be; then nothing was released.
    """
    trust = Trust(roots["1.root.json"])

    def one(name: str) -> str:
        source = EditionSource(editions[name])
        report = verify(source, trust, Options(at=now, sample=0), SilentReporter())
        if report.release is None or report.worst is not Verdict.AUTHENTIC:
            return f"edition {name} does not verify: {_first(report)}; nothing was released"
        return _measure(source, past.own.get(name, {}) if past else {}, past)

    workers, done = forks.processors(), 0
    # What all editions share is accepted once in each process.
    shares = [share for number in range(workers) if (share := sorted(editions)[number::workers])]
    for number, faults in forks.run(lambda share: [one(name) for name in share], shares, workers):
        if fault := next(filter(None, faults), ""):
            raise ReleaseError(fault)
        done += len(shares[number])
        reporter.progress("editions verified", done, len(editions))


def _measure(source: EditionSource, own: Mapping[str, object], past: Manifest | None) -> str:
    """Read what is new in an edition; what is wrong with it, "" where each file is what the lists say."""
    common = past.content.common if past else {}
    for path, file in source.edition.files.items():
        if file not in (own.get(path), common.get(path)) and measure(source, path, file.size) != file:
            return (
                f"{path} of {source.place} is not what was signed; nothing was released. Run 'release' "
                "again; if that does not help, delete releases/store/, which is then made anew"
            )
    return ""


def _first(report: Report) -> str:
    found = [one for one in report.found if one.verdict is not Verdict.AUTHENTIC]
    return " ".join(filter(None, (found[0].path, found[0].detail))) if found else "no release is there"
