"""ZIP containers, which EPUB, ODT and DOCX are: read with limits, written with nothing of their makers.

Members are stored, not compressed: so the same document has the same bytes whichever zlib there is. Times
are those that ZIP begins with; names come in the order that formats ask for.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from tocsin.errors import AttachmentError, PictureError
from tocsin.pictures import rewritten

MAX_UNPACKED = 300_000_000
MAX_MEMBERS = 5_000
_BEGINNING = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_WRONG_NAME = re.compile(r"(^|/)\.\.?(/|$)|^/|\\|^[A-Za-z]:|//|[\x00-\x1f]")


def unpacked(data: bytes, what: str) -> dict[str, bytes]:
    """The members of a container by name; `what` is its format. Raises `AttachmentError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            members = [member for member in container.infolist() if not member.is_dir()]
            _check(members)
            return {member.filename: _read(container, member) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise AttachmentError(f"is not {what} that can be read; save it anew") from None


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise AttachmentError(f"holds {len(members)} files; the limit is {MAX_MEMBERS}")
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED:
        raise AttachmentError(f"unpacks to {size / 1e6:.0f} MB; the limit is {MAX_UNPACKED // 1_000_000} MB")
    names = [member.filename for member in members]
    if len({name.casefold() for name in names}) < len(names):
        raise AttachmentError("holds two files of one name; save it anew")
    for member in members:
        if _WRONG_NAME.search(member.filename):
            raise AttachmentError(f"holds a file that lies outside of it, {member.filename!r}; save it anew")
        if member.flag_bits & _ENCRYPTED:
            raise AttachmentError("is protected by a password; save it without one")


def _read(container: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with container.open(member) as stream:
        # What a member says of its size may be wrong; no more than that is unpacked.
        return stream.read(member.file_size)


def packed(members: Mapping[str, bytes], first: Iterable[str]) -> bytes:
    """A container of `members`: those named in `first`, then the others by name."""
    names = [name for name in first if name in members]
    names += sorted(members.keys() - set(names))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as container:
        for name in names:
            member = zipfile.ZipInfo(name, _BEGINNING)
            member.create_system = 0
            member.external_attr = 0
            container.writestr(member, members[name])
    return written.getvalue()


def picture(data: bytes, name: str) -> bytes:
    """A picture inside a document with its pixels alone. Raises `AttachmentError`."""
    try:
        return rewritten(data)
    except PictureError as error:
        raise AttachmentError(f"holds the picture '{name}', which {error}") from None
