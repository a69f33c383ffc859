"""Case codes, in every spelling that real appeals show."""

from __future__ import annotations

from datetime import date

import pytest

from tocsin.model.codes import CaseCode

OBSERVATORY = [
    ("BLR 001 / 0111 / OBS 004", "BLR 001 / 0111 / OBS 004", 0, date(2011, 1, 1)),
    ("CMR 001 / 1112 / OBS 111", "CMR 001 / 1112 / OBS 111", 0, date(2012, 11, 1)),
    ("CMR 001 / 1112 / OBS 111.2", "CMR 001 / 1112 / OBS 111.2", 2, date(2012, 11, 1)),
    ("ZWE 001 / 0113 / OBS014", "ZWE 001 / 0113 / OBS 014", 0, date(2013, 1, 1)),
    ("ZWE 001 / 0113 / OBS 014.1", "ZWE 001 / 0113 / OBS 014.1", 1, date(2013, 1, 1)),
    ("ZWE 001 / 0210 / OBS 023.3", "ZWE 001 / 0210 / OBS 023.3", 3, date(2010, 2, 1)),
    ("BHR 004 / 0810 / OBS 101.2", "BHR 004 / 0810 / OBS 101.2", 2, date(2010, 8, 1)),
    ("ZWE 002 / 0119 / OBS 007", "ZWE 002 / 0119 / OBS 007", 0, date(2019, 1, 1)),
    ("COL 005 / 1121 / OBS 118", "COL 005 / 1121 / OBS 118", 0, date(2021, 11, 1)),
    ("CMR 001/1112/OBS111.2", "CMR 001 / 1112 / OBS 111.2", 2, date(2012, 11, 1)),
    ("CMR001/1112/OBS 1111", "CMR 001 / 1112 / OBS 1111", 0, date(2012, 11, 1)),
    ("  CMR 001\u00a0/ 1112 /\nOBS 111 ", "CMR 001 / 1112 / OBS 111", 0, date(2012, 11, 1)),
]

SECRETARIAT = [
    ("Case SYR 130901.1", "SYR 130901.1", 1, "", date(2001, 9, 13)),
    ("SYR 130901", "SYR 130901", 0, "", date(2001, 9, 13)),
    ("Case NPL 281103.2.CC", "NPL 281103.2.CC", 2, "CC", date(2003, 11, 28)),
    ("NPL281103.1.CC", "NPL 281103.1.CC", 1, "CC", date(2003, 11, 28)),
    ("Case SDN 050504.CC", "SDN 050504.CC", 0, "CC", date(2004, 5, 5)),
    ("Cas COD 151009", "COD 151009", 0, "", date(2009, 10, 15)),
    ("COD 151009.CC", "COD 151009.CC", 0, "CC", date(2009, 10, 15)),
    ("Cas COD 180811", "COD 180811", 0, "", date(2011, 8, 18)),
    ("COD 151209", "COD 151209", 0, "", date(2009, 12, 15)),
    ("Caso COL 090805", "COL 090805", 0, "", date(2005, 8, 9)),
    ("Caso COL 020697", "COL 020697", 0, "", date(1997, 6, 2)),
    ("BLR 220611.1", "BLR 220611.1", 1, "", date(2011, 6, 22)),
    ("COL 120399.12.ESCR", "COL 120399.12.ESCR", 12, "ESCR", date(1999, 3, 12)),
    ("COL 120300.VAW", "COL 120300.VAW", 0, "VAW", date(2000, 3, 12)),
]


@pytest.mark.parametrize(("written", "shown", "follow_up", "opened"), OBSERVATORY)
def test_the_observatorys_codes_are_read_in_every_spelling(written, shown, follow_up, opened):
    code = CaseCode.parse(written)
    assert (code.scheme, code.display, code.follow_up, code.opened) == (
        "observatory",
        shown,
        follow_up,
        opened,
    )
    assert code.country3 == shown[:3]


@pytest.mark.parametrize(("written", "shown", "follow_up", "programme", "opened"), SECRETARIAT)
def test_the_secretariats_codes_are_read_in_every_spelling(written, shown, follow_up, programme, opened):
    code = CaseCode.parse(written)
    assert (code.scheme, code.display, code.programme) == ("secretariat", shown, programme)
    assert (code.follow_up, code.opened) == (follow_up, opened)


def test_the_stem_of_a_follow_up_of_2015_is_still_that_of_the_first_appeal_of_2012():
    first, later = CaseCode.parse("CMR 001 / 1112 / OBS 111"), CaseCode.parse("CMR 001 / 1112 / OBS 111.9")
    assert first.stem == later.stem == "CMR 001 / 1112 / OBS 111"


def test_one_search_finds_every_spelling():
    spellings = ["ZWE 001 / 0113 / OBS014.1", "ZWE 001/0113/OBS 014.1", "ZWE001 / 0113/ OBS014.1"]
    assert {CaseCode.parse(text).search_key for text in spellings} == {"ZWE0010113OBS014.1"}


def test_years_below_85_are_of_this_century_and_others_of_the_last():
    assert CaseCode.parse("COL 010184").opened == date(2084, 1, 1)
    assert CaseCode.parse("COL 010185").opened == date(1985, 1, 1)


def test_a_code_contradicts_a_day_of_issue_before_its_own_and_no_other():
    code = CaseCode.parse("COD 110102")
    assert code.contradicts(date(2002, 1, 10))
    assert not code.contradicts(date(2002, 1, 11))
    assert not code.contradicts(date(2003, 1, 8))
    assert not CaseCode.parse("CMR 001 / 1112 / OBS 111").contradicts(date(2012, 11, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CMR",
        "cmr 001 / 1112 / OBS 111",
        "CMR 1 / 1112 / OBS 111",
        "CMR 001 / 1312 / OBS 111",
        "CMR 001 / 0012 / OBS 111",
        "CMR 001 / 1112 / OBS 11",
        "CMR 001 / 1112 / OBS 111.",
        "CMR 001 / 1112 / OBS 111.123",
        "CMR 001 / 1112 / OBS 111.2 (update)",
        "CMR ٠٠١ / 1112 / OBS 111",
        "Follow-up to Case SYR 130901",
        "SYR 130901.XX",
        "SYR 1309011",
        "UA 60/16",
    ],
)
def test_what_is_no_code_is_refused_with_both_patterns(text):
    with pytest.raises(ValueError, match="is not a case code; write it like 'CMR 001 / 1112 / OBS"):
        CaseCode.parse(text)


def test_a_day_that_does_not_exist_is_refused():
    with pytest.raises(
        ValueError, match="'SYR 310201' is not a case code, as there is no day 31 of month 02;"
    ):
        CaseCode.parse("SYR 310201")


def test_two_codes_in_one_text_are_told_apart():
    with pytest.raises(
        ValueError, match=r"holds 2 codes; write them as a list: \[COD 151009, COD 151009.CC\]$"
    ):
        CaseCode.parse("COD 151009/ COD 151009.CC")


def test_a_code_is_parsed_once_and_shown_as_text():
    code = CaseCode.parse("SYR 130901.1")
    assert CaseCode.parse(code) is code
    assert str(code) == "SYR 130901.1"
