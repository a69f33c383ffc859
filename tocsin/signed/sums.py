"""`SHA256SUMS`: what `sha256sum --check` reads (docs/release-format.md, F14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.signed.paths import fault_of_path

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_LINES = re.compile(rb"(?:[0-9a-f]{64}  [^\n]+\n)*")


class SumsError(ValueError):
    """A list that is not of the form; the message completes the sentence that begins with its name."""


def write_sums(digests: Mapping[str, str]) -> bytes:
    """The list of SHA-256 digests by path, sorted by the bytes of the path."""
    lines = sorted((path.encode(), digest.encode()) for path, digest in digests.items())
    return b"".join(b"%s  %s\n" % (digest, path) for path, digest in lines)


def is_form(data: bytes) -> bool:
    """True where every line is a digest and something that may be a path."""
    return _LINES.fullmatch(data) is not None


def read_sums(data: bytes) -> dict[str, str]:
    """SHA-256 digests by path; raise `SumsError` for whatever `write_sums` would not have written."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise SumsError("is not UTF-8") from None
    digests: dict[str, str] = {}
    for number, line in enumerate(text.split("\n")[:-1], 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise SumsError(f"has a line that is no digest and path: line {number}")
        digest, path = found.groups()
        if fault := fault_of_path(path):
            raise SumsError(f"has a path in line {number} that {fault}")
        digests[path] = digest
    if write_sums(digests) != data:
        raise SumsError("is not sorted, names a path twice or does not end with a line")
    return digests
