"""What can be wrong with a mirror: closed words, each with its meaning and what to do."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple


class State(IntEnum):
    """What a mirror is to its readers, the mildest first. The value is the exit code of whoever finds it.

    0 to 2 are those of every task. `verify` has codes of its own from 10 on, which say something else.
    """

    GOOD = 0
    NOTED = 10  # good for readers; editors should know something
    UPDATING = 11
    BEHIND = 12  # the editors' own, but old or not all of it
    AWAY = 13
    HARMFUL = 14  # readers get what the editors did not publish, or took back
    UNCERTAIN = 15  # nothing can be told from here


class Fault(StrEnum):
    """One thing that is wrong."""

    NO_NAME = "no name"
    SINKHOLED = "name led astray"
    NO_CONNECTION = "no connection"
    CUT = "cut off"
    NO_TLS = "no encryption"
    CERTIFICATE = "certificate not accepted"
    EXPIRED_CERTIFICATE = "certificate expired"
    ENDING_CERTIFICATE = "certificate ends soon"
    OTHER_ISSUER = "other issuer"
    NO_ANSWER = "no answer"
    REFUSED = "refused"
    LEGALLY_BLOCKED = "blocked by law"
    BLOCK_PAGE = "block page"
    LEADS_ELSEWHERE = "leads elsewhere"
    LEADS_TO_HTTP = "leads to http"
    DRIPS = "drips"
    ENDLESS = "endless"
    BOMB = "decompression bomb"
    UNKNOWN_SIGNER = "unknown signer"
    ALTERED = "altered"
    INJECTED = "injected"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    SWAPPED = "swapped"
    OTHER_LANGUAGE = "other language"
    REWRITTEN = "rewritten"
    FEED_ALTERED = "feed differs"
    INCOMPLETE = "incomplete"
    PLANTED = "planted"
    ANSWERS_ALL = "answers everything"
    LISTS_FOLDERS = "lists folders"
    CLOAKED = "cloaked"
    CACHED = "cache differs"
    HEADERS_LOST = "headers lost"
    HEADERS_WEAKENED = "headers weakened"
    HEADERS_ADDED = "headers added"
    COOKIES = "cookies"
    OTHER_TYPE = "other type"
    WITHDRAWN = "withdrawn but served"
    LEFT_OVER = "left over"
    ROLLED_BACK = "rolled back"
    STALE = "stale"
    PARTLY_STALE = "partly stale"
    UNCONFIRMED = "not confirmed"
    IN_TRANSIT = "in transit"
    AHEAD = "ahead"
    OTHER_EDITION = "other edition"
    NOT_LISTED = "not listed"
    RETURNED = "returned"
    CLOCKS_APART = "clocks apart"
    OWN_CLOCK = "own clock"


class Words(NamedTuple):
    """A fault for people, and what a mirror with it is to readers."""

    state: State
    means: str
    remedy: str


class Found(NamedTuple):
    """One fact: a fault, the path concerned ("" for the whole mirror), and what is the case there.

    `detail` completes the sentence that begins with the path, or is one of its own where there is no path.
    """

    fault: Fault
    path: str
    detail: str


_TELL = "Tell whoever runs the mirror; until it is mended take it off the list."
_TAKE_OFF = "Take the mirror off the list now, then ask whoever runs it what happened."
_PUBLISH = "Publish to this mirror again; with --audit if it stays like this."
_WAY = (
    "Somebody between here and the mirror changes what is sent, or the mirror itself does: look from another "
    "network."
)

WORDS = {
    Fault.NO_NAME: Words(
        State.AWAY,
        "The name of the mirror leads nowhere: it has expired, was taken away, or is blocked on this "
        "network.",
        "Look from another network or through Tor. If it is gone there too, ask the registrar.",
    ),
    Fault.SINKHOLED: Words(
        State.AWAY,
        "The name of the mirror leads to an address that no public server can have: the answer was forged.",
        "Look from another network or through Tor. If only this network lies, readers here need other "
        "mirrors.",
    ),
    Fault.NO_CONNECTION: Words(
        State.AWAY,
        "Nobody answers at the address of the mirror.",
        "Ask whoever runs it whether the server is up; look from another network, where it may not be "
        "blocked.",
    ),
    Fault.CUT: Words(
        State.AWAY,
        "The connection was broken off as soon as the mirror's name was said. Filters that block by name "
        "do so.",
        "Look from another network or through Tor. If it works there, this network blocks the name.",
    ),
    Fault.NO_TLS: Words(
        State.AWAY,
        "The server cannot agree on encryption, so that browsers show an error instead of the site.",
        "Ask whoever runs the mirror to look at the settings of TLS.",
    ),
    Fault.CERTIFICATE: Words(
        State.AWAY,
        "The certificate is not one that browsers accept: somebody may be reading along, or it is set up "
        "wrongly.",
        "Look from another network. If it is the same there, ask whoever runs the mirror for a new "
        "certificate.",
    ),
    Fault.EXPIRED_CERTIFICATE: Words(
        State.AWAY,
        "The certificate has expired, so that browsers show a warning instead of the site.",
        "Ask whoever runs the mirror to renew it, and to let a program renew it from now on.",
    ),
    Fault.ENDING_CERTIFICATE: Words(
        State.NOTED,
        "The certificate ends within two weeks; most are renewed a month before.",
        "Ask whoever runs the mirror whether its renewal still works.",
    ),
    Fault.OTHER_ISSUER: Words(
        State.NOTED,
        "The certificate comes from another authority than before. Hosts change theirs; so do those who "
        "listen in.",
        "Ask whoever runs the mirror whether they changed it, on another way than through the mirror.",
    ),
    Fault.NO_ANSWER: Words(
        State.AWAY,
        "The server is there and gives no answer that can be used.",
        "Ask whoever runs the mirror to look into the server's log.",
    ),
    Fault.REFUSED: Words(
        State.AWAY,
        "The server refuses the pages to us, and perhaps to readers.",
        "Look from another network. If it is the same there, ask the host whether it closed the account.",
    ),
    Fault.LEGALLY_BLOCKED: Words(
        State.AWAY,
        "The server says that it may not show this here for legal reasons (status 451).",
        "Ask the host for the order and by whom it was given; readers here need other mirrors.",
    ),
    Fault.BLOCK_PAGE: Words(
        State.AWAY,
        "In place of the site a page comes that says nothing of the release, as if all were well.",
        "Look from another network. It may be a filter's page, or that of a host that closed the account.",
    ),
    Fault.LEADS_ELSEWHERE: Words(
        State.HARMFUL,
        "Readers are sent to another place, which may be anybody's.",
        _TAKE_OFF,
    ),
    Fault.LEADS_TO_HTTP: Words(
        State.HARMFUL,
        "Readers are sent to an address without encryption, where everybody on the way can read and "
        "change pages.",
        _TAKE_OFF,
    ),
    Fault.DRIPS: Words(
        State.AWAY,
        "Answers come so slowly that readers give up.",
        "Look from another network; slowing down is also a way to block.",
    ),
    Fault.ENDLESS: Words(
        State.HARMFUL, "An answer does not end, which fills up a reader's device.", _TAKE_OFF
    ),
    Fault.BOMB: Words(
        State.HARMFUL,
        "A small answer unpacks to something far larger than the file, which can stop a reader's device.",
        _TAKE_OFF,
    ),
    Fault.UNKNOWN_SIGNER: Words(
        State.HARMFUL,
        "What is there is not signed by the editors, or not by enough of them.",
        _TAKE_OFF,
    ),
    Fault.ALTERED: Words(State.HARMFUL, "Files are not what the editors signed.", _TAKE_OFF),
    Fault.INJECTED: Words(
        State.HARMFUL,
        "Something was put into pages that is not the editors'; the rest of them is whole.",
        _WAY,
    ),
    Fault.TRUNCATED: Words(
        State.BEHIND, "Files end too early: a copy was cut short, or a disk is full.", _PUBLISH
    ),
    Fault.EMPTY: Words(
        State.BEHIND, "Files are there and empty: a copy was cut short, or a disk is full.", _PUBLISH
    ),
    Fault.SWAPPED: Words(
        State.HARMFUL, "At the address of one page another one of ours is shown.", _TAKE_OFF
    ),
    Fault.OTHER_LANGUAGE: Words(
        State.HARMFUL,
        "At the address of a page its version in another language is shown, so that readers may not "
        "understand it.",
        "Ask whoever runs the mirror whether the server chooses languages by itself, and to switch that off.",
    ),
    Fault.REWRITTEN: Words(
        State.HARMFUL,
        "Pages or pictures were packed anew on their way, as some hosts do to save bytes. They cannot be "
        "verified.",
        "Switch off at the host what optimises, minifies or recompresses; or take the mirror off the list.",
    ),
    Fault.FEED_ALTERED: Words(
        State.HARMFUL,
        "A feed is not what the editors signed: subscribers are told other things than readers of pages.",
        _TAKE_OFF,
    ),
    Fault.INCOMPLETE: Words(
        State.BEHIND, "Files that belong to the release are missing, or are not given out.", _PUBLISH
    ),
    Fault.PLANTED: Words(
        State.HARMFUL,
        "There are files that the editors did not publish. Whoever opens them takes them for the "
        "editors' own.",
        "Find out who put them there before you delete them: somebody may be able to write to this server.",
    ),
    Fault.ANSWERS_ALL: Words(
        State.HARMFUL,
        "The server has an answer for every address, also for what cannot exist. What it makes up is not "
        "ours.",
        "Ask whoever runs the mirror to answer with status 404 where there is no file.",
    ),
    Fault.LISTS_FOLDERS: Words(
        State.NOTED,
        "The server lists what is in its folders; no page of ours leads there.",
        "Ask whoever runs the mirror to switch off listings of folders.",
    ),
    Fault.CLOAKED: Words(
        State.HARMFUL,
        "Not all readers are shown the same: it depends on the program, the language or where they come "
        "from.",
        _TAKE_OFF,
    ),
    Fault.CACHED: Words(
        State.HARMFUL,
        "A cache before the mirror gives out something else than the mirror itself: an old file, or a "
        "poisoned one.",
        "Empty the cache at the host; if it comes back, take the mirror off the list.",
    ),
    Fault.HEADERS_LOST: Words(
        State.NOTED,
        "Headers that protect readers are no longer sent, while others of ours are.",
        "Ask whoever runs the mirror to use the settings in server/ of the release as they are.",
    ),
    Fault.HEADERS_WEAKENED: Words(
        State.NOTED,
        "Headers that protect readers allow more than the editors decided.",
        "Ask whoever runs the mirror to use the settings in server/ of the release as they are.",
    ),
    Fault.HEADERS_ADDED: Words(
        State.NOTED,
        "Headers were added that make browsers load or report something elsewhere.",
        "Ask whoever runs the mirror where they come from, and to switch them off.",
    ),
    Fault.COOKIES: Words(
        State.NOTED,
        "The server sets cookies, by which readers can be recognised.",
        "Ask whoever runs the mirror to switch them off; where the host insists, take the mirror off the "
        "list.",
    ),
    Fault.OTHER_TYPE: Words(
        State.BEHIND,
        "Files are given out as of another type, so that browsers show them wrongly, or run what is no page.",
        "Ask whoever runs the mirror to use the types of server/ of the release.",
    ),
    Fault.WITHDRAWN: Words(
        State.HARMFUL,
        "What the editors took back is still given out. It may endanger somebody.",
        "Publish to this mirror again at once; if it stays, delete it by hand and empty the host's cache.",
    ),
    Fault.LEFT_OVER: Words(
        State.NOTED,
        "Files of earlier releases that show nobody, such as old lists or style sheets, were not deleted.",
        _PUBLISH,
    ),
    Fault.ROLLED_BACK: Words(
        State.HARMFUL,
        "The mirror served a newer release before, so that what was corrected or withdrawn meanwhile is "
        "back.",
        _TAKE_OFF,
    ),
    Fault.STALE: Words(
        State.BEHIND, "The whole mirror serves an earlier release, longer than an update takes.", _PUBLISH
    ),
    Fault.PARTLY_STALE: Words(
        State.BEHIND,
        "Some files are still those of an earlier release, longer than an update takes.",
        _PUBLISH,
    ),
    Fault.UNCONFIRMED: Words(
        State.BEHIND,
        "The signature that says that nothing newer exists has ended. Pages stay the editors' own.",
        "Run 'refresh' on the machine with the online key, then publish.",
    ),
    Fault.IN_TRANSIT: Words(
        State.UPDATING, "The mirror is being updated.", "Look again in an hour; nothing needs to be done now."
    ),
    Fault.AHEAD: Words(
        State.NOTED,
        "The mirror serves a newer release than is known here, rightly signed.",
        "Fetch the other editors' repository. If nobody there released it, keys were stolen: see "
        "docs/keys.md.",
    ),
    Fault.OTHER_EDITION: Words(
        State.HARMFUL,
        "The files are the editors' own, but were made for another address: somebody copied another mirror.",
        "Publish the edition that was made for this address. If nobody of yours runs it, do not trust it.",
    ),
    Fault.NOT_LISTED: Words(
        State.HARMFUL,
        "This address is in no list of the editors. Whoever runs it can change it whenever they like.",
        "Do not pass it on. If it belongs to a friend, add it to mirrors.toml and publish an edition of "
        "its own.",
    ),
    Fault.RETURNED: Words(
        State.NOTED,
        "The mirror was away and is back; so every file was compared before it counts again.",
        "Nothing needs to be done.",
    ),
    Fault.CLOCKS_APART: Words(
        State.NOTED,
        "The clocks of the mirror and of this computer are more than a day apart; one of them is wrong.",
        "Compare this computer's clock with another one; if it is right, tell whoever runs the mirror.",
    ),
    Fault.OWN_CLOCK: Words(
        State.UNCERTAIN,
        "The clock of this computer is wrong, so that it cannot be told what is too old.",
        "Set the clock and look again.",
    ),
}


def state_of(faults: list[Fault]) -> State:
    """What a mirror with these faults is to readers."""
    return max((WORDS[fault].state for fault in faults), default=State.GOOD)
