"""What looking into a file gives: the texts in it, and what is wrong with it whatever they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Text(NamedTuple):
    """A text of a file. `channel` says where in the file; it completes "holds … in …"."""

    channel: str
    text: str


class Fault(NamedTuple):
    """What may not be in a file at all. The message completes the sentence that begins with the file's path.

    It never repeats anything of the file.
    """

    rule: str
    message: str


# So many bytes in a row that can be read are taken for a text.
_READABLE = re.compile(rb"[\x09\x0a\x0d\x20-\x7e\x80-\xff]{4,}")


Found = Iterator[Text | Fault]
Look = Callable[[str, bytes], Found]


class OpaqueError(Exception):
    """A file that is not what its name says; the message completes "cannot be looked into: it …"."""


def strings(channel: str, data: bytes) -> Iterator[Text]:
    """What can be read in bytes of an unknown order: as UTF-8, and as UTF-16 of either kind."""
    yield Text(channel, "\n".join(part.decode("utf-8", "replace") for part in _READABLE.findall(data)))
    for encoding in ("utf-16-le", "utf-16-be"):
        for place in (0, 1):
            yield Text(channel, data[place:].decode(encoding, "replace").replace("\0", "\n"))
