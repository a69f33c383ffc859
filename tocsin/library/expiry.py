"""The day from which nobody should rely on `security.txt`: told beforehand, and refused from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from tocsin.errors import Finding, Severity
from tocsin.library.clock import start_of
from tocsin.library.shared import SITE_FILE
from tocsin.library.toml import read_toml
from tocsin.model.site import Site

# So long before it an editor is told.
NOTICE = timedelta(days=30)
_REMEDY = "see that its contacts are right, then write a later day, less than a year ahead"


def turns_of(site: Site) -> tuple[date, ...]:
    """The days at whose beginning something else is found."""
    if site.security is None:
        return ()
    return site.security.expires - NOTICE, site.security.expires


def check_expiry(root: Path, site: Site, at: datetime) -> Iterator[Finding]:
    """What is to be said of it at an instant."""
    if site.security is None or at < start_of(site.security.expires - NOTICE):
        return
    day = site.security.expires
    line = read_toml(root, SITE_FILE).line_of(("security", "expires"))
    if at < start_of(day):
        message = f"'security.expires' is {day}, from when nobody should rely on security.txt; {_REMEDY}"
        yield Finding(SITE_FILE, line, message, "expires-soon", Severity.WARNING)
    else:
        message = f"'security.expires' was {day}, so security.txt has expired; {_REMEDY}"
        yield Finding(SITE_FILE, line, message, "expired")
