"""Who has to sign what by when: in words, for machines, and as a calendar that others can read."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from tests.unit.keys.people import (
    NOW,
    THEN,
    Repository,
    folder,
    key_of,
    make_root_of,
    wait_for_release,
    wanted,
)
from tocsin.keys.calendar import calendar
from tocsin.keys.folder import SigningFolder
from tocsin.keys.pending import read_pending, sign
from tocsin.keys.status import Duty, duties

DAYS = {"root": 365, "targets": 90, "online": 14}


@pytest.fixture
def place(tmp_path: Path) -> SigningFolder:
    place = folder(tmp_path / "signing")
    make_root_of(place, wanted(), "ana", "bo", now=THEN)
    return place


def said(place: SigningFolder, now: datetime) -> list[str]:
    return [duty.sentence(now) for duty in duties(place, DAYS, now)]


def test_before_the_first_root_somebody_has_to_begin(tmp_path: Path):
    assert said(folder(tmp_path), NOW) == [
        "OVERDUE make the first root of trust: whoever begins ('keys rotate')"
    ]


def test_the_root_far_from_its_end_near_it_and_after(place: SigningFolder):
    who = "sign the root of trust anew: 2 of ana, bo, chen ('keys rotate')"
    assert said(place, THEN) == [f"        by 22 November 2027: {who}"]
    assert said(place, THEN + timedelta(days=300)) == [f"soon    by 22 November 2027: {who}"]
    assert said(place, THEN + timedelta(days=365)) == [f"OVERDUE since 22 November 2027: {who}"]


def test_what_is_most_urgent_comes_first(place: SigningFolder):
    Repository(place).publish(("ana",), "timer", b"page", version=1)
    make_root_of(place, wanted(of_targets=2), "ana", now=THEN)
    kinds = [duty.kind for duty in duties(place, DAYS, NOW)]
    assert (kinds[0], kinds[-1], sorted(kinds[1:-1])) == ("pending", "root", ["online", "targets"])
    later = duties(place, DAYS, NOW + timedelta(days=11))
    assert [(duty.kind, duty.command) for duty in later if duty.is_overdue] == [
        ("online", "refresh"),
        ("targets", "release"),
    ]


def test_what_waits_says_who_is_missing(place: SigningFolder):
    make_root_of(place, wanted(root=("ana", "dara"), threshold=2), "ana", now=THEN)
    assert said(place, THEN)[0] == ("        root 2 waits for 1 more: 1 of bo, chen ('keys sign')")


def test_signatures_of_people_who_left_have_to_be_made_anew_at_once(place: SigningFolder):
    Repository(place).publish(("dara",), "timer", b"page", version=1)
    make_root_of(place, wanted(targets=("ana",), online=("timer-2",)), "ana", "bo", now=THEN)
    overdue = [duty.sentence(THEN) for duty in duties(place, DAYS, THEN) if duty.is_overdue]
    assert overdue == [
        "OVERDUE say what is the newest anew, since those who signed may do so no more: timer-2 ('refresh')",
        "OVERDUE sign what is published anew, since those who signed may do so no more: ana ('release')",
    ]


def test_only_the_newest_of_each_list_counts(place: SigningFolder):
    mirror = Repository(place)
    mirror.publish(("dara",), "timer", b"page", version=1)
    make_root_of(place, wanted(targets=("ana",)), "ana", "bo", now=THEN)
    mirror.publish(("ana",), "timer", b"page", version=10)
    assert [duty for duty in duties(place, DAYS, THEN) if duty.is_overdue] == []


def test_the_list_for_machines(place: SigningFolder):
    (duty,) = duties(place, DAYS, THEN)
    assert duty.as_record() == {
        "kind": "root",
        "what": "sign the root of trust anew",
        "by": "2027-11-22T12:00:00+00:00",
        "who": ["ana", "bo", "chen"],
        "threshold": 2,
        "command": "keys rotate",
        "overdue": False,
    }


# The calendar


def some(kind: str = "online", by: datetime | None = THEN, days: int = 14, who: str = "timer") -> Duty:
    return Duty(kind, "say what is the newest anew", by, (who,), 1, "refresh", False, version=7, days=days)


def test_another_program_reads_the_calendar():
    read = icalendar.Calendar.from_ical(calendar([some()], "omct.example"))
    assert read.errors == []
    (event,) = read.walk("VEVENT")
    assert event.errors == []
    assert event["UID"] == "online@omct.example"
    assert event.decoded("DTSTART") == date(2026, 11, 21)
    assert event.decoded("DTSTAMP") == datetime(2026, 11, 8, 12, tzinfo=UTC)
    assert event["SEQUENCE"] == 7
    assert event["SUMMARY"] == "Say what is the newest anew (omct.example)"
    assert event["DESCRIPTION"] == "Has to sign: timer.\nCommand: python3 tasks.py refresh"
    alarms = [alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")]
    assert alarms == [timedelta(days=-days) for days in (7, 3, 1)]
    assert {alarm["ACTION"] for alarm in event.walk("VALARM")} == {"DISPLAY"}


def test_a_year_has_more_alarms_than_a_fortnight():
    read = icalendar.Calendar.from_ical(calendar([some(days=365)], "omct.example"))
    assert [alarm.decoded("TRIGGER").days for alarm in read.walk("VALARM")] == [-60, -30, -14, -7, -3, -1]


def test_lines_are_folded_by_bytes_and_text_is_escaped():
    words = "ana, bo; \\ " + "é" * 100
    data = calendar([some(who=words)], "omct.example")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert event["DESCRIPTION"].startswith(f"Has to sign: {words}.")


def test_what_has_no_day_is_not_in_the_calendar_and_an_empty_one_is_one():
    assert icalendar.Calendar.from_ical(calendar([some(by=None)], "omct.example")).walk("VEVENT") == []


def test_the_calendar_does_not_depend_on_the_clock(place: SigningFolder):
    early = calendar(duties(place, DAYS, THEN), "omct.example")
    assert early == calendar(duties(place, DAYS, THEN + timedelta(days=400)), "omct.example")


def test_signing_anew_moves_the_same_event(place: SigningFolder):
    def event() -> icalendar.Event:
        data = calendar(duties(place, DAYS, THEN), "omct.example")
        (found,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
        return found

    before = event()
    make_root_of(place, wanted(), "ana", "bo", now=THEN + timedelta(days=200))
    after = event()
    assert before["UID"] == after["UID"] == "root@omct.example"
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 2)
    assert after.decoded("DTSTART") - before.decoded("DTSTART") == timedelta(days=200)


def test_a_release_that_waits_is_one_duty_however_many_lists_it_has(place: SigningFolder):
    make_root_of(place, wanted(of_targets=2), "ana", "bo", now=THEN)
    wait_for_release(place, "dara")
    assert said(place, THEN)[0] == "        release 2026.11.22.1 waits for 1 more: ana ('release')"
    sign(read_pending(place), key_of("ana").signer, "ana")
    assert said(place, THEN)[0] == "        release 2026.11.22.1 is signed by enough: an editor ('release')"
