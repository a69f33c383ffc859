"""Where trust begins: a root that was given, or that came with the checkout (F19). Never the mirror."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tocsin.errors import VerifyError
from tocsin.signed.paths import METADATA
from tocsin.verify.ages import Witness
from tocsin.verify.chain import MOST_ROOT, begin
from tocsin.verify.lists import Signer, read_signers
from tocsin.verify.verifying import Trust

SIGNING, DEMONSTRATION = "signing", "demonstration"
PEOPLE = "people"


class Pinned(NamedTuple):
    """What to trust, in which file that stands, and whether it is the demonstration's throw-away root."""

    trust: Trust
    file: Path
    is_demonstration: bool


def pinned(checkout: Path, root: Path | None, signers: Iterable[Path]) -> Pinned:
    """Find the root of trust and the keys of people; raise `VerifyError` where there is none."""
    keys = [key for file in signers for key in read_signers(file.name, _text(file))]
    if root is not None:
        return Pinned(Trust(_root(root, root.name), signers=tuple(keys)), root, False)
    for name in (SIGNING, DEMONSTRATION):
        folder = checkout / name
        if file := _newest(folder / METADATA):
            keys = keys or _people(folder / PEOPLE)
            trust = Trust(_root(file, f"{name}/{METADATA}/{file.name}"), _witnesses(folder), tuple(keys))
            return Pinned(trust, file, name == DEMONSTRATION)
    raise VerifyError(
        "there is no root of trust here to begin with: name the file that the editors gave you with "
        "--root, such as 1.root.json; one that lies on the mirror itself proves nothing"
    )


def _root(file: Path, shown: str) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_ROOT + 1)
        begin(data)
    except OSError as error:
        raise VerifyError(f"{shown} cannot be read: {error.strerror}") from None
    except ValueError:
        raise VerifyError(
            f"{shown} is no root of trust; it is a file of TUF metadata such as 1.root.json, signed by those "
            "whom it names"
        ) from None
    return data


def _newest(folder: Path) -> Path | None:
    found = [path for path in folder.glob("*.root.json") if path.name.partition(".")[0].isdigit()]
    return max(found, key=lambda path: int(path.name.partition(".")[0]), default=None)


def _people(folder: Path) -> list[Signer]:
    files = sorted(folder.glob("*.pub"))
    return [key for file in files for key in read_signers(f"{PEOPLE}/{file.name}", _text(file))]


def _witnesses(folder: Path) -> tuple[Witness, ...]:
    """The newest release that the checkout knows of; none where its metadata is not whole."""
    try:
        timestamp = (folder / METADATA / "timestamp.json").read_bytes()
        version = json.loads(timestamp)["signed"]["meta"]["snapshot.json"]["version"]
        snapshot = (folder / METADATA / f"{int(version)}.snapshot.json").read_bytes()
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return (Witness(f"{folder.name}/ of this checkout", timestamp, snapshot),)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise VerifyError(f"{file.name} cannot be read") from None
