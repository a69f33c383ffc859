"""What is told in public of mirrors: `status.json`, signed; a page in every language; a feed of changes.

It comes after a release and changes without one, so it lies in a folder of its own: in a released tree it
would be a planted file. It names no file that is wrong: who looks for what should be gone would find it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from feedgen.feed import FeedGenerator
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tocsin.errors import ReleaseError
from tocsin.files import put_below, remove_below
from tocsin.mirrors.configured import Mirror
from tocsin.model.site import Site, pick
from tocsin.probing.faults import State
from tocsin.probing.history import Change, History
from tocsin.probing.probe import Outcome
from tocsin.probing.readers import KEPT, LOST, STATES
from tocsin.render.feed_entries import tag
from tocsin.render.languages import Speech
from tocsin.render.stamps import host_of
from tocsin.render.theme import Theme
from tocsin.serving.policy import REFERRER, meta_policy
from tocsin.signed.paths import EDITION_FILE

FORM = 1
FILE = "status.json"
_SIGNATURE = f"{FILE}.minisig"
_PAGE = "status.html"
_FEED = "status.atom"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told: of each mirror of the list what was found, and how it came to be so."""

    site: Site
    release: str
    at: datetime
    seen: Sequence[tuple[Mirror, Outcome]]
    history: History


def check_place(folder: Path, root: Path) -> None:
    """Refuse folders that are released: raise `ReleaseError`."""
    inside = [root / "output", root / "mirrors", root / "releases"]
    is_released = any((one / EDITION_FILE).exists() for one in (folder, *folder.parents))
    if is_released or any(folder.resolve().is_relative_to(one.resolve()) for one in inside):
        raise ReleaseError(
            f"the state of mirrors cannot be written to {folder.name}/: there it would be a file that no "
            "release lists; name a folder of its own with --to"
        )


def status_record(told: Told) -> bytes:
    """`status.json`: the closed words of what was found, without files."""
    mirrors = []
    for mirror, outcome in told.seen:
        _, since = told.history.states[mirror.name]
        mirrors.append(
            {
                "name": mirror.name,
                "label": mirror.label,
                "tier": mirror.tier,
                "address": mirror.address,
                "state": STATES[outcome.state].name,
                "since": since,
                "faults": [str(fault) for fault in outcome.faults],
                "release": outcome.release or None,
                "looked": str(outcome.depth),
                "files": outcome.files,
                "bytes": outcome.bytes,
                "protections": {
                    str(one.protection): one.is_kept for one in outcome.kept if one.is_kept is not None
                },
            }
        )
    record = {
        "format": FORM,
        "site": host_of(told.site.address),
        "at": told.at.isoformat(),
        "release": told.release or None,
        "mirrors": mirrors,
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def comment_of(told: Told) -> str:
    """The trusted comment of the signature: nobody can take it for that of a release (F15)."""
    return f"status site={host_of(told.site.address)} at={told.at.isoformat()}"


def write_status(
    folder: Path, told: Told, theme: Theme, speeches: Mapping[str, Speech], signature: bytes | None
) -> None:
    """Write everything; `status.json` and its signature come last."""
    pages = _Pages(told, theme, speeches, is_signed=signature is not None)
    put_below(folder, theme.style_address, theme.style.encode())
    for code in speeches:
        put_below(folder, f"{pages.folders[code]}{_FEED}", pages.feed(code))
        put_below(folder, f"{pages.folders[code]}index.html", pages.page(code).encode())
    if signature:
        put_below(folder, _SIGNATURE, signature)
    else:  # that of an earlier status would be a false one
        remove_below(folder, _SIGNATURE)
    put_below(folder, FILE, status_record(told))


class _Pages:
    """The pages and feeds of one status."""

    def __init__(self, told: Told, theme: Theme, speeches: Mapping[str, Speech], *, is_signed: bool) -> None:
        self.told, self.theme, self.speeches, self.is_signed = told, theme, speeches, is_signed
        default = told.site.default_language
        self.folders = {code: "" if code == default else f"{code}/" for code in speeches}
        self.mirrors = {mirror.name: mirror for mirror, _ in told.seen}

    def page(self, code: str) -> str:
        """The page of a language."""
        told, speech = self.told, self.speeches[code]
        name, name_language = self._name(code)
        environment = Environment(
            loader=FileSystemLoader(self.theme.templates),
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            speech.catalogue.gettext, speech.catalogue.ngettext, newstyle=True
        )
        values = {
            "speech": speech,
            "others": list(self.speeches.values()),
            "folders": self.folders,
            "top": "../" if self.folders[code] else "",
            "name": name,
            "name_language": name_language,
            "content_policy": meta_policy(),
            "referrer": REFERRER.value,
            "stylesheet": self.theme.style_address,
            "at": _when(speech, told.at),
            "release": told.release,
            "mirrors": [self._row(speech, mirror, outcome) for mirror, outcome in told.seen],
            "is_signed": self.is_signed,
        }
        return environment.get_template(_PAGE).render(values)

    def _name(self, code: str) -> tuple[str, str]:
        site = self.told.site
        return pick(site.identity.name, site.order_for(code, site.default_language))

    def _row(self, speech: Speech, mirror: Mirror, outcome: Outcome) -> dict[str, Any]:
        """What the page shows of a mirror."""
        word = speech.catalogue.gettext
        said = STATES[outcome.state]
        since = datetime.fromisoformat(self.told.history.states[mirror.name][1])
        return {
            "label": mirror.label or mirror.name,
            "address": mirror.address,
            "state": word(said.name),
            "means": word(said.means),
            "is_bad": outcome.state in {State.HARMFUL, State.AWAY, State.BEHIND},
            "since": _when(speech, since),
            "release": outcome.release,
            "kept": [word(KEPT[one.protection]) for one in outcome.kept if one.is_kept],
            "lost": [word(LOST[one.protection]) for one in outcome.kept if one.is_kept is False],
        }

    def feed(self, code: str) -> bytes:
        """The changes, as Atom (RFC 4287)."""
        speech, site = self.speeches[code], self.told.site
        word = speech.catalogue.gettext
        made = FeedGenerator()
        made.id(tag(site, f"status/{code}"))
        made.title(f"{word('State of our addresses')} – {self._name(code)[0]}")
        made.author({"name": self._name(code)[0]})
        made.language(code)
        made.generator("")
        changes = self.told.history.changes
        made.updated(changes[0].at if changes else self.told.at.isoformat())
        for change in changes:
            self._entry(made, speech, change)
        return bytes(made.atom_str(pretty=True))

    def _entry(self, made: FeedGenerator, speech: Speech, change: Change) -> None:
        word, mirror = speech.catalogue.gettext, self.mirrors[change.name]
        said = STATES[change.after]
        entry = made.add_entry(order="append")
        entry.id(tag(self.told.site, f"status/{speech.code}/{change.name}/{change.at}"))
        entry.title(f"{mirror.label or mirror.name}: {word(said.name)}")
        entry.updated(change.at)
        entry.link(href=mirror.address)
        entry.content(f"{word(said.means)} {mirror.address}", type="text")


def _when(speech: Speech, at: datetime) -> str:
    """An instant in words; everybody has another zone, so it is told in UTC."""
    return f"{format_datetime(at.astimezone(UTC), 'long', locale=speech.locale)}"
