"""What is made of what was seen: headers compared, bodies told apart, states and changes remembered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.watched import POLICY
from tocsin.console.mirrors import told
from tocsin.console.watching import _own_clock
from tocsin.probing.bodies import look_closer, unpacked
from tocsin.probing.faults import Fault, Found, State
from tocsin.probing.headers import Expected, keeps
from tocsin.probing.history import MOST, Change, History, read_history, write_history
from tocsin.probing.probe import Depth, Outcome
from tocsin.probing.protections import Kept, Protection, protections
from tocsin.probing.readers import KEPT, LOST, STATES
from tocsin.probing.source import Seen
from tocsin.serving.policy import CACHE, CONTENT, TRANSPORT, header_policy
from tocsin.signed.edition import File

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
OURS = header_policy()


@pytest.mark.parametrize(
    ("name", "said", "wanted", "is_kept"),
    [
        (CONTENT, OURS, OURS, True),
        (CONTENT, OURS.upper(), OURS, True),
        (CONTENT, OURS + "; upgrade-insecure-requests", OURS, True),
        (CONTENT, OURS.replace("style-src 'self'", "style-src 'none'"), OURS, True),
        (CONTENT, OURS + "; script-src 'self'", OURS, False),
        (CONTENT, OURS.replace("style-src 'self'", "style-src *"), OURS, False),
        (CONTENT, OURS.replace("frame-ancestors 'none'", "x"), OURS, False),
        (CONTENT, "default-src *, " + OURS, OURS, True),
        (CONTENT, "default-src *; " + OURS, OURS, False),
        (TRANSPORT, "max-age=63072000; includeSubDomains", "max-age=63072000", True),
        (TRANSPORT, "max-age=300", "max-age=63072000", False),
        (CACHE, "no-store", "no-cache", True),
        (CACHE, "max-age=0, must-revalidate", "no-cache", True),
        (CACHE, "max-age=600", "no-cache", False),
        (CACHE, "max-age=600", "public, max-age=86400", True),
        (CACHE, "max-age=99999999", "public, max-age=86400", False),
        ("X-Frame-Options", "deny", "DENY", True),
        ("X-Frame-Options", "SAMEORIGIN", "DENY", False),
    ],
    ids=range(18),
)
def test_what_protects_as_well(name: str, said: str, wanted: str, is_kept: bool):
    assert keeps(name, said, wanted) is is_kept


def test_frames_in_words_by_either_header():
    expected = Expected(dict(POLICY.as_record()["base"]), {}, {})  # type: ignore[call-overload]

    def kept(headers: dict[str, str]) -> dict[Protection, bool | None]:
        return dict(protections({"": Seen(200, headers)}, expected, address="http://a.example/"))

    assert kept({})[Protection.FRAMES] is False
    assert kept({"x-frame-options": "DENY"})[Protection.FRAMES] is True
    assert kept({"content-security-policy": "frame-ancestors 'none'"})[Protection.FRAMES] is True
    both = {"content-security-policy": "frame-ancestors *", "x-frame-options": "DENY"}
    assert kept(both)[Protection.FRAMES] is False
    assert kept({})[Protection.TRANSPORT] is None
    assert set(kept({})) == set(Protection) == set(KEPT) == set(LOST)
    assert set(STATES) == set(State)


def test_bodies_without_an_original_are_told_apart_as_far_as_they_can_be():
    files = {
        "a.html": File.of(b"a page"),
        "b.html": File.of(b"b page"),
        "fr/a.html": File.of(b"la page"),
    }
    languages = ("en", "fr")

    def seen(body: bytes, path: str = "a.html") -> Fault:
        return look_closer(path, body, files, None, languages)[0]

    assert seen(b"") is Fault.EMPTY
    assert seen(b"b page") is Fault.SWAPPED
    assert seen(b"la page") is Fault.OTHER_LANGUAGE
    assert seen(b"a page", "fr/a.html") is Fault.OTHER_LANGUAGE
    assert seen(b"an attack") is Fault.ALTERED


def test_what_cannot_be_unpacked():
    assert unpacked(b"x", "", 10) == b"x"
    assert unpacked(b"x", "br", 10) is None
    assert unpacked(b"no such thing", "gzip", 10) is None


def outcome(name: str, *found: Found, release: str = "2026.11.21.1") -> Outcome:
    return Outcome(name, f"https://{name}.example/", AT, Depth.QUICK, found, release, 20, 1000)


APART = Found(Fault.CLOCKS_APART, "", "It is early here.")


def test_where_all_servers_tell_another_time_the_clock_here_is_wrong():
    both = _own_clock([outcome("oslo", APART), outcome("lima", APART)])
    assert [one.faults for one in both] == [(Fault.OWN_CLOCK,), (Fault.OWN_CLOCK,)]
    assert both[0].state is State.UNCERTAIN
    one = [outcome("oslo", APART), outcome("lima")]
    assert _own_clock(one) == one


def test_the_whole_of_what_editors_are_told():
    lost = (Kept(Protection.FRAMES, False), Kept(Protection.TYPES, True))
    pages = [f"p/{number}.html" for number in range(7)]
    gone = outcome("oslo", *(Found(Fault.INCOMPLETE, page, "is not there") for page in pages))
    bucket = Outcome("lima", "https://lima.example/", AT, Depth.FULL, (), "2026.11.21.1", 1874, 9, lost)
    assert told([gone, bucket]) == (
        """\
