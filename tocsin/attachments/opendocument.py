"""ODT (OpenDocument 1.3): texts, styles and pictures, and nothing of who wrote them when and where."""

from __future__ import annotations

import re

from tocsin.attachments.container import packed, picture, unpacked
from tocsin.attachments.markup import Tree, is_link, local, named, parsed, remove, scheme_of, written
from tocsin.errors import AttachmentError

_TYPE = b"application/vnd.oasis.opendocument.text"
_TEXTS = ("content.xml", "styles.xml")
_PICTURE = re.compile(r"Pictures/[^/]+\.(?:png|jpe?g)", re.IGNORECASE)
# What programs add for themselves; a document is whole without.
_LEFT_OUT = re.compile(
    r"meta\.xml|settings\.xml|layout-cache|manifest\.rdf|META-INF/.*|Thumbnails/.*|Configurations2/.*"
)
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
# Elements that only tell who, when and where.
_TRACES = (
    "annotation",
    "annotation-end",
    "creator",
    "date",
    "creator-initials",
    "initial-creator",
    "generator",
)
# Elements that run or fetch something, and fields that say who wrote the text on what machine.
_REFUSED = {
    "tracked-changes": "tracked changes; accept or reject them all",
    "change-start": "tracked changes; accept or reject them all",
    "script": "a script",
    "event-listener": "a script",
    "form": "a form",
    "object": "another document inside",
    "object-ole": "another document inside",
    "plugin": "a plug-in",
    "applet": "a plug-in",
    "floating-frame": "a frame that shows another document",
    "dde-connection-decl": "a link to another program",
    "dde-source": "a link to another program",
    "section-source": "a link to another document",
    "hidden-text": "hidden text",
    "hidden-paragraph": "hidden text",
    "file-name": "a field that tells the name of the file",
    "template-name": "a field that tells the name of the template",
    "author-name": "a field that tells the author's name",
    "author-initials": "a field that tells the author's name",
    "printed-by": "a field that tells who printed it",
}
_REFUSED_BEGINNINGS = ("sender-", "database-")


def clean_odt(data: bytes) -> bytes:
    """An ODT without traces; equal input gives equal output. Raises `AttachmentError`."""
    members = unpacked(data, "an ODT")
    if members.get("mimetype", b"").strip() != _TYPE or "content.xml" not in members:
        raise AttachmentError("is not an ODT that can be read; save it anew")
    if b"encryption-data" in members.get("META-INF/manifest.xml", b""):
        raise AttachmentError("is protected by a password; save it without one")
    kept: dict[str, bytes] = {"mimetype": _TYPE}
    for name, member in members.items():
        if name in _TEXTS:
            kept[name] = _text(member, name)
        elif _PICTURE.fullmatch(name):
            kept[name] = picture(member, name)
        elif name != "mimetype" and not _LEFT_OUT.fullmatch(name):
            raise AttachmentError(f"holds '{name}', of which nobody can tell what it says; save it without")
    kept["META-INF/manifest.xml"] = _manifest(kept)
    return packed(kept, ["mimetype"])


def _text(data: bytes, name: str) -> bytes:
    root = parsed(data, name)
    for element in named(root, *_TRACES):
        remove(element)
    for element in root.iter():
        kind = local(element.tag)
        if kind in _REFUSED or kind.startswith(_REFUSED_BEGINNINGS):
            said = _REFUSED.get(kind, "a field that tells who sent it, or from what source")
            raise AttachmentError(f"holds {said}; save it without")
        _clean_attributes(element)
    return written(root)


def _clean_attributes(element: Tree) -> None:
    for attribute, value in list(element.attrib.items()):
        kind = local(attribute)
        # Numbers of editing sessions; names that programs give to pictures after the file they were.
        if kind.endswith("rsid") or (kind == "name" and local(element.tag) == "frame"):
            del element.attrib[attribute]
        elif kind == "href" and scheme_of(value) and not (local(element.tag) == "a" and is_link(value)):
            raise AttachmentError(f"refers to '{value}', which lies outside of it; put it in, or take it out")


def _manifest(members: dict[str, bytes]) -> bytes:
    types = {"xml": "text/xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
    rows = [("/", _TYPE.decode())]
    rows += [(name, types[name.rpartition(".")[2].lower()]) for name in sorted(members) if name != "mimetype"]
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{_quoted(name)}" manifest:media-type="{kind}"/>'
        for name, kind in rows
    )
    head = f'<manifest:manifest xmlns:manifest="{_MANIFEST}" manifest:version="1.3">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{entries}</manifest:manifest>'.encode()


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
