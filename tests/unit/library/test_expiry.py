"""The expiry of security.txt: told beforehand, refused from its day on, and an instant of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import small_sites

EXPIRES = datetime(2026, 7, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECURITY = """
[security]
contact = ["security@bell.example"]
expires = 2026-07-20
"""


@pytest.fixture
def at(tmp_path):
    site = small_sites.copy_of("base", tmp_path)
    path = site / "site.toml"
    path.write_text(path.read_text(encoding="utf-8") + SECURITY, encoding="utf-8")
    return lambda instant: small_sites.load(site, tmp_path / "state", instant)


def test_until_thirty_days_before_nothing_is_said(at):
    heard = at(EXPIRES - timedelta(days=30) - SECOND)
    assert heard.text == ""
    assert heard.library.next_change <= EXPIRES - timedelta(days=30)


def test_from_then_on_each_build_warns(at):
    for instant in (EXPIRES - timedelta(days=30), EXPIRES - SECOND):
        heard = at(instant)
        assert heard.text == (
            "WARNING site.toml:38: 'security.expires' is 2026-07-20, from when nobody should rely on "
            "security.txt; see that its contacts are right, then write a later day, less than a year ahead\n"
        )
        assert heard.library.next_change <= EXPIRES


def test_from_its_day_on_nothing_is_built(at):
    for instant in (EXPIRES, EXPIRES + timedelta(days=999)):
        heard = at(instant)
        assert heard.library is None
        assert "expired" in heard.rules


def test_both_days_are_instants_at_which_a_build_has_something_to_do(at):
    turns = set()
    instant = EXPIRES - timedelta(days=60)
    while instant < EXPIRES:
        turns.add(instant.date())
        instant = at(instant).library.next_change
    assert turns >= {date(2026, 6, 20)}
    assert instant == EXPIRES
