"""XML inside documents: read without following anything, written without comments and instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any

from lxml import etree

from tocsin.errors import AttachmentError

# lxml's stubs do not know everything that elements can do.
Tree = Any

_CONTROL = re.compile(r"[\x00-\x20\u200e\u200f\u202a-\u202e]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WEB = frozenset({"http", "https", "mailto", "tel"})


def parsed(data: bytes, name: str) -> Tree:
    """The root of a document. Raises `AttachmentError` for what is no XML, or defines entities."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root: Tree = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise AttachmentError(f"holds '{name}', which cannot be read as XML; save it anew") from None
    subset = root.getroottree().docinfo.internalDTD
    if subset is not None and next(iter(subset.iterentities()), None) is not None:
        raise AttachmentError(f"holds '{name}', which defines entities of its own; save it anew")
    for reference in list(root.iter(etree.Entity)):
        _put_in_place(reference, html5.get(f"{reference.name};", ""))
    return root


def written(root: Tree, doctype: str | None = None) -> bytes:
    """The bytes of a document."""
    etree.cleanup_namespaces(root, keep_ns_prefixes=[prefix for prefix in root.nsmap if prefix])
    text: Any = etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype=doctype)  # type: ignore[arg-type]
    return bytes(text)


def _put_in_place(element: Tree, text: str) -> None:
    """Replace an element by text."""
    parent, text = element.getparent(), text + (element.tail or "")
    before = element.getprevious()
    if before is None:
        parent.text = (parent.text or "") + text
    else:
        before.tail = (before.tail or "") + text
    parent.remove(element)


def remove(element: Tree) -> None:
    """Take an element out, but not the text that follows it."""
    if element.getparent() is not None:
        _put_in_place(element, "")


def local(tag: Any) -> str:
    """The name of an element or attribute without its namespace; empty for what has no name."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def named(root: Tree, *names: str) -> Iterator[Tree]:
    """All elements of these local names, which may be removed meanwhile."""
    wanted = frozenset(names)
    yield from [element for element in root.iter() if local(element.tag) in wanted]


def scheme_of(address: str) -> str:
    """The scheme of an address as programs see it, in lower case; empty for one within the document."""
    plain = _CONTROL.sub("", address)
    found = _SCHEME.match(plain)
    return found[1].lower() if found else "//" if plain[:2] in {"//", "\\\\"} else ""


def is_link(address: str) -> bool:
    """True for an address that a reader may follow out of the document."""
    return scheme_of(address) in _WEB
