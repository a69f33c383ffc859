"""A stick: a signing folder that goes to a machine without a network and comes back with signatures.

Beside what waits it holds every root and the public keys, so that whoever signs there sees who may.
"""

from __future__ import annotations

from pathlib import Path

from tocsin.errors import SigningError
from tocsin.files import remove_file, write_atomically
from tocsin.keys.folder import PENDING, PEOPLE, SigningFolder, read_file, read_root
from tocsin.keys.pending import read_pending, take_in
from tocsin.signed.paths import METADATA

README = "READ-ME.txt"
_WORDS = """\
Something waits for your signature. Nothing in this folder is secret.

1. Take it to the machine that has your key.
2. There, in the folder of the program:  python3 tasks.py keys sign FOLDER
   where FOLDER is this one. It says in plain words what you would sign, and asks.
   Compare what it says with what you were told, by another way than this stick.
3. Take the folder on to whoever signs next, or back to the person who gave it to you:
   python3 tasks.py keys fetch FOLDER
"""
# What goes out: all that is needed to say who may sign what, and to know a release again.
_PATTERNS = (
    f"{METADATA}/*.root.json",
    f"{PEOPLE}/*.pub",
    f"{PENDING}/*.json",
    f"{PENDING}/*.txt",
    f"{PENDING}/release/release.json",
)


def carry(place: SigningFolder, stick: SigningFolder) -> list[str]:
    """Put what waits on a stick; whose signatures were on it, which are taken in first."""
    if not read_pending(place):
        raise SigningError("nothing waits for a signature, so there is nothing to carry")
    came = take_in(place, stick)[0] if stick.pending.is_dir() else []
    for pattern in _PATTERNS:
        for path in sorted(place.path.glob(pattern)):
            name = path.relative_to(place.path).as_posix()
            write_atomically(stick.path / name, read_file(path, f"{place.shown}/{name}"))
    write_atomically(stick.path / README, _WORDS.encode())
    return came


def check_known(place: SigningFolder, keys: Path) -> None:
    """Raise `SigningError` unless the roots of a signing folder lead on from the one that was seen last.

    A machine without a network knows nothing of the world but what sticks tell it. It remembers in its folder
    of keys.
    """
    for path in keys.glob("*.root.json"):
        version = int(path.name.partition(".")[0])
        last = read_root(path, str(path), version)
        found = {root.signed.version: root.signed_bytes for root in place.roots}
        if found.get(version) != last.signed_bytes:
            raise SigningError(
                f"{place.shown} does not lead on from root {version}, which this machine has seen: it is "
                "older, of another site, or somebody wants to deceive you. Sign nothing; ask the others by "
                f"telephone. (What was seen is kept in {path}; a second site needs a second folder of keys.)"
            )


def remember(place: SigningFolder, keys: Path) -> None:
    """Keep the newest root beside the keys."""
    if place.root is not None:
        name = f"{place.root.version}.root.json"
        write_atomically(keys / name, read_file(place.root_path(place.root.version), name))
        for path in keys.glob("*.root.json"):
            if path.name != name:
                remove_file(path)
