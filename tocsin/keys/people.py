"""The public keys of people, by name: files that everybody who signs may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from securesystemslib.signer import Key

from tocsin.errors import ContentError, Finding, SigningError
from tocsin.keys.public import PublicKey, check_name

ENDING = ".pub"


class People:
    """Public keys by name, and names by the ids that metadata of TUF uses.

    Metadata is published and so holds no names: they come from these files alone.
    """

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self.by_name = {key.name: key for key in keys}
        self.by_id = {key.tuf.keyid: key for key in self.by_name.values()}

    def name_of(self, key: Key) -> str:
        """Who holds a key, or what can be said of one that nobody here is known to hold."""
        known = self.by_id.get(key.keyid)
        return known.name if known else f"the unnamed key {fingerprint_of(key)}"

    def described(self, key: Key) -> str:
        """The name with the fingerprint, to be compared with what its holder says."""
        known = self.by_id.get(key.keyid)
        return f"{known.name} ({known.fingerprint})" if known else self.name_of(key)


def fingerprint_of(key: Key) -> str:
    """What `ssh-keygen -l` would show of a key in metadata."""
    try:
        return PublicKey("", bytes.fromhex(key.keyval["public"])).fingerprint
    except ValueError:  # a key of another type, which nobody here has made
        return key.keyid


def read_people(folder: Path, shown: str) -> People:
    """Read every `NAME.pub` in a folder, called `shown` in messages; raise `ContentError` with all faults."""
    keys: list[PublicKey] = []
    findings: list[Finding] = []
    for path in sorted(folder.glob(f"*{ENDING}")):
        try:
            keys.append(_read(path))
        except (SigningError, UnicodeDecodeError) as error:
            said = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            # A name from a stick may hold what would move the cursor of a terminal.
            name = path.name if path.name.isprintable() else ascii(path.name)
            findings.append(Finding(f"{shown}/{name}", 1, said, "public-key"))
    findings += _twice(keys, shown)
    if findings:
        raise ContentError(findings)
    return People(keys)


def _read(path: Path) -> PublicKey:
    return PublicKey.from_openssh(check_name(path.stem), path.read_text(encoding="utf-8"))


def _twice(keys: Iterable[PublicKey], shown: str) -> Iterator[Finding]:
    """One key under two names would count as two people where it is one."""
    first: dict[bytes, str] = {}
    for key in keys:
        if key.raw in first:
            said = f"holds the same key as {first[key.raw]}{ENDING}; each person has a key of their own"
            yield Finding(f"{shown}/{key.name}{ENDING}", 1, said, "same-key")
        first.setdefault(key.raw, key.name)
