"""Peeling: a text as it is and as it reads once what encodes its characters is undone, layer by layer."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# An address within an attribute within a feed within an archive has four.
_LAYERS = 5
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);?")
# JSON and JavaScript (ECMA-262, 12.9.4), then CSS Syntax 3, 4.3.7.
_ESCAPE = re.compile(
    r"\\u\{([0-9A-Fa-f]{1,6})\}|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|\\([0-9A-Fa-f]{2,6})\s?"
)
# A label of a host name (RFC 3492, 5891).
_PUNYCODE = re.compile(r"xn--([a-z0-9-]+)", re.IGNORECASE)
# MIME: quoted-printable (RFC 2045, 6.7).
_QUOTED = re.compile(r"(?:=[0-9A-F]{2})+")


def peeled(text: str) -> Iterator[str]:
    """The text, and each layer below it. Every layer has the lines of the text."""
    yield text
    for _ in range(_LAYERS):
        below = _peel(text)
        if below == text:
            return
        yield below
        text = below


def _peel(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(lambda found: _on_its_line(html.unescape(found[0])), text)
    if "%" in text:
        text = _PERCENT.sub(lambda found: _bytes(found[0].replace("%", "")), text)
    if "\\" in text:
        text = _ESCAPE.sub(_escaped, text)
    if "=" in text:
        text = _QUOTED.sub(lambda found: _bytes(found[0].replace("=", "")), text)
    if "xn--" in text.lower():
        text = _PUNYCODE.sub(_label, text)
    return text


def _on_its_line(text: str) -> str:
    return text.replace("\n", " ")


def _bytes(digits: str) -> str:
    return _on_its_line(bytes.fromhex(digits).decode("utf-8", "replace"))


def _escaped(found: re.Match[str]) -> str:
    code = int(next(group for group in found.groups() if group), 16)
    return _on_its_line(chr(code)) if code <= 0x10FFFF else found[0]


def _label(found: re.Match[str]) -> str:
    try:
        return _on_its_line(found[1].encode("ascii").decode("punycode"))
    except UnicodeError:
        return found[0]
