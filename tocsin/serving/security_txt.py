"""`.well-known/security.txt` (RFC 9116): whom to tell about a weakness of the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tocsin.serving.policy import WELL_KNOWN

PLACE = f"{WELL_KNOWN}/security.txt"


@dataclass(frozen=True, slots=True)
class SecurityContacts:
    """What the file says. `contacts` are URIs, the preferred one first; `expires` is an instant with zone.

    `more` are further fields by their names in the RFC, such as `Policy`, with one value or several.
    """

    contacts: tuple[str, ...]
    expires: datetime
    canonical: str
    languages: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()


def security_txt(said: SecurityContacts) -> str:
    """The text of the file."""
    return "".join(f"{name}: {value}\n" for name, value in _fields(said))


def _fields(said: SecurityContacts) -> Iterator[tuple[str, str]]:
    yield from (("Contact", contact) for contact in said.contacts)
    yield "Expires", said.expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    yield from said.more
    if said.languages:
        yield "Preferred-Languages", ", ".join(said.languages)
    yield "Canonical", said.canonical
