"""The order of a publish, and what is remembered of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import mirror_editions as small
from tocsin.errors import BuildError, ReleaseError
from tocsin.mirrors.account import Account, locked
from tocsin.mirrors.plan import Plan, emptied_folders, plan_of
from tocsin.signed.edition import Turn
from tocsin.signed.paths import TIMESTAMP


@dataclass
class Had:
    files: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    withdrawing: set[str] = field(default_factory=set)


def had(files, count=1) -> Had:
    return Had({path: file.digest for path, file in small.edition_of(files, count).files.items()})


def place_in(plan: Plan, path: str) -> int:
    (found,) = [n for n, step in enumerate(plan.steps) if path in (*step.put, *step.gone)]
    return found


def test_a_new_mirror_gets_pictures_before_pages_before_feeds_and_the_pointer_last():
    plan = plan_of(small.edition_of(small.first()), Had())
    order = [
        place_in(plan, path)
        for path in (small.picture("one"), "appeals/one/index.html", "feed.xml", TIMESTAMP)
    ]
    assert order == [0, 1, 2, 3]
    assert place_in(plan, "metadata/1.site.json") == 2  # with the last that nobody is led to
    assert not plan.is_withdrawal


def test_what_is_there_already_is_not_sent_again():
    edition = small.edition_of(small.first())
    assert plan_of(edition, had(small.first())).steps == ()
    past = had(small.first())
    past.unsure = {"feed.xml"}
    assert plan_of(edition, past).put == ("feed.xml",)


def test_new_files_then_changed_ones_then_the_pointer_then_deletions():
    plan = plan_of(small.edition_of(small.second(), 2), had(small.first()))
    assert [step.turn for step in plan.steps] == [
        Turn.NEW,
        Turn.NEW,
        Turn.CHANGED,
        Turn.POINTER,
        Turn.GONE,
    ]
    assert plan.steps[0].put == (small.picture("four"), small.picture("three"))
    assert plan.steps[1].put == (
        "appeals/three/index.html",
        "metadata/2.site.json",
        "metadata/2.snapshot.json",
    )
    assert plan.steps[3].put == (TIMESTAMP,)
    assert set(plan.gone) == {
        small.picture("two"),
        "with space/é.html",
        "metadata/1.site.json",
        "metadata/1.snapshot.json",
    }
    assert plan.steps[-1].emptied == ("with space",)
    assert plan.size == sum(small.edition_of(small.second(), 2).files[path].size for path in plan.put)


def test_a_withdrawal_goes_before_everything():
    files = small.withdrawn() | {"new.html": small.page("new", small.picture("new"))}
    plan = plan_of(small.edition_of(files, 3), had(small.second(), 2))
    first, then = plan.steps[:2]
    assert (first.put, first.is_urgent) == (
        ("appeals/three/index.html", "appeals/three/index.html.gone"),
        True,
    )
    assert (set(then.gone), then.is_urgent) == ({small.picture("three"), small.picture("four")}, True)
    assert plan.withdrawn == {"appeals/three/index.html", *then.gone}
    assert not any(step.is_urgent for step in plan.steps[2:])
    assert all(path.startswith("metadata/") for path in plan.steps[-1].gone)


def test_a_withdrawal_that_was_cut_short_is_one_still():
    past = had(small.second(), 2)
    mark = "appeals/three/index.html.gone"
    past.files[mark] = small.edition_of(small.withdrawn(), 3).files[mark].digest
    past.withdrawing = {"appeals/three/index.html"}
    plan = plan_of(small.edition_of(small.withdrawn(), 3), past)
    assert plan.steps[0].put == ("appeals/three/index.html",)
    assert set(plan.steps[1].gone) == {small.picture("three"), small.picture("four")}


def test_what_was_withdrawn_before_the_mirror_had_it_needs_no_hurry():
    assert not plan_of(small.edition_of(small.withdrawn(), 3), Had()).is_withdrawal


def test_much_goes_in_pieces_and_folders_go_with_the_last(monkeypatch):
    monkeypatch.setattr("tocsin.mirrors.plan.MOST_FILES", 3)
    plan = plan_of(small.edition_of({}, 2), had(small.first()))
    assert max(len(step.put) + len(step.gone) for step in plan.steps) == 3
    assert [bool(step.emptied) for step in plan.steps if step.gone][-2:] == [False, True]
    monkeypatch.setattr("tocsin.mirrors.plan.MOST_BYTES", 10)
    assert {len(step.put) for step in plan_of(small.edition_of(small.first()), Had()).steps} == {1}


@pytest.mark.parametrize(
    ("gone", "left", "emptied"),
    [
        (["a/b/c", "a/b/d/e"], ["a/x"], ("a/b",)),
        (["a/b/c"], [], ("a",)),
        (["a"], [], ()),
        (["ab/c", "a/c"], ["ab/d"], ("a",)),
    ],
)
def test_the_topmost_folders_that_are_left_empty(gone, left, emptied):
    assert emptied_folders(gone, left) == emptied


@patch("tocsin.mirrors.account.MOST_CHANGES", 4)
@given(
    st.lists(st.tuples(st.sampled_from("bdw"), st.sets(st.sampled_from("abcdef"), min_size=1)), max_size=12)
)
def test_the_record_is_the_same_after_reading_it_again(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("account")
    account = Account(folder, "abcdefghij")
    for kind, paths in steps:
        if kind == "b":
            account.begin(paths)
        elif kind == "d":
            account.done(dict.fromkeys(sorted(paths)[1:], "digest"), sorted(paths)[:1])
        else:
            account.aim_at("2026.06.15.2", paths)
        again = Account(folder, "abcdefghij")
        assert (again.files, again.unsure) == (account.files, account.unsure)
        assert (again.withdrawing, again.aim) == (account.withdrawing, account.aim)


def test_a_crash_between_the_whole_and_the_changes_counts_nothing_twice(tmp_path):
    account = Account(tmp_path, "abcdefghij")
    account.correct({"a": "1", "b": "2"})
    account.done({"c": "3"}, ["a"])
    changes = (tmp_path / "abcdefghij.changes.json").read_bytes()
    account.correct({"d": "4"})
    (tmp_path / "abcdefghij.changes.json").write_bytes(changes)  # the crash: they were not deleted yet
    assert Account(tmp_path, "abcdefghij").files == {"d": "4"}


def test_a_damaged_record_says_what_to_do(tmp_path):
    (tmp_path / "abcdefghij.json").write_text("{")
    with pytest.raises(ReleaseError) as raised:
        Account(tmp_path, "abcdefghij")
    assert str(raised.value) == (
        "what is known of a mirror cannot be read: abcdefghij.json is damaged; delete it, and publish with "
        "--audit, which looks at what the mirror has"
    )
    (tmp_path / "abcdefghij.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(ReleaseError):
        Account(tmp_path, "abcdefghij")


def test_two_publish_to_one_mirror_one_after_the_other(tmp_path):
    second = locked(tmp_path, "abcdefghij", "oslo")
    with locked(tmp_path, "abcdefghij", "oslo"), pytest.raises(BuildError) as raised:
        second.__enter__()
    assert str(raised.value) == "another process is publishing to 'oslo'; wait until it is done"
