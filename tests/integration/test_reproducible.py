"""The output is a function of the sources and of `--at`, and of nothing else."""

import getpass
import re
import shutil
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.checkout import AT, CODE, ROOT, WORDS, Built, Checkout, copy, tree_of


def differing(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """The paths that only one tree has, or that differ."""
    return sorted(path for path in {*ours, *theirs} if ours.get(path) != theirs.get(path))


def rebuild(demo: Built, to: Path, *options: str, **how: Any) -> dict[str, str]:
    """Build the demonstration's checkout into another folder, from nothing but its sources."""
    told = demo.checkout.run("build", "--clean", "--output", str(to), *options, **how)
    assert told.code == 0, told.said
    return tree_of(to)


# Each way of building differs from the first build, and from the others, in everything that must not matter.
WAYS: dict[str, dict[str, Any]] = {
    "in the far east, one process, standing in another folder": {
        "options": ["--jobs", "1"],
        "env": {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C", "LANG": None},
        "umask": 0o077,
        "cwd": Path("/"),
    },
    "in the far west, one processor, in Arabic": {
        "env": {"TZ": "America/Adak", "PYTHONHASHSEED": "2", "LC_ALL": "ar_SA.UTF-8", "LANGUAGE": "ar"},
        "umask": 0o002,
        "before": ["taskset", "-c", "0"] if shutil.which("taskset") else [],
    },
    "three processes, an odd terminal, in Turkish": {
        "options": ["--jobs", "3"],
        "env": {"SOURCE_DATE_EPOCH": "0", "COLUMNS": "40", "FORCE_COLOR": "1", "LANG": "tr_TR.UTF-8"},
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_neither_zone_nor_locale_nor_hash_seed_nor_processors_nor_umask_show_in_the_output(
    demo, tmp_path, way
):
    how = dict(WAYS[way])
    tree = rebuild(demo, tmp_path / "output", "--at", AT, *how.pop("options", []), **how)
    assert differing(tree, tree_of(demo.output)) == []
    assert len(tree) == demo.told["files"]


@pytest.fixture(scope="module")
def elsewhere(snapshot, tmp_path_factory) -> Checkout:
    """The same sources under another path, made in the opposite order, built by somebody else."""
    folder = tmp_path_factory.mktemp("quicksilver folder") / "Tócsin checkout"
    checkout = copy(snapshot, folder, [*CODE, *WORDS], backwards=True)
    who = {"USER": "quicksilveruser", "LOGNAME": "quicksilveruser", "HOSTNAME": "quicksilverhost"}
    told = checkout.run(
        "build", "--at", AT, env={**who, "HOME": str(folder), "EMAIL": "q@quicksilver.example"}
    )
    assert told.code == 0, told.said
    return checkout


def test_neither_the_checkouts_path_nor_the_order_and_times_of_files_show_in_the_output(demo, elsewhere):
    assert differing(elsewhere.tree(), tree_of(demo.output)) == []


def test_nothing_in_the_output_names_the_machine_the_folder_or_the_person_that_built_it(demo, elsewhere):
    places = {
        str(elsewhere.root),
        str(elsewhere.root.parent),
        str(demo.checkout.root),
        str(ROOT),
        str(Path.home()),
    }
    needles = {place.encode() for place in places if place != "/"} | {
        b"quicksilver",
        b".tocsin/",
        b"checkout/",
    }
    found = [
        (path.name, needle)
        for path in elsewhere.output.rglob("*")
        if path.is_file()
        for needle in needles
        if needle in path.read_bytes()
    ]
    assert found == []


def test_no_text_of_the_output_holds_the_name_of_this_machine_or_of_this_user(demo):
    # A name that is also a word of the sources ("root", "site") proves nothing.
    names = {socket.gethostname(), socket.gethostname().split(".")[0], getpass.getuser()}
    sources = [
        path for name in ("content", "data", "theme") for path in (demo.checkout.root / name).rglob("*.*")
    ]
    said = " ".join(
        path.read_text(encoding="utf-8")
        for path in sources
        if path.suffix in {".md", ".toml", ".html", ".css"}
    )
    patterns = [
        re.compile(rf"\b{re.escape(name)}\b")
        for name in names
        if not re.search(rf"\b{re.escape(name)}\b", said)
    ]
    assert [(path, p.pattern) for path, text in demo.texts.items() for p in patterns if p.search(text)] == []


def test_a_second_build_writes_nothing_and_touches_nothing(elsewhere):
    times = {path: path.stat().st_mtime_ns for path in elsewhere.output.rglob("*")}
    told = elsewhere.build("--json")
    assert told.code == 0
    assert '"changed": 0, "deleted": 0' in told.out
    assert {path: path.stat().st_mtime_ns for path in elsewhere.output.rglob("*")} == times


def instant(demo: Built, name: str) -> datetime:
    return datetime.fromisoformat(str(demo.told[name]))


def test_builds_of_one_day_are_equal_at_every_hour(demo, tmp_path):
    day = datetime.fromisoformat(AT).date()
    quiet = instant(demo, "as_of").date() < day < instant(demo, "next_change").date()
    assert quiet, "choose a day for AT on which nothing changes"
    expected = tree_of(demo.output)
    for name, at in {"night": f"{day}T00:00Z", "evening": f"{day + timedelta(days=1)}T10:59+11:00"}.items():
        assert differing(rebuild(demo, tmp_path / name, "--at", at), expected) == []


def test_the_site_changes_at_the_instant_that_the_build_announced_and_not_a_second_earlier(demo, tmp_path):
    announced = instant(demo, "next_change")
    expected = tree_of(demo.output)
    before = f"{announced - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert differing(rebuild(demo, tmp_path / "before", "--at", before), expected) == []
    after = differing(rebuild(demo, tmp_path / "after", "--at", f"{announced:%Y-%m-%dT%H:%M:%SZ}"), expected)
    assert after
    assert len(after) < len(expected) / 2
