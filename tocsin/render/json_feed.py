"""JSON Feed 1.1 (jsonfeed.org/version/1.1): the same feed for programs that would rather not read XML."""

from __future__ import annotations

import json
from typing import Any

from tocsin.render.feed_documents import FeedDocument
from tocsin.render.feed_entries import Enclosure, FeedEntry

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(document: FeedDocument) -> str:
    """The text of a document, one entry a line, keys in alphabetical order."""
    head: dict[str, Any] = {
        "version": VERSION,
        "title": document.title,
        "description": document.description,
        "language": document.language,
        "home_page_url": document.home,
        "feed_url": document.address("json"),
        "authors": [{"name": document.author}],
        "items": [],
    }
    text = _text(head)
    items = ",\n".join(_written(entry) for entry in document.shown_in("json"))
    before, after = text.rsplit('"items": []', 1)  # the key comes before others that are ours alone
    return f'{before}"items": [\n{items}\n]{after}\n'


def _written(entry: FeedEntry) -> str:
    """An entry as it is written, made once for all feeds that show it."""
    if "json" not in entry.texts:
        entry.texts["json"] = _text(_item(entry))
    return entry.texts["json"]


def _item(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "title": entry.title,
        "content_html": entry.content,
        "language": entry.language,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "url": entry.address,
        "summary": entry.summary,
        "image": entry.picture.address if entry.picture else "",
        "tags": [subject.label for subject in entry.categories],
        "authors": [{"name": name} for name in entry.creators],
        "attachments": [_attachment(file) for file in entry.enclosures],
    }
    return {name: value for name, value in item.items() if value}


def _attachment(file: Enclosure) -> dict[str, Any]:
    known = {"size_in_bytes": file.size} if file.size else {}
    return {"url": file.address, "mime_type": file.type, **known}


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
