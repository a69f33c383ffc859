"""What readers are told of a mirror: six states in the languages of the site, and what it protects them from.

Which files are wrong, and how, is for editors: a public page that names what should be gone would lead to it.
"""

from __future__ import annotations

from typing import NamedTuple

from tocsin.probing.faults import State
from tocsin.probing.protections import Protection


def N_(message: str) -> str:  # noqa: N802 - the name that extractors of catalogues know
    """Mark a word for the catalogues; it is translated where it is shown."""
    return message


class Said(NamedTuple):
    """A state in a word or two, and what it means to a reader."""

    name: str
    means: str


_WORKS = Said(
    N_("Works"),
    N_("When it was last looked at, it served what the editors signed, and nothing else was found."),
)
STATES = {
    State.GOOD: _WORKS,
    State.NOTED: _WORKS,
    State.UPDATING: Said(
        N_("Is being updated"), N_("Some pages may already be newer than others. This passes within an hour.")
    ),
    State.BEHIND: Said(
        N_("Out of date"), N_("What is there is the editors’ own, but not all of it, or not the newest.")
    ),
    State.AWAY: Said(
        N_("Not reachable"), N_("It could not be reached from where we look. Elsewhere it may still work.")
    ),
    State.HARMFUL: Said(
        N_("Do not use"), N_("Something there is not what the editors signed. Use another address.")
    ),
    State.UNCERTAIN: Said(N_("Not known"), N_("It could not be told whether this address is up to date.")),
}
KEPT = {
    Protection.SCRIPTS: N_("Scripts of others do not run: the server and every page forbid them."),
    Protection.FRAMES: N_("No other site can show these pages inside its own."),
    Protection.TRANSPORT: N_("Browsers that were there once never go there without encryption."),
    Protection.TYPES: N_("Browsers take no file for anything but what it is."),
    Protection.REFERRER: N_("Sites that links lead to are not told where a reader comes from."),
    Protection.FRESHNESS: N_("Browsers ask each time whether a page was changed or withdrawn."),
}
LOST = {
    Protection.SCRIPTS: N_("Scripts of others do not run: the pages forbid it, but the server does not."),
    Protection.FRAMES: N_("Frames are not blocked there: another site can show these pages inside its own."),
    Protection.TRANSPORT: N_("Browsers are not told to go there with encryption only."),
    Protection.TYPES: N_("Browsers may guess what a file is, and guess wrongly."),
    Protection.REFERRER: N_(
        "Sites that links lead to are not told where a reader comes from: the pages see to it, but the "
        "server "
        "does not."
    ),
    Protection.FRESHNESS: N_("Browsers may keep showing a page for a while after it was withdrawn."),
}
