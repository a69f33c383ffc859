"""Small editions to publish, and mirrors to publish them to: releases without keys, of chosen files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from tocsin.mirrors.configured import Mirror, Reached
from tocsin.mirrors.looking import Verdict
from tocsin.mirrors.publishing import Manner
from tocsin.model.mirrors import PlaceKind, Settings
from tocsin.signed.edition import OFFLINE, About, Edition, File
from tocsin.signed.paths import EDITION_FILE, MINISIG, SSHSIG, SUMS, TIMESTAMP
from tocsin.signed.sums import write_sums

ID = "abcdefghij"
# Nobody serves there: port 9 throws away what it is told, where it is open at all.
ADDRESS = "http://127.0.0.1:9/"


def picture(text: str) -> str:
    """The path of a picture, named after what it shows, as those of the site are."""
    return f"i/{hashlib.sha256(text.encode()).hexdigest()[:12]}.webp"


def page(text: str, *pictures: str) -> bytes:
    """A page that shows pictures."""
    shown = "".join(f'<img src="/{path}" alt="">' for path in pictures)
    return f"<!doctype html><title>{text}</title><p>{text}</p>{shown}".encode()


def edition_of(
    files: Mapping[str, bytes], count: int = 1, *, edition: str = ID, address: str = ADDRESS
) -> Edition:
    """An edition of these files, with lists and metadata like those of a release, but not signed."""
    about = About(
        site="site.example",
        edition=edition,
        address=address,
        release=f"2026.06.15.{count}",
        as_of="2026-06-15T12:00:00Z",
        date="2026-06-15",
        expires="2026-09-13",
        languages=("en",),
    )
    made = dict(files) | {EDITION_FILE: about.as_json()}
    sums = write_sums({path: hashlib.sha256(data).hexdigest() for path, data in made.items()})
    made |= {SUMS: sums, MINISIG: b"minisig of " + sums[:64], SSHSIG: b"sshsig of " + sums[:64]}
    if edition != OFFLINE:
        made |= metadata(sums, count)
    listed = {path: File(hashlib.sha256(data).hexdigest(), len(data)) for path, data in made.items()}
    return Edition(about, listed, made.__getitem__)


def metadata(sums: bytes, count: int) -> dict[str, bytes]:
    """Files of metadata by path: one root, and of the others those of this release."""
    site = json.dumps({"signed": {"sums": hashlib.sha256(sums).hexdigest()}}).encode()
    snapshot = json.dumps({"signed": {"meta": {"site.json": {"version": count}}}}).encode()
    timestamp = json.dumps({"signed": {"meta": {"snapshot.json": {"version": count}}}}).encode()
    return {
        "metadata/1.root.json": b'{"signed":{"version":1}}',
        f"metadata/{count}.site.json": site,
        f"metadata/{count}.snapshot.json": snapshot,
        TIMESTAMP: timestamp,
    }


def first() -> dict[str, bytes]:
    """A small site: pages that show pictures, lists of them, feeds."""
    return {
        "index.html": page("home", picture("one")),
        "appeals/one/index.html": page("one", picture("one")),
        "appeals/two/index.html": page("two", picture("two")),
        "fr/index.html": page("accueil", picture("one")),
        "feed.xml": b"<feed>two</feed>",
        "404.html": page("nothing here"),
        "s/site.css": b"body{}",
        "with space/é.html": page("a name with more than letters"),
        "quote'/d\"q.html": page("quotes"),
        picture("one"): b"picture of one",
        picture("two"): b"picture of two",
    }


def second() -> dict[str, bytes]:
    """The next release: an appeal more, one edited, one picture no longer shown, one page no longer there."""
    files = first() | {
        "index.html": page("home", picture("three"), picture("one")),
        "appeals/two/index.html": page("two, edited", picture("three")),
        "appeals/three/index.html": page("three", picture("three"), picture("four")),
        "feed.xml": b"<feed>three</feed>",
        picture("three"): b"picture of three",
        picture("four"): b"picture of four",
    }
    for path in (picture("two"), "with space/é.html"):
        del files[path]
    return files


def withdrawn() -> dict[str, bytes]:
    """The release after: appeal three was withdrawn."""
    files = second() | {
        "index.html": page("home", picture("one")),
        "appeals/two/index.html": page("two, edited"),
        "appeals/three/index.html": page("withdrawn"),
        "appeals/three/index.html.gone": b"",
        "feed.xml": b"<feed>withdrawn</feed>",
    }
    del files[picture("three")], files[picture("four")]
    return files


def reached(
    kind: PlaceKind, settings: Settings, *, name: str = "oslo", address: str = ADDRESS, attempts: int = 2
) -> Reached:
    """A mirror of a kind."""
    edition = OFFLINE if kind == "ipfs" else ID
    return Reached(Mirror(name, edition, address, "public", kind), settings, attempts=attempts)


def unseen() -> Manner:
    """A publish whose address nobody looks at, which waits for nothing."""
    return Manner(verify=lambda wanted: Verdict(0), linger=0, pause=0)


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def whole(edition: Edition) -> dict[str, bytes]:
    """All files of an edition."""
    return {path: edition.read(path) for path in edition.files}
