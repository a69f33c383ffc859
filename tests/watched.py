"""A mirror on this machine that tells lies, and how it is looked at: releases of the simulator, real HTTP."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.simulator import HERE, NOW, Mirror, Office, Tree, pages, serving
from tocsin.probing.faults import Fault
from tocsin.probing.probe import Depth, Manner, Outcome, Subject, probe
from tocsin.probing.wire import Way
from tocsin.serving.media_types import media_type
from tocsin.serving.policy import Policy
from tocsin.signed.edition import About, Edition, File
from tocsin.signed.paths import EDITION_FILE, TIMESTAMP
from tocsin.verify.ages import Witness
from tocsin.verify.verifying import Trust

POLICY = Policy(languages=("en", "fr", "ar"))
ADDRESSES = "release/mirrors.json"
HEADERS = json.dumps(POLICY.as_record()).encode()
AT = NOW + timedelta(hours=3)
Headers = dict[str, str]


def site(count: int = 1, **more: bytes) -> Tree:
    """The files of a little site, as the editors' program makes them: pages that browsers would show."""
    tree = pages(count) | {"release/headers.json": HEADERS, ADDRESSES: b'{"mirrors":[]}\n'} | more
    page = b"<!doctype html>\n<html lang='en'><head><title>%s</title></head>\n<body>%s</body></html>\n"
    return {
        path: page % (path.encode(), data) if path.endswith(".html") else data for path, data in tree.items()
    }


def edition(tree: Tree) -> Edition:
    """A tree as those know it who made it."""
    files = {path: File(hashlib.sha256(data).hexdigest(), len(data)) for path, data in tree.items()}
    return Edition(About.from_json(tree[EDITION_FILE]), files, tree.__getitem__)


def sent(path: str, status: int = 200) -> Headers:
    """The headers of an honest server."""
    file = f"{path}index.html" if path.endswith("/") or not path else path
    return {**POLICY.headers(file, status, secure=False), "Content-Type": media_type(file)}


Lie = Callable[[BaseHTTPRequestHandler, str, Headers], "tuple[int, bytes] | bool | None"]


@dataclass
class Watched:
    """A mirror, the office that makes its releases, and what is known of it. `lie` may answer instead.

    A lie returns what to answer, True where it has answered itself, None to be honest this time; it may
    change the headers either way.
    """

    mirror: Mirror
    office: Office
    state: Path
    lie: Lie = field(default=lambda handler, path, headers: None)
    known: list[Edition] = field(default_factory=list)
    way: Way = field(default_factory=lambda: Way(patience=5))
    clock: datetime = AT  # of the server: it follows that of whoever looks, unless it is set apart
    is_apart: bool = False

    @property
    def tree(self) -> Tree:
        return self.mirror.tree

    def release(self, common: Tree, number: str, **more: object) -> Tree:
        """Make a release that the editors know of, and put it on the mirror."""
        self.mirror.tree = self.office.release(common, number, **more)[HERE]  # type: ignore[arg-type]
        self.known.insert(0, edition(self.mirror.tree))
        self.mirror.tree = dict(self.mirror.tree)
        return self.mirror.tree

    def look(
        self,
        depth: Depth = Depth.FULL,
        *,
        at: datetime = AT,
        is_listed: bool = True,
        home: str = "",
        trust: Trust | None = None,
    ) -> Outcome:
        address = self.mirror.address
        self.clock = self.clock if self.is_apart else at
        version = json.loads(self.known[0].read(TIMESTAMP))["signed"]["version"] if self.known else 0
        subject = Subject("oslo", address, home or address, is_listed, self.known, version, self.way)
        trust = trust or Trust(self.office.roots[1])
        return probe(subject, trust, Manner(at, depth, state=self.state))

    def trust_newest(self) -> Trust:
        """What editors begin with, whose checkout has the metadata of the newest release."""
        newest = self.known[0]
        snapshot = next(path for path in newest.files if path.endswith(".snapshot.json"))
        witness = Witness("the checkout", newest.read(TIMESTAMP), newest.read(snapshot))
        return Trust(self.office.roots[1], (witness,))

    def faults(self, depth: Depth = Depth.FULL, **more: object) -> set[Fault]:
        return {one.fault for one in self.look(depth, **more).found}  # type: ignore[arg-type]


@contextmanager
def watched(state: Path) -> Iterator[Watched]:
    """A mirror that serves the first release, honestly."""
    with serving({}) as mirror:
        own = Watched(mirror, Office(addresses={HERE: mirror.address}), state)

        def hook(handler: BaseHTTPRequestHandler, path: str) -> bool:
            headers = {"Date": format_datetime(own.clock, usegmt=True), **sent(path)}
            told = own.lie(handler, path, headers)
            if told is True:
                return True
            data = mirror.tree.get(f"{path}index.html" if path.endswith("/") or not path else path)
            honest = (404, b"not here") if data is None else (200, data)
            reply(handler, *(told or honest), headers)
            return True

        mirror.hook = hook
        own.release(site(), "2026.11.21.1")
        yield own


def reply(handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: Mapping[str, str]) -> None:
    """A whole answer."""
    handler.send_response_only(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)
