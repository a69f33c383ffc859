"""From the verdicts of `tocsin.verify` to what is wrong with a mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.probing.bodies import look_closer
from tocsin.probing.faults import Fault, Found
from tocsin.probing.source import MirrorSource
from tocsin.probing.wire import SilenceError
from tocsin.serving.policy import GONE_MARK
from tocsin.signed.edition import File
from tocsin.signed.paths import RELEASE, TIMESTAMP
from tocsin.verify import verdicts
from tocsin.verify.verdicts import Report, Verdict

_INDEX = "index.html"
_GONE = 410
# So many files that differ are looked at more closely; the others are named only.
_MOST_CLOSER = 12
_SPARE = 1_000_000
_PLAIN = {
    Verdict.INCOMPLETE: Fault.INCOMPLETE,
    Verdict.PLANTED: Fault.PLANTED,
    Verdict.NOT_THIS_EDITION: Fault.OTHER_EDITION,
    Verdict.ROLLED_BACK: Fault.ROLLED_BACK,
    Verdict.UNKNOWN_SIGNER: Fault.UNKNOWN_SIGNER,
    Verdict.IN_TRANSIT: Fault.IN_TRANSIT,
    Verdict.ALTERED: Fault.ALTERED,
}


@dataclass(frozen=True, slots=True)
class Context:
    """What is known besides. `age` is for how long the newest release has been known here.

    `original` gives the bytes of a file of the release that the mirror serves, where they are at hand.
    """

    source: MirrorSource
    files: Mapping[str, File]
    languages: tuple[str, ...]
    age: timedelta
    grace: timedelta
    original: Callable[[str], bytes | None] = field(default=lambda path: None)


def judge(report: Report, context: Context) -> Iterator[Found]:
    """What a verification found, in the words of this room."""
    told = {one.path for one in context.source.found}
    answers_all = any(one.fault is Fault.ANSWERS_ALL for one in context.source.found)
    closer = 0
    for one in report.found:
        if one.path in told and one.verdict in {Verdict.INCOMPLETE, Verdict.ALTERED}:
            continue  # the source has said more of it
        if answers_all and one.verdict is Verdict.PLANTED:
            continue
        if one.verdict is Verdict.INCOMPLETE and _is_kept_back(one.path, context):
            continue
        if one.verdict is Verdict.STALE:
            yield _stale(report, one, context)
        elif one.verdict is Verdict.ALTERED and _file_of(one.path) in context.files and closer < _MOST_CLOSER:
            closer += 1
            yield _looked_at(one.path, one.detail, context)
        else:
            yield Found(_PLAIN[one.verdict], one.path, one.detail)
    for note in report.notes:
        if note.name == "clock" and "one of the two" in note.text:
            yield Found(Fault.CLOCKS_APART, "", note.text)


def _stale(report: Report, one: verdicts.Found, context: Context) -> Found:
    if one.path and one.path != TIMESTAMP:
        return Found(Fault.PARTLY_STALE, one.path, one.detail)
    if one.path == TIMESTAMP:
        fault = Fault.IN_TRANSIT if context.age <= context.grace else Fault.STALE
        return Found(fault, one.path, one.detail)
    expires = report.release.expires if report.release else None
    is_over = expires is not None and report.at >= expires
    is_over = is_over or not any(note.name == "clock" for note in report.notes)
    return Found(Fault.UNCONFIRMED if is_over else Fault.OWN_CLOCK, "", one.detail)


def _file_of(path: str) -> str:
    return f"{path}{_INDEX}" if path.endswith("/") or not path else path


def _is_kept_back(path: str, context: Context) -> bool:
    """Servers rightly answer 410 for what is marked as withdrawn, keep files for servers to themselves, and
    send readers from a page's file to its folder."""
    seen = context.source.seen.get(path)
    if seen and seen.status == _GONE and f"{_file_of(path)}{GONE_MARK}" in context.files:
        return True
    if path in context.source.folded:
        return True
    return any(part.startswith(".") and part != ".well-known" for part in path.split("/"))


def _looked_at(path: str, detail: str, context: Context) -> Found:
    file = _file_of(path)
    most = max(context.files[file].size * 2, 1) + _SPARE
    try:
        answer = context.source.wire.ask(path, most, {"Cache-Control": "no-cache"})
    except SilenceError:
        return Found(Fault.ALTERED, path, detail)
    if answer.is_cut:
        return Found(Fault.ENDLESS, path, f"goes on after {most:,} bytes")
    if answer.headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
        return Found(Fault.REWRITTEN, path, "is sent packed to those who asked for it as it is")
    original = None if file.startswith(f"{RELEASE}/") else context.original(file)
    fault, said = look_closer(file, answer.body, context.files, original, context.languages)
    return Found(fault, path, detail if fault is Fault.ALTERED else said)


def gathered(found: Iterable[Found]) -> tuple[Found, ...]:
    """Every fact once; sorted by fault and path."""
    return tuple(sorted(set(found), key=lambda one: (list(Fault).index(one.fault), one.path, one.detail)))
