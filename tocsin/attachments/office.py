"""DOCX (ECMA-376, Office Open XML): text with styles, notes and pictures, and nothing about its makers."""

from __future__ import annotations

import posixpath
import re

from tocsin.attachments.container import packed, picture, unpacked
from tocsin.attachments.markup import Tree, is_link, local, named, parsed, remove, written
from tocsin.errors import AttachmentError

_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOCUMENT = "word/document.xml"
_TYPES = "[Content_Types].xml"
_PARTS = re.compile(
    r"word/(?:document|styles|numbering|settings|fontTable|footnotes|endnotes|header\d*|footer\d*"
    r"|theme/theme\d*)\.xml"
)
_PICTURE = re.compile(r"word/media/[^/]+\.(?:png|jpe?g)", re.IGNORECASE)
# What programs add for themselves, and remarks; a document is whole without.
_LEFT_OUT = re.compile(
    r"docProps/.*|customXml/.*|word/(?:comments\w*|people|webSettings|stylesWithEffects|documentTasks"
    r"|intelligence\d*|customizations)\.xml|word/(?:glossary|printerSettings|documenttasks)/.*|word/fonts/.*"
)
_TRACKED = re.compile(r"ins|del|moveFrom|moveTo|cellIns|cellDel|cellMerge|\w+Change")
_REFUSED = {
    "altChunk": "another document inside",
    "subDoc": "a link to another document",
    "object": "another document inside",
    "OLEObject": "another document inside",
    "control": "a control that runs a program",
    "script": "a script",
}
_TRACES = (
    "commentRangeStart",
    "commentRangeEnd",
    "commentReference",
    "annotationRef",
    "dataBinding",
    "printerSettings",
    "extLst",
    "proofErr",
    "saveSubsetFonts",
    "embedRegular",
    "embedBold",
    "embedItalic",
    "embedBoldItalic",
)
_TELLING = re.compile(r"rsid\w*|author|date|dateUtc|initials|userId|paraId|textId|anchorId|editId|durableId")
_FIELDS = re.compile(
    r"\s*(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|AUTHOR|LASTSAVEDBY|USERNAME|USERINITIALS"
    r"|USERADDRESS|FILENAME|TEMPLATE|COMMENTS|DATABASE|DOCPROPERTY)\b",
    re.IGNORECASE,
)
# Of settings those that say how the text is laid out.
_SETTINGS = frozenset(
    {
        "defaultTabStop",
        "autoHyphenation",
        "hyphenationZone",
        "evenAndOddHeaders",
        "mirrorMargins",
        "gutterAtTop",
        "footnotePr",
        "endnotePr",
        "compat",
        "themeFontLang",
        "clrSchemeMapping",
        "decimalSymbol",
        "listSeparator",
        "characterSpacingControl",
    }
)


def clean_docx(data: bytes) -> bytes:
    """A DOCX without traces; equal input gives equal output. Raises `AttachmentError`."""
    members = unpacked(data, "a DOCX")
    if _TYPES not in members or _DOCUMENT not in members:
        raise AttachmentError("is not a DOCX that can be read; save it anew")
    names = _new_names(members)
    kept: dict[str, bytes] = {}
    for old, new in names.items():
        if _PICTURE.fullmatch(old):
            kept[new] = picture(members[old], old)
            continue
        relations = _relations(old, members, names)
        kept[new] = _part(members[old], old, relations)
        if relations:
            kept[_relations_of(old)] = _written_relations(relations)
    kept["_rels/.rels"] = _written_relations({"rId1": ("officeDocument", _DOCUMENT, False)})
    kept[_TYPES] = _types(members[_TYPES], names)
    return packed(kept, [_TYPES, "_rels/.rels", _DOCUMENT])


def _new_names(members: dict[str, bytes]) -> dict[str, str]:
    """The parts that are kept, with the names that they get: pictures lose those that they had."""
    names, pictures = {}, 0
    for name in sorted(members):
        if _PARTS.fullmatch(name):
            names[name] = name
        elif _PICTURE.fullmatch(name):
            pictures += 1
            names[name] = f"word/media/image{pictures}.{name.rpartition('.')[2].lower()}"
        elif name != _TYPES and not name.endswith(".rels") and not _LEFT_OUT.fullmatch(name):
            raise AttachmentError(f"holds '{name}', of which nobody can tell what it says; save it without")
    return names


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


