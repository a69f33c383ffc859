"""EPUB (EPUB 3.3, also 2): what is read and how to find one's way, without who made it with what and when."""

from __future__ import annotations

import hashlib
import posixpath
import re
from urllib.parse import unquote

from tocsin.attachments.container import packed, picture, unpacked
from tocsin.attachments.markup import Tree, is_link, local, named, parsed, remove, scheme_of, written
from tocsin.errors import AttachmentError

_TYPE = b"application/epub+zip"
_CONTAINER = "META-INF/container.xml"
_PAGES = {"application/xhtml+xml", "image/svg+xml"}
_PICTURES = {"image/jpeg", "image/png"}
_FONTS = {
    "font/ttf",
    "font/otf",
    "font/woff",
    "font/woff2",
    "application/font-sfnt",
    "application/vnd.ms-opentype",
    "application/x-font-ttf",
    "application/x-font-opentype",
    "application/font-woff",
}
_NCX, _STYLE = "application/x-dtbncx+xml", "text/css"
# What a reading program needs of the metadata, and what readers need who do not see. No names, no dates.
_KEPT = frozenset({"title", "language"})
_KEPT_PROPERTIES = re.compile(r"rendition:.*|schema:access.*|a11y:.*|title-type|display-seq")
_CHANGED = "2000-01-01T00:00:00Z"
# fmt: off
_REFUSED = frozenset([
    "script", "iframe", "object", "embed", "applet", "form", "input", "button", "textarea", "select", "base",
    "foreignObject", "audio", "video", "handler", "listener", "animate", "set", "animateTransform",
    "animateMotion", "portal", "frame", "frameset",
])
# fmt: on
_ADDRESSES = frozenset(
    {"href", "src", "data", "poster", "action", "srcset", "background", "cite", "longdesc"}
)
_IN_STYLE = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)|@import\s+(['\"])(.*?)\3", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|)")
_RUNS = re.compile(r"expression\s*\(|javascript\s*:|-moz-binding|behavior\s*:", re.IGNORECASE)


def clean_epub(data: bytes) -> bytes:
    """An EPUB without traces; equal input gives equal output. Raises `AttachmentError`."""
    members = unpacked(data, "an EPUB")
    if members.get("mimetype", b"").strip() != _TYPE or _CONTAINER not in members:
        raise AttachmentError("is not an EPUB that can be read; save it anew")
    if {"META-INF/encryption.xml", "META-INF/rights.xml"} & members.keys():
        raise AttachmentError("is encrypted, if only its fonts are; save it without")
    found = [
        element.get("full-path", "") for element in named(parsed(members[_CONTAINER], _CONTAINER), "rootfile")
    ]
    if len(found) != 1 or found[0] not in members:
        raise AttachmentError("is not an EPUB of one book; save it anew")
    package = parsed(members[found[0]], found[0])
    own = _identifier(hashlib.sha256(data).hexdigest())
    _clean_package(package, own)
    kept = {"mimetype": _TYPE, _CONTAINER: _container(found[0]), found[0]: written(package)}
    for name, kind in _resources(package, found[0], members).items():
        kept[name] = _resource(members[name], name, kind, own)
    return packed(kept, ["mimetype", _CONTAINER, found[0]])


def _container(path: str) -> bytes:
    quoted = path.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        f'<rootfile full-path="{quoted}" media-type="application/oebps-package+xml"/></rootfiles></container>'
    ).encode()


def _identifier(digest: str) -> str:
    return f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _clean_package(package: Tree, own: str) -> None:
    """Metadata anew; the book is known by its content, not by the number that a program gave it."""
    [metadata] = list(named(package, "metadata"))[:1] or [None]
    if metadata is None:
        raise AttachmentError("is not an EPUB that can be read; save it anew")
    wanted = package.get("unique-identifier")
    for element in [*named(metadata, "dc-metadata", "x-metadata"), *list(metadata)]:
        kind, said = local(element.tag), element.get("property", "")
        if kind == "identifier" and element.get("id") == wanted:
            element.attrib.clear()
            element.set("id", wanted or "id")
            element.text = own
        elif said == "dcterms:modified":
            element.text = _CHANGED
        elif kind in _KEPT or element.get("name") == "cover" or _KEPT_PROPERTIES.fullmatch(said):
            continue
        else:
            remove(element)
    for element in named(package, "guide", "collection", "bindings", "tours"):
        remove(element)


def _resources(package: Tree, path: str, members: dict[str, bytes]) -> dict[str, str]:
    """The files that the book says it consists of, with their types."""
    found = {}
    for item in named(package, "item"):
        address, kind = item.get("href", ""), item.get("media-type", "").strip().lower()
        if scheme_of(address):
            raise AttachmentError(
                f"refers to '{address}', which lies outside of it; put it in, or take it out"
            )
        name = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(address)))
        if name not in members:
            raise AttachmentError(f"lacks '{name}', which it says it holds; save it anew")
        if "scripted" in item.get("properties", "").split():
            raise AttachmentError("holds a script; save it without")
        if name != path:
            found[name] = kind
    return found


