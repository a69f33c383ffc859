"""The little sites under `tests/sites/`, and the changes that make them wrong.

`base/` is a valid site of three languages and all kinds, `minimal/` the least that there can be. Each
folder under `invalid/` is one fault: `change.txt` says what to change in `base/`, `expected.txt` is the whole
text of what is then found. A change names files and, below each, what becomes of it:

    # why this is wrong
    content/appeals/2026/ken-arrest/en.md
    - title: Arrest of a committee            this line, which stands in the file once,
    + titel: Arrest of a committee            becomes this one

Several lines that follow each other are one place; an empty line begins another place of the same file. A
file with `+` lines only is new, one with no lines at all is deleted. `~` is `+` with escapes, for what cannot
be seen or is no text: `\\u202E` is that character, `\\xE9` that byte, `\\r` a carriage return.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tocsin.errors import ContentError, Finding
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import Store
from tocsin.library.cache import ItemCache
from tocsin.library.library import Library
from tocsin.library.loader import load_library
from tocsin.reporting import BufferReporter

SITES = Path(__file__).parent / "sites"
AT = datetime(2026, 6, 15, 12, tzinfo=UTC)

_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(r))")


@dataclass(frozen=True)
class Heard:
    """What loading said: the library, where there is one, and the text that an editor sees."""

    library: Library | None
    findings: tuple[Finding, ...]
    text: str

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings]


def load(root: Path, state: Path, at: datetime = AT, *, drafts: bool = False, workers: int = 1) -> Heard:
    """Load the site below `root`, keeping what is to be kept in `state`."""
    reporter = BufferReporter()
    sources, cache = Sources(root, {}, 0), ItemCache(Store(state / "items.sqlite"))
    try:
        library, _ = load_library(sources, cache, at, reporter, drafts=drafts, workers=workers)
    except ContentError as error:
        return Heard(None, error.findings, _told([*error.findings, error]))
    return Heard(library, tuple(reporter.findings), _told(reporter.findings))


def _told(said: list[object]) -> str:
    return "".join(f"{line}\n" for line in said)


def copy_of(name: str, target: Path) -> Path:
    """A copy of the site `name` that may be changed."""
    return Path(shutil.copytree(SITES / name, target / "site"))


def change(root: Path, text: str) -> None:
    """Change the site below `root` as `text` says."""
    said = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    for block in re.split(r"^(?=[^-+~\s])", said, flags=re.MULTILINE)[1:]:
        name, _, rest = block.partition("\n")
        _change_file(root / name.strip(), rest)


def _change_file(path: Path, text: str) -> None:
    places = [place.split("\n") for place in re.split(r"\n[ \t]*\n", text.strip("\n")) if place.strip()]
    if not places:
        path.unlink()
    for lines in places:
        old = b"".join(_written(line) for line in lines if line.startswith("-"))
        new = b"".join(_written(line) for line in lines if not line.startswith("-"))
        if old:
            data = b"\n" + path.read_bytes()
            if data.count(b"\n" + old) != 1:
                raise ValueError(f"{path}: does not stand there once: {old.decode()}")
            path.write_bytes(data.replace(b"\n" + old, b"\n" + new)[1:])
        elif path.exists():
            raise ValueError(f"{path}: is there already; say with '-' which line to replace")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new)


def _written(line: str) -> bytes:
    """The bytes of a line of a change, with the line's end."""
    data = line[2:].encode() + b"\n"
    return _ESCAPE.sub(_unescaped, data) if line.startswith("~") else data


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return chr(int(found[1], 16)).encode("utf-8", "surrogatepass")
    return bytes([int(found[2], 16)]) if found[2] else b"\r"