Relations = dict[str, tuple[str, str, bool]]
"""Kind, target and whether it lies outside, by id."""


def _relations(part: str, members: dict[str, bytes], names: dict[str, str]) -> Relations:
    """What a part refers to, of what is kept."""
    found: Relations = {}
    name = _relations_of(part)
    if name not in members or part == "word/settings.xml":
        return found
    for element in named(parsed(members[name], name), "Relationship"):
        kind, target = element.get("Type", "").rpartition("/")[2], element.get("Target", "")
        if element.get("TargetMode") == "External":
            if kind != "hyperlink" or not is_link(target):
                said = f"refers to '{target}', which lies outside of it; put it in, or take it out"
                raise AttachmentError(said)
            found[element.get("Id", "")] = (kind, target, True)
            continue
        path = target.lstrip("/") if target.startswith("/") else f"{posixpath.dirname(part)}/{target}"
        path = posixpath.normpath(path)
        if path in names:
            relative = posixpath.relpath(names[path], posixpath.dirname(part))
            found[element.get("Id", "")] = (kind, relative, False)
    return found


def _part(data: bytes, name: str, relations: Relations) -> bytes:
    root = parsed(data, name)
    if name == "word/settings.xml":
        for element in list(root):
            if local(element.tag) not in _SETTINGS:
                remove(element)
    for element in named(root, *_TRACES):
        remove(element)
    for element in root.iter():
        _check(element)
        _clean_attributes(element, relations)
    return written(root)


def _check(element: Tree) -> None:
    kind = local(element.tag)
    if _TRACKED.fullmatch(kind) and "wordprocessingml" in element.tag:
        raise AttachmentError("holds tracked changes; accept or reject them all; save it without")
    if kind in _REFUSED:
        raise AttachmentError(f"holds {_REFUSED[kind]}; save it without")
    field = element.text if kind == "instrText" else element.get(f"{element.tag.rpartition('}')[0]}}}instr")
    if (kind == "instrText" or kind == "fldSimple") and (found := _FIELDS.match(field or "")):
        raise AttachmentError(f"holds the field '{found[0].strip()}'; write what it shows in its place")


def _clean_attributes(element: Tree, relations: Relations) -> None:
    names_a_file = local(element.tag) in {"docPr", "cNvPr"}
    for attribute, value in list(element.attrib.items()):
        kind = local(attribute)
        if "/relationships}" in attribute and value and value not in relations:
            raise AttachmentError("refers to a part of itself that is not published; save it without")
        if names_a_file and kind in {"name", "title"}:
            element.attrib[attribute] = ""
        elif attribute.startswith("{") and (_TELLING.fullmatch(kind) or _is_title_of_a_file(attribute)):
            del element.attrib[attribute]


def _is_title_of_a_file(attribute: str) -> bool:
    return attribute in {"{urn:schemas-microsoft-com:office:office}title"}


def _written_relations(relations: Relations) -> bytes:
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(
        f'<Relationship Id="{_quoted(key)}" Type="{kinds}/{_quoted(kind)}" Target="{_quoted(target)}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if outside else ''}/>"
        for key, (kind, target, outside) in relations.items()
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<Relationships xmlns="{space}">{rows}</Relationships>'.encode()


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _types(data: bytes, names: dict[str, str]) -> bytes:
    """The types of the parts that are kept, which say themselves whether there are macros."""
    root = parsed(data, _TYPES)
    endings = {name.rpartition(".")[2] for name in names.values()} | {"xml", "rels"}
    for element in list(root):
        kind = element.get("ContentType", "")
        if element.get("PartName") == f"/{_DOCUMENT}" and kind != _MAIN:
            raise AttachmentError("is a template or holds macros; save it as a plain document")
        part = element.get("PartName", "").lstrip("/")
        if (part and part not in names) or element.get("Extension", "xml").lower() not in endings:
            remove(element)
    pictures = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
    known = {element.get("Extension", "").lower() for element in root}
    for ending in sorted((endings & pictures.keys()) - known):
        root.append(root.makeelement(root.tag.replace("Types", "Default"), Extension=ending))
        root[-1].set("ContentType", pictures[ending])
    return written(root)
