"""Which items stand in which document, on libraries of made-up entries."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tocsin.library.library import Library
from tocsin.render import windows


def made(*days: str, items: int = 3, span: int = 30, **more: Any) -> Library:
    """A library with one item a day given; `day*language` and `day+correction` say more of it."""
    entries = {}
    for number, text in enumerate(days):
        rest, _, corrected = text.partition("+")
        day, _, language = rest.partition("*")
        key = f"statement:s{number:03}"
        entries[key] = SimpleNamespace(
            key=key,
            kind="statement",
            slug=f"s{number:03}",
            day=day,
            year=day[:4],
            changed=max(day, corrected),
            languages=(language or "en",),
            lead=False,
            pinned=False,
            follows="",
            countries=("KE",),
            themes=(),
            withdrawn_languages=(),
            withdrawn_documents=(),
        )
    lists = more.get("lists", ("archive", "case"))
    feeds = SimpleNamespace(items=items, days=span, lists=lists)
    site = SimpleNamespace(feeds=feeds, languages={"en": None, "fr": None})
    return Library(site, None, None, None, entries, None, None)  # type: ignore[arg-type]


def numbers(keys: tuple[str, ...]) -> list[int]:
    return [int(key[-3:]) for key in keys]


def daily(count: int, step: int = 1) -> list[str]:
    return [(date(2020, 1, 1) + timedelta(number * step)).isoformat() for number in range(count)]


def test_a_window_holds_so_many_items_and_so_many_days():
    assert numbers(windows.window(made(*daily(9, 20)), "country:KE", "en")) == [8, 7, 6]
    assert numbers(windows.window(made(*daily(40)), "country:KE", "en")) == list(range(39, 8, -1))


def test_a_window_of_nothing_is_empty_and_one_of_little_holds_it_all():
    assert windows.window(made(), "country:KE", "en") == ()
    assert numbers(windows.window(made("2020-01-01"), "country:KE", "en")) == [0]
    assert numbers(windows.window(made("0001-01-01", "2020-01-01"), "country:KE", "en")) == [1, 0]


def test_a_window_counts_what_its_language_has():
    library = made("2020-01-01*fr", "2020-02-01", "2020-03-01*fr", "2020-04-01", "2020-05-01", "2020-06-01")
    assert numbers(windows.window(library, "country:KE", "en")) == [5, 4, 3]
    assert numbers(windows.window(library, "country:KE", "fr")) == [2, 0]


def test_items_of_one_day_stand_in_the_order_of_their_keys():
    assert numbers(windows.window(made(*["2020-01-01"] * 3), "country:KE", "en")) == [2, 1, 0]


def test_a_corrected_item_comes_back_first_and_leaves_again():
    days = daily(6, 40)
    corrected = [f"{days[0]}+{days[-1]}", *days[1:]]
    assert numbers(windows.window(made(*corrected), "country:KE", "en")) == [5, 0, 4, 3]
    later = [*corrected, *[(date.fromisoformat(days[-1]) + timedelta(31)).isoformat()]]
    assert numbers(windows.window(made(*later), "country:KE", "en")) == [6, 5, 4]


def test_a_correction_is_the_newest_change_that_days_are_counted_from():
    library = made("2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04", "2020-01-05+2020-06-01", items=1)
    assert numbers(windows.window(library, "country:KE", "en")) == [4]


def test_a_day_in_the_future_is_a_day_like_others():
    assert numbers(windows.window(made(*daily(5), "2099-01-01"), "country:KE", "en")) == [5, 4, 3]


@pytest.fixture
def small_archives(monkeypatch):
    monkeypatch.setattr(windows, "ARCHIVE_SIZE", 4)


@pytest.mark.usefixtures("small_archives")
def test_archives_and_the_feed_of_everything_hold_every_item_once():
    for count in range(30):
        library = made(*daily(count, 31))
        number = windows.archives(library, "en")
        archived = [key for n in range(number) for key in reversed(windows.archive(library, "en", n + 1))]
        shown = windows.whole_window(library, "en")
        assert numbers(tuple(archived)) + sorted(numbers(shown)) == list(range(count))
        assert len(archived) == number * 4
        assert len(shown) >= min(count, 3)
        assert len(shown) < 3 + 4


@pytest.mark.usefixtures("small_archives")
def test_archives_never_change_when_items_come():
    before: dict[int, tuple[str, ...]] = {}
    for count in range(40):
        library = made(*daily(count, 31))
        now = {n: windows.archive(library, "en", n) for n in range(1, windows.archives(library, "en") + 1)}
        assert {n: now[n] for n in before} == before
        before = now
    assert len(before) == 9


@pytest.mark.usefixtures("small_archives")
def test_an_item_that_comes_late_changes_no_archive_while_its_day_is_in_the_window():
    days = daily(20, 31)
    library, late = made(*days), made(*days, days[-2])
    count = windows.archives(library, "en")
    assert count > 2
    assert windows.archives(late, "en") == count
    assert all(
        windows.archive(late, "en", n) == windows.archive(library, "en", n) for n in range(1, count + 1)
    )


@pytest.mark.usefixtures("small_archives")
def test_a_corrected_item_of_an_archive_stands_in_the_feed_too():
    days = daily(20, 31)
    library = made(f"{days[0]}+{days[-1]}", *days[1:])
    assert numbers(windows.archive(library, "en", 1)) == [3, 2, 1, 0]
    assert numbers(windows.whole_window(library, "en"))[:2] == [19, 0]


def test_without_archives_the_feed_of_everything_is_a_window_like_others():
    library = made(*daily(300, 31), lists=())
    assert windows.archives(library, "en") == 0
    assert numbers(windows.whole_window(library, "en")) == [299, 298, 297]