MIRROR  STATE        RELEASE       LOOKED  FILES  FOUND
oslo    Out of date  2026.11.21.1  quick      20  incomplete
lima    Works        2026.11.21.1  full    1,874  nothing

oslo
  Incomplete:
    p/0.html: is not there
    p/1.html: is not there
    p/2.html: is not there
    p/3.html: is not there
    p/4.html: is not there
    … and 2 more; --json lists all
    What this means: Files that belong to the release are missing, or are not given out.
    What to do: Publish to this mirror again; with --audit if it stays like this.

lima
  What this host does not protect readers from:
    Frames are not blocked there: another site can show these pages inside its own."""
    )
    assert told([]) == "There is no mirror to look at; write mirrors.toml, or name an address."


def test_what_a_stranger_says_commands_no_terminal():
    text = told([outcome("oslo", Found(Fault.LEADS_ELSEWHERE, "a", "leads to \x1b[31mred"))])
    assert "\x1b" not in text
    assert "leads to \\x1b[31mred" in text


def test_changes_are_what_readers_would_notice(tmp_path: Path):
    file = tmp_path / "history.json"
    assert read_history(file) == History({})
    first = History({}).after([("oslo", State.GOOD)], AT)
    second = first.after([("oslo", State.NOTED)], AT + timedelta(hours=1))
    assert second.changes == first.changes == (Change(AT.isoformat(), "oslo", None, State.GOOD),)
    assert second.states["oslo"] == (State.NOTED, AT.isoformat())
    third = second.after([("oslo", State.HARMFUL), ("lima", State.AWAY)], AT + timedelta(hours=2))
    assert [(one.name, one.before, one.after) for one in third.changes] == [
        ("lima", None, State.AWAY),
        ("oslo", State.NOTED, State.HARMFUL),
        ("oslo", None, State.GOOD),
    ]
    write_history(file, third)
    assert read_history(file) == third
    assert {one.name for one in third.after([("lima", State.AWAY)], AT).changes} == {"lima"}
    for text in ("", "[]", '{"form": 1}', '{"form": 1, "states": {"a": [99, ""]}, "changes": []}'):
        file.write_text(text, encoding="utf-8")
        assert read_history(file) == History({})


def test_a_history_has_an_end():
    history = History({})
    for number in range(MOST + 5):
        state = State.GOOD if number % 2 else State.AWAY
        history = history.after([("oslo", state)], AT + timedelta(hours=number))
    assert len(history.changes) == MOST
