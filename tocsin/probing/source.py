"""A mirror as a source of files for `tocsin.verify`, which notes what answers say besides their bytes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from tocsin.errors import UnreadableError
from tocsin.probing.faults import Fault, Found
from tocsin.probing.wire import SilenceError, Wire, certificate_of, told
from tocsin.verify.web import WebSource

_DRAWN = re.compile(r"[0-9a-f]{24}\.html")
_ABSENT = (404, 410)
# No verifier looks at a clock or a cache by itself; one that is asked anew each time has no old answers.
_FRESH = {"Cache-Control": "no-cache"}


class Seen(NamedTuple):
    """What an answer said of itself."""

    status: int
    headers: Mapping[str, str]


class MirrorSource(WebSource):
    """What a mirror serves. `home` is the address that its edition was made for.

    `seen` are answers by path; `found` what answers showed that `verify` has no word for; `folded` are pages
    that are given out by the name of their folder alone.
    """

    def __init__(self, wire: Wire, home: str, place: str) -> None:
        super().__init__(wire.base, workers=wire.way.workers)
        self.wire = wire
        self.address = home
        self.place = place
        self.seen: dict[str, Seen] = {}
        self.found: list[Found] = []
        self.folded: set[str] = set()
        self.certificate = b""

    def chunks(self, path: str, most: int) -> Iterator[bytes]:
        try:
            with self.wire.asking(path, _FRESH) as answer:
                self._note_clock(answer.headers.get("Date", ""))
                headers = told(answer)
                self.seen[path] = Seen(answer.status_code, headers)
                self.certificate = self.certificate or certificate_of(answer)
                self._check_status(path, answer.status_code, headers)
                yield from self.wire.pieces(answer, most)
        except SilenceError as error:
            self.found.append(Found(error.fault, path, str(error)))
            raise UnreadableError(str(error), is_silence=True) from None

    def strays(self, files: Container[str]) -> Iterator[tuple[str, str]]:
        for path, detail in super().strays(files):
            if _DRAWN.fullmatch(path):
                self.found.append(Found(Fault.ANSWERS_ALL, "", f"A path drawn at random {detail}."))
            yield path, detail

    def _answers(self, path: str) -> str | None:
        try:
            with self.wire.asking(path, _FRESH) as answer:
                if 200 <= answer.status_code < 300:
                    return "is given out and is not part of the release"
                return "leads elsewhere" if 300 <= answer.status_code < 400 else None
        except SilenceError:
            return None

    def _check_status(self, path: str, status: int, headers: Mapping[str, str]) -> None:
        if status == 200:
            return
        if _leads_to_its_folder(self.wire.base, path, status, headers):
            self.folded.add(path)
            raise UnreadableError("leads to its folder")
        found = fault_of_status(self.wire.base, path, status, headers)
        if found:
            self.found.append(found)
            raise UnreadableError(found.detail)
        raise UnreadableError("is not there" if status in _ABSENT else f"is answered with status {status}")


def _leads_to_its_folder(base: str, path: str, status: int, headers: Mapping[str, str]) -> bool:
    """Some servers know a page by its folder alone, and the page for what is not there without its ending."""
    if not 300 <= status < 400:
        return False
    here = base + quote(path)
    other = here.removesuffix("index.html") if path.endswith("index.html") else f"{base}404"
    is_page = path.endswith("index.html") or path == "404.html"
    return is_page and urljoin(here, headers.get("location", "")) == other


def fault_of_status(base: str, path: str, status: int, headers: Mapping[str, str]) -> Found | None:
    """What a status says beyond that there is no file; None for 200, and for what is just not there."""
    if 300 <= status < 400:
        location = headers.get("location", "")
        there = urlsplit(urljoin(base + path, location))
        here = urlsplit(base)
        shown = location[:200] or "nowhere"
        if here.scheme == "https" and there.scheme == "http":
            return Found(Fault.LEADS_TO_HTTP, path, f"leads to {shown}")
        return Found(Fault.LEADS_ELSEWHERE, path, f"leads to {shown}")
    if status == 451:
        return Found(Fault.LEGALLY_BLOCKED, path, "is refused with status 451")
    if 400 <= status < 500 and status not in _ABSENT:
        return Found(Fault.REFUSED, path, f"is refused with status {status}")
    if status >= 500:
        return Found(Fault.NO_ANSWER, path, f"is answered with status {status}")
    return None
