"""Media types of served files, by the ending of their names."""

from __future__ import annotations

from collections.abc import Mapping

_ANYTHING = "application/octet-stream"
PAGE = "text/html"
TEXT = "text/plain"

# Of JSON, XML and the feeds the encoding is part of the format; text says it in the header.
ENDINGS: Mapping[str, str] = {
    "html": PAGE,
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "xml": "application/xml",
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "opml": "text/x-opml",
    "txt": TEXT,
    "conf": TEXT,
    "gone": TEXT,
    "avif": "image/avif",
    "jpg": "image/jpeg",
    "png": "image/png",
    "ico": "image/vnd.microsoft.icon",
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "wasm": "application/wasm",
    # Pagefind's own: compressed by itself, unpacked by its script.
    "pagefind": _ANYTHING,
    "pf_fragment": _ANYTHING,
    "pf_index": _ANYTHING,
    "pf_meta": _ANYTHING,
    "pf_filter": _ANYTHING,
}

# Files without an ending. They hold public facts, and whoever compares a tree with its sums fetches them.
NAMED: Mapping[str, str] = {"_headers": TEXT, "server/Caddyfile": TEXT}

# Worth compressing on the way; what is public and the same for all gives nothing away by its length.
COMPRESSED = tuple(
    dict.fromkeys(
        kind for kind in ENDINGS.values() if kind.startswith("text/") or kind[-3:] in {"xml", "son"}
    )
)


def media_type(file: str) -> str:
    """The Content-Type of a file of the tree, as all servers send it."""
    return with_charset(NAMED.get(file) or ENDINGS.get(file.rpartition(".")[2], _ANYTHING))


def with_charset(kind: str) -> str:
    """A media type with its encoding, where that has to be said."""
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def endings_of(kind: str) -> tuple[str, ...]:
    """The endings of files of a media type."""
    return tuple(ending for ending, other in ENDINGS.items() if other == kind)
