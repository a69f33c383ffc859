"""What answers say of themselves, against the policy that the editors signed (`release/headers.json`)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.probing.faults import Fault, Found
from tocsin.probing.source import Seen
from tocsin.serving.media_types import media_type
from tocsin.serving.policy import CACHE, CONTENT, ONION, TRANSPORT
from tocsin.signed.paths import RELEASE

HEADERS_FILE = f"{RELEASE}/headers.json"
# What makes browsers load, report or remember something that no page asks for.
_UNWANTED = (
    "link",
    "refresh",
    "report-to",
    "reporting-endpoints",
    "nel",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "service-worker-allowed",
    "sourcemap",
    "content-security-policy-report-only",
)
# Hosts of pages that send no headers of ours send this one for all: what is public may be read by all.
_OPEN = "access-control-allow-origin"
_COOKIE = "set-cookie"
# Names that mean the same to browsers (IANA, RFC 9239, RFC 2046).
_SAME = {
    "application/javascript": "text/javascript",
    "application/x-javascript": "text/javascript",
    "text/xml": "application/xml",
    "image/x-icon": "image/vnd.microsoft.icon",
}
_PAGES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})
_AGE = re.compile(r"max-age=(\d+)")
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Expected:
    """The signed policy: headers of all answers, of areas by path, and over https."""

    base: Mapping[str, str]
    areas: Mapping[str, Mapping[str, str]]
    secure: Mapping[str, str]

    @classmethod
    def from_json(cls, data: bytes) -> Expected:
        """Raise `ValueError` for what is not such a file."""
        record = json.loads(data)
        try:
            return cls(record["base"], record["areas"], record["secure"])
        except (KeyError, TypeError):
            raise ValueError("is not of the form of headers.json") from None

    def of(self, path: str, *, is_secure: bool) -> dict[str, str]:
        """What is expected of the answer with a file."""
        found = dict(self.base)
        file = f"{path}index.html" if path.endswith("/") or not path else path
        for area, own in self.areas.items():
            if file.startswith(area) if area.endswith("/") else file == area:
                found |= own
        if is_secure:
            found |= {name: value for name, value in self.secure.items() if name != ONION}
        return found


def judge_headers(
    seen: Mapping[str, Seen], expected: Expected, *, is_secure: bool, keeps_some: bool
) -> Iterator[Found]:
    """What is lost, weakened and added, one fact for each header.

    `keeps_some` is false for hosts that send none of ours and never did: there nothing is lost.
    """
    good = {path: one for path, one in seen.items() if one.status == 200}
    gathered: dict[tuple[Fault, str], list[str]] = defaultdict(list)
    for path, one in sorted(good.items()):
        for fault, detail in _of_one(path, one, expected, is_secure=is_secure, keeps_some=keeps_some):
            gathered[fault, detail].append(path)
    for (fault, detail), paths in sorted(gathered.items()):
        yield Found(fault, "", f"{detail} ({_places(paths, len(good))}).")


def _of_one(
    path: str, seen: Seen, expected: Expected, *, is_secure: bool, keeps_some: bool
) -> Iterator[tuple[Fault, str]]:
    wanted = expected.of(path, is_secure=is_secure)
    for name, value in wanted.items() if keeps_some else ():
        is_there = seen.headers.get(name.lower())
        if is_there is None:
            yield Fault.HEADERS_LOST, f"{name} is not sent"
        elif not keeps(name, is_there, value):
            yield Fault.HEADERS_WEAKENED, f"{name} says '{_short(is_there)}'"
    ours = {name.lower() for name in wanted}
    for name in _UNWANTED:
        if name in seen.headers and name not in ours and not (name == _OPEN and not keeps_some):
            yield Fault.HEADERS_ADDED, f"{name.title()} says '{_short(seen.headers[name])}'"
    if _COOKIE in seen.headers:
        yield Fault.COOKIES, f"A cookie named {_short(seen.headers[_COOKIE].partition('=')[0])} is set"
    if fault := _type_fault(path, seen.headers.get("content-type", "")):
        yield Fault.OTHER_TYPE, fault


def _type_fault(path: str, told: str) -> str | None:
    """Types that make browsers do something else than with the right one.

    A page as anything else is not shown; anything else as a page may run. Text is text, data are data.
    """
    file = f"{path}index.html" if path.endswith("/") or not path else path
    ending = file.rpartition(".")[2]
    wanted, is_told = _plain(media_type(file)), _plain(told)
    is_harmless = (is_told in _PAGES) == (wanted in _PAGES)
    if wanted == is_told or (is_harmless and ending not in {"css", "js", "wasm"}):
        return None
    return f"Files in .{ending} are sent as '{_short(told) or 'nothing'}'"


def _plain(kind: str) -> str:
    name = kind.partition(";")[0].strip().lower()
    return _SAME.get(name, name)


def keeps(name: str, told: str, wanted: str) -> bool:
    """True where a header protects at least as well as it should."""
    if told.strip().lower() == wanted.strip().lower():
        return True
    if name == CONTENT:
        return _is_as_strict(told, wanted)
    if name == TRANSPORT:
        return _seconds(told) >= _seconds(wanted)
    if name == CACHE:
        return _asks_again(told) or (not _asks_again(wanted) and _seconds(told) <= _seconds(wanted))
    return False


def _is_as_strict(told: str, wanted: str) -> bool:
    """Of several policies that are sent together each only forbids more (CSP, 4.1)."""
    return any(_is_one_as_strict(one, wanted) for one in told.split(","))


def _is_one_as_strict(told: str, wanted: str) -> bool:
    have, need = _directives(told), _directives(wanted)
    fallback = have.get("default-src")
    for name, sources in need.items():
        own = have.get(name, fallback if name.endswith("-src") else None)
        if own is None or not own - {"'none'"} <= sources:
            return False
    # What the editors leave to the default must not be opened by a directive of its own.
    extra = [own for name, own in have.items() if name not in need and name.endswith("-src")]
    return all(own - {"'none'"} <= need.get("default-src", own) for own in extra)


def _directives(policy: str) -> dict[str, set[str]]:
    parts = [part.split() for part in policy.lower().split(";")]
    found: dict[str, set[str]] = {}
    for part in parts:
        if part:
            found.setdefault(part[0], set(part[1:]))  # of two, browsers obey the first
    return found


def _seconds(value: str) -> int:
    found = _AGE.search(value.lower())
    return int(found[1]) if found else 0


def _asks_again(value: str) -> bool:
    told = {part.strip() for part in value.lower().split(",")}
    return bool(told & {"no-cache", "no-store"}) or {"max-age=0", "must-revalidate"} <= told


def keeps_any(seen: Mapping[str, Seen], expected: Expected) -> bool:
    """True where a host sends any of the headers by which ours are known.

    Some of the policy's are sent by hosts of their own accord, so those alone prove nothing.
    """
    telling = {CONTENT.lower(), "permissions-policy", "cross-origin-embedder-policy", "referrer-policy"}
    ours = {name.lower() for name in expected.base}
    return any(telling & ours & one.headers.keys() for one in seen.values())


def _places(paths: list[str], count: int) -> str:
    if len(paths) == count and count > 1:
        return f"all {count} files that were looked at"
    named = ", ".join(path or "the home page" for path in paths[:_MOST_NAMED])
    return named + (f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else "")


def _short(value: str) -> str:
    return value if len(value) <= 100 else f"{value[:100]} …"