def _resource(data: bytes, name: str, kind: str, own: str) -> bytes:
    if kind in _PAGES:
        return _page(data, name, "html" if kind == "application/xhtml+xml" else None)
    if kind == _NCX:
        return _contents(data, name, own)
    if kind == _STYLE:
        return _style(data.decode("utf-8", "replace")).encode()
    if kind in _PICTURES:
        return picture(data, name)
    if kind in _FONTS:
        return data
    raise AttachmentError(f"holds '{name}', of the type '{kind}', which cannot be cleaned; save it without")


def _page(data: bytes, name: str, doctype: str | None) -> bytes:
    root = parsed(data, name)
    for element in named(root, "meta", "metadata", "desc"):
        if element.get("name") != "viewport":
            remove(element)
    for element in root.iter():
        kind = local(element.tag)
        if kind in _REFUSED:
            raise AttachmentError(
                f"holds '{kind}' in '{name}', which can run or fetch something; save it without"
            )
        if kind == "style":
            element.text = _style(element.text or "")
        _clean_attributes(element, name)
    return written(root, "<!DOCTYPE html>" if doctype else None)


def _clean_attributes(element: Tree, name: str) -> None:
    for attribute, value in list(element.attrib.items()):
        kind = local(attribute)
        if kind.lower().startswith("on"):
            raise AttachmentError(f"holds a script in '{name}'; save it without")
        if kind == "style":
            element.set(attribute, _style(value))
        elif kind.startswith("data-") or kind in {"xpacket", "docname", "export-filename", "absref"}:
            del element.attrib[attribute]
        elif kind in _ADDRESSES and scheme_of(value) and not (local(element.tag) == "a" and is_link(value)):
            raise AttachmentError(f"refers to '{value}', which lies outside of it; put it in, or take it out")


def _style(text: str) -> str:
    """A style sheet without comments, which fetches nothing from elsewhere."""
    text = _COMMENT.sub("", text)
    if _RUNS.search(text) or ("\\" in text and _RUNS.search(_ESCAPE.sub(_unescaped, text))):
        raise AttachmentError("holds a style that can run a program; save it without")
    for found in _IN_STYLE.finditer(text):
        address = (found[2] or found[4] or "").strip()
        if scheme_of(address) or "\\" in address:
            raise AttachmentError(
                f"refers to '{address}', which lies outside of it; put it in, or take it out"
            )
    return text


def _unescaped(found: re.Match[str]) -> str:
    return chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else ""


def _contents(data: bytes, name: str, own: str) -> bytes:
    root = parsed(data, name)
    for element in named(root, "meta", "docAuthor"):
        if element.get("name") == "dtb:uid":
            element.set("content", own)
        elif element.get("name") not in {"dtb:depth", "dtb:totalPageCount", "dtb:maxPageNumber"}:
            remove(element)
    return written(root)
