"""Days, partial dates and instants: one way to write each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tocsin.model.dates import PartialDate, parse_day, parse_instant


def said(call, value):
    with pytest.raises(ValueError, match=r".") as caught:
        call(value)
    return str(caught.value)


def test_a_day_is_written_year_month_day():
    assert parse_day("2013-02-12") == date(2013, 2, 12)
    assert parse_day(date(2013, 2, 12)) == date(2013, 2, 12)


@pytest.mark.parametrize("text", ["12/02/2013", "2/12/13", "1.2.2013", "12-02-2013"])
def test_a_day_that_can_be_read_in_two_ways_is_refused_for_that(text):
    assert said(parse_day, text) == (
        f"'{text}' can be read as two different days; write year-month-day, such as 2013-02-12"
    )


@pytest.mark.parametrize("value", ["31/12/2013", "12/12/2013", 2013, "2013-2-12", "٢٠١٣-٠٢-١٢", "", True])
def test_what_is_no_day_is_refused(value):
    assert said(parse_day, value) == f"'{value}' is not a date; write year-month-day, such as 2013-02-12"


@pytest.mark.parametrize("value", [("2013-02-12",), {"day": 1}, None])
def test_lists_and_groups_are_not_shown_as_python_writes_them(value):
    assert said(parse_day, value) == "this is not a date; write year-month-day, such as 2013-02-12"
    assert said(PartialDate.parse, value).startswith("this is not a date; write 2012")


@pytest.mark.parametrize("text", ["2013-02-29", "2013-13-01", "2013-00-10", "0000-01-01"])
def test_a_day_must_be_in_the_calendar(text):
    assert said(parse_day, text) == f"'{text}' is not a day of the calendar; correct the month or the day"


@pytest.mark.parametrize(("text", "year"), [("0213-02-12", 213), ("9999-12-31", 9999), ("1799-12-31", 1799)])
def test_a_year_that_can_hardly_be_meant_is_refused(text, year):
    told = f"'{text}' is of the year {year}, which can hardly be meant; correct the year"
    assert said(parse_day, text) == told
    assert said(PartialDate.parse, text) == told


def test_a_day_is_no_instant():
    assert said(parse_day, datetime(2013, 2, 12, tzinfo=UTC)).endswith(
        "write year-month-day, such as 2013-02-12"
    )


@pytest.mark.parametrize(
    "text",
    ["2013-03-22T00:01+01:00", "2013-03-22 00:01+01:00", "2013-03-21T23:01Z", "2013-03-21T23:01:00Z"],
)
def test_an_instant_is_kept_in_utc(text):
    instant = parse_instant(text)
    assert instant == datetime(2013, 3, 21, 23, 1, tzinfo=UTC)
    assert instant.utcoffset() == timedelta(0)


def test_an_instant_of_a_toml_file_is_taken_as_it_is():
    zoned = datetime(2013, 3, 22, 0, 1, tzinfo=timezone(timedelta(hours=1)))
    assert parse_instant(zoned) == datetime(2013, 3, 21, 23, 1, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2013-03-22T09:00", datetime(2013, 3, 22, 9)])  # noqa: DTZ001
def test_an_instant_without_a_zone_is_refused(value):
    assert "has no time zone; add one, such as 2013-03-22" in said(parse_instant, value)


@pytest.mark.parametrize(
    "text", ["2013-03-22", "22 March, 0h01 GMT", "2013-03-22T9:00Z", "2013-03-22T09:00 CET"]
)
def test_what_is_no_instant_is_refused(text):
    assert said(parse_instant, text) == (
        f"'{text}' is not an instant; write date, time and zone, such as 2013-03-22T09:00+01:00"
    )


@pytest.mark.parametrize("text", ["2013-02-30T09:00Z", "2013-03-22T25:00Z", "2013-03-22T09:00+99:00"])
def test_an_instant_must_be_in_the_calendar(text):
    assert said(parse_instant, text) == f"'{text}' is not an instant of the calendar; correct the numbers"


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
def test_an_instant_at_the_end_of_time_is_refused_and_does_not_overflow(text):
    assert "which can hardly be meant" in said(parse_instant, text)


@pytest.mark.parametrize(
    ("value", "first"),
    [
        ("2012", date(2012, 1, 1)),
        ("2012-11", date(2012, 11, 1)),
        ("2012-11-05", date(2012, 11, 5)),
        ("2012-11-05/2012-11-12", date(2012, 11, 5)),
        ("2012/2013", date(2012, 1, 1)),
        ("2012-11/2012", date(2012, 11, 1)),
    ],
)
def test_a_partial_date_keeps_what_was_written_and_knows_its_first_day(value, first):
    partial = PartialDate.parse(value)
    assert (partial.text, str(partial), partial.first) == (str(value), str(value), first)


def test_an_interval_has_two_parts():
    assert PartialDate.parse("2012-11-05/2012-12").parts == ("2012-11-05", "2012-12")
    assert PartialDate.parse("2012-11").parts == ("2012-11",)


def test_partial_dates_are_sorted_by_their_first_day():
    texts = ["2013-01", "2012-11-05", "2012", "2012-11"]
    assert [str(d) for d in sorted(map(PartialDate.parse, texts))] == [
        "2012",
        "2012-11",
        "2012-11-05",
        "2013-01",
    ]


@pytest.mark.parametrize(
    "value", ["", "Nov 2012", "2012-1", "2012-11-5", "2012/2013/2014", "/2012", "2012/", True]
)
def test_what_is_no_partial_date_is_refused(value):
    assert said(PartialDate.parse, value) == (
        f"'{value}' is not a date; write 2012, 2012-11, 2012-11-05 or start/end"
    )


@pytest.mark.parametrize("text", ["2012-00", "2012-13", "2012-02-30", "2012-11-00"])
def test_a_partial_date_must_be_in_the_calendar(text):
    assert said(PartialDate.parse, text) == f"'{text}' is not in the calendar; correct the month or the day"


@pytest.mark.parametrize("text", ["2013/2012", "2012-12/2012-11", "2012-11-05/2012-10"])
def test_an_interval_does_not_end_before_it_begins(text):
    assert said(PartialDate.parse, text) == f"'{text}' ends before it begins; exchange the two dates"


def test_a_partial_date_may_come_as_a_number_or_as_toml_reads_it():
    assert PartialDate.parse(2012) == PartialDate.parse("2012")
    assert PartialDate.parse(date(2012, 11, 5)) == PartialDate.parse("2012-11-05")
