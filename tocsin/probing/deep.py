"""Looking for what nobody is led to: folders that list themselves, names that copies and intruders leave.

Pages of the release lead to the release, since they are what was signed. So only what is not of it is
searched for links: listings, planted pages, the page for what is not there.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urljoin, urlsplit

from tocsin.probing.faults import Fault, Found
from tocsin.probing.wire import SilenceError, Wire
from tocsin.signed.edition import File

_LINK = re.compile(rb"""(?:href|src|action)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_LEFT = ("index.php", "index.htm", "index.html~", "index.html.bak", ".DS_Store", "Thumbs.db", ".git/HEAD")
_LEFT_AT_TOP = (
    "backup.zip",
    "site.zip",
    "backup.tar.gz",
    "dump.sql",
    "upload.php",
    "uploads/",
    "cgi-bin/",
    "server-status",
    ".svn/entries",
    ".htpasswd",
    "wp-content/",
    "ads.txt",
    "analytics.js",
    "service-worker.js",
)
_MOST_READ = 1_000_000
_MOST_ASKED = 2000


def look_deep(wire: Wire, files: Mapping[str, File]) -> Iterator[Found]:
    """What is given out and not part of the release, and folders that list what is in them."""
    search = _Search(wire, files)
    folders = {""} | {f"{path[:at]}/" for path in files for at in _slashes(path)}
    for folder in sorted(folders):
        if f"{folder}index.html" not in files:
            yield from search.folder(folder)
        yield from search.names(f"{folder}{name}" for name in _LEFT)
    yield from search.names(_LEFT_AT_TOP)
    yield from search.not_there()
    yield from search.rest()


def _slashes(path: str) -> Iterator[int]:
    return (at for at, letter in enumerate(path) if letter == "/")


class _Search:
    """One search: what is still to be asked for, and what was."""

    def __init__(self, wire: Wire, files: Mapping[str, File]) -> None:
        self.wire, self.files = wire, files
        self.asked: set[str] = set()
        self.waiting: deque[str] = deque()

    def folder(self, folder: str) -> Iterator[Found]:
        """A folder without a page of its own."""
        body = self._ask(folder)
        if body is None:
            return
        is_listing = any(path.startswith(folder) for path in self._led_to(folder, body) if path in self.files)
        if is_listing:
            yield Found(Fault.LISTS_FOLDERS, folder, "is listed")
        else:
            yield Found(Fault.PLANTED, folder, "is given out and is not part of the release")

    def names(self, names: Iterator[str] | tuple[str, ...]) -> Iterator[Found]:
        """Paths that no release has."""
        for path in names:
            if path in self.files or path in self.asked:
                continue
            body = self._ask(path)
            if body is not None:
                self._led_to(path, body)
                yield Found(Fault.PLANTED, path, "is given out and is not part of the release")

    def not_there(self) -> Iterator[Found]:
        """Links of the page for what is not there, where that is not ours."""
        path = f"{secrets.token_hex(12)}/"
        try:
            answer = self.wire.ask(path, _MOST_READ)
        except SilenceError:
            return
        self._led_to(path, answer.body)
        yield from ()

    def rest(self) -> Iterator[Found]:
        """Whatever all this led to."""
        while self.waiting and len(self.asked) < _MOST_ASKED:
            yield from self.names((self.waiting.popleft(),))

    def _ask(self, path: str) -> bytes | None:
        """What is given out there; None for a refusal."""
        if len(self.asked) >= _MOST_ASKED:
            return None
        self.asked.add(path)
        try:
            answer = self.wire.ask(path, _MOST_READ)
        except SilenceError:
            return None
        return answer.body if 200 <= answer.status < 300 else None

    def _led_to(self, path: str, body: bytes) -> list[str]:
        """Paths of this server that something leads to; what is not ours is looked at later."""
        found = []
        base = urlsplit(self.wire.base)
        for link in _LINK.findall(body):
            there = urlsplit(urljoin(self.wire.base + path, link.decode("utf-8", "replace")))
            if there.netloc != base.netloc or not there.path.startswith(base.path):
                continue
            name = unquote(there.path.removeprefix(base.path))
            found.append(name)
            is_ours = name in self.files or f"{name}index.html" in self.files
            is_folder_of_ours = name.endswith("/") and any(one.startswith(name) for one in self.files)
            if name and not is_ours and not is_folder_of_ours and name not in self.asked:
                self.waiting.append(name)
        return found
