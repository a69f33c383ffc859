"""Releasing a small site, and what those make of it who know nothing of how it was made."""

import hashlib
import json
import subprocess
from datetime import timedelta

import pytest

from tests.components import find
from tests.integration.checkout import Checkout, copy_built
from tests.integration.released import NOON, Client, desk_of, newest, put, served
from tocsin import files as written
from tocsin.console.refresh import refresh
from tocsin.console.release import release, schedule, schedule_again
from tocsin.console.revert import revert
from tocsin.errors import ContentError, ReleaseError
from tocsin.release.blobs import DamagedBlobError
from tocsin.signed.paths import MINISIG, SSHSIG, SUMS, UNLISTED
from tocsin.signed.sums import read_sums

ONE = "q4t7dk2wzm"
FIRST = "content/appeals/2026/first/en.md"
PAGE = "appeals/first/index.html"


@pytest.fixture
def site(built_small, tmp_path) -> Checkout:
    return copy_built(built_small, tmp_path / "checkout")


@pytest.fixture
def desk(site):
    """A site with its first release."""
    desk = desk_of(site)
    told = release(desk, NOON)
    assert (told["release"], told["waits_for"], told["editions"]) == ("2026.11.21.1", 0, 3)
    return desk


def page(desk) -> str:
    return newest(desk)[ONE].read(PAGE).decode()


def test_the_commands_as_an_editor_types_them(site):
    first, again = site.run("release"), site.run("release")
    assert first.code == again.code == 0, first.err + again.err
    assert "demonstration: holds throw-away keys, NOT FOR REAL USE" in first.err
    assert ": 3 editions" not in first.err
    assert first.out.startswith("Release 20")
    assert again.out.startswith("Nothing has changed since release 20")
    told = json.loads(site.run("refresh", "--json").out)
    assert told["released"] == []
    assert (
        site.run("revert", "1")
        .err.splitlines()[-1]
        .startswith("ERROR release 1 was not made on this machine")
    )
    ignored = (
        (site.root / ".gitignore").read_text() if (site.root / ".gitignore").exists() else "/demonstration/"
    )
    assert "/demonstration/" in ignored


def test_an_independent_client_gets_every_file(desk, tmp_path):
    root = desk.workshop.state.read("1.root.json")
    for name, edition in newest(desk).items():
        with served(put(edition, tmp_path / name)) as address:
            client = Client(tmp_path / f"client-{name}", address, root)
            for path in edition.files:
                if not path.startswith("metadata/"):
                    assert client.fetch(name, path) == edition.read(path), path
            assert client.info("planted.html") is None


def test_a_reader_of_one_page_loads_the_lists_of_her_language_alone(desk, tmp_path):
    edition = newest(desk)[ONE]
    with served(put(edition, tmp_path / "mirror")) as address:
        client = Client(tmp_path / "client", address, desk.workshop.state.read("1.root.json"))
        assert client.fetch(ONE, "fr/index.html")
    loaded = {path for path in client.fetcher.asked if path.startswith("metadata/")}
    assert loaded == {
        "metadata/2.root.json",
        "metadata/timestamp.json",
        "metadata/1.snapshot.json",
        "metadata/1.targets.json",
        f"metadata/1.{ONE}-fr.json",
        "metadata/1.fr.json",
    }


def test_both_lists_name_the_same_files(desk):  # F14, F17
    for edition in newest(desk).values():
        listed = read_sums(edition.read(SUMS))
        held = {path: file.digest for path, file in edition.files.items() if not path.startswith("metadata/")}
        assert listed == {path: digest for path, digest in held.items() if path not in UNLISTED}
        for path, digest in held.items():
            assert hashlib.sha256(edition.read(path)).hexdigest() == digest


def test_editions_differ_in_what_is_stamped_and_in_nothing_else(desk):  # F3, F13
    one, two = (newest(desk)[name] for name in (ONE, "x6hn3vbr5p"))
    differing = {path for path in one.files.keys() & two.files.keys() if one.files[path] != two.files[path]}
    stamped = desk.workshop.manifest("2026.11.21.1").content.stamped
    assert differing <= stamped.keys() | {*UNLISTED, "release/edition.json"}
    assert {"robots.txt", "404.html"} <= differing
    assert b"http://127.0.0.1:8101/" in one.read("robots.txt")
    assert not [path for path in one.files if two.about.edition in path]


def test_the_metadata_is_what_the_format_says(desk):  # F7, F10, F11, F12
    held = desk.workshop.state.newest()
    parsed = {name: json.loads(data)["signed"] for name, data in held.items()}
    root, timestamp = parsed["1.root.json"], parsed["timestamp.json"]
    assert root["consistent_snapshot"] is True
    snapshot = parsed["1.snapshot.json"]
    stated = {f"{one['version']}.{name}": one for name, one in snapshot["meta"].items()}
    stated["1.snapshot.json"] = timestamp["meta"]["snapshot.json"]
    for name, data in held.items():
        assert b": " not in data, name
        if name not in {"1.root.json", "timestamp.json"}:
            assert stated[name]["length"] == len(data)
            assert stated[name]["hashes"] == {"sha256": hashlib.sha256(data).hexdigest()}
    people = {name: set(role["keyids"]) for name, role in root["roles"].items()}
    for name, data in held.items():
        kind = parsed[name]["_type"]
        signed_by = {one["keyid"] for one in json.loads(data)["signatures"]}
        assert signed_by == people[kind], name
        days = {"root": 365, "targets": 90, "snapshot": 14, "timestamp": 14}[kind]
        assert parsed[name]["expires"] == f"{NOON + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.real("minisign", "ssh-keygen")
def test_people_check_it_with_what_they_have(desk, tmp_path):  # F14 to F16
    folder = put(newest(desk)[ONE], tmp_path / "mirror")
    (key,) = desk.editors
    run = {"cwd": folder, "capture_output": True, "text": True, "check": True}
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], **run)
    told = subprocess.run(
        [find("minisign"), "-V", "-m", SUMS, "-x", MINISIG, "-P", key.public.minisign], **run
    )
    comment = f"site=omct.example release=2026.11.21.1 edition={ONE} date=2026-11-21 expires=2027-02-19"
    assert f"Trusted comment: {comment}\n" in told.stdout
    allowed = tmp_path / "allowed"
    allowed.write_text(f"editor {key.public.openssh}\n")
    with (folder / SUMS).open() as signed:
        words = ["-Y", "verify", "-f", allowed, "-I", "editor", "-n", "tocsin-release", "-s", folder / SSHSIG]
        subprocess.run([find("ssh-keygen"), *words], stdin=signed, **run)


def test_after_one_edit_only_what_changed_is_kept_and_signed(desk):
    blobs, before = desk.workshop.blobs, desk.workshop.state.roles()
    count = len(blobs.known)
    site = Checkout(desk.root)
    site.edit(FIRST, "A text with", "Another text with")
    told = release(desk, NOON + timedelta(hours=1))
    assert told["release"] == "2026.11.21.2"
    after = desk.workshop.state.roles()
    assert after["fr"] == before["fr"] == "1.fr.json"
    assert after["targets"] == before["targets"]
    assert after["site"] == "2.site.json"
    assert len(blobs.known) - count < 60
    assert "Another text with" in page(desk)


def test_where_nothing_changed_there_is_no_release(desk):
    told = release(desk, NOON + timedelta(hours=1))
    assert (told["release"], told["is_new"]) == ("2026.11.21.1", False)
    later = NOON + timedelta(days=60)
    told = release(desk, later)  # signatures would not hold long
    assert (told["release"], told["is_new"]) == ("2027.01.20.1", True)


def test_a_clock_that_went_back_makes_no_smaller_number(desk):  # F6
    site = Checkout(desk.root)
    site.edit(FIRST, "A text with", "Another text with")
    assert release(desk, NOON - timedelta(days=300))["release"] == "2026.11.21.2"


def test_an_output_that_somebody_changed_is_not_released(site):
    (site.output / "robots.txt").write_text("User-agent: *\nDisallow: /\n")
    desk = desk_of(site)
    release(desk, NOON)  # which builds, and so mends it
    assert b"Disallow: /\n" not in newest(desk)[ONE].read("robots.txt")


def test_files_of_releases_that_somebody_changed_are_noticed(desk):
    edition = newest(desk)[ONE]
    digest = edition.files[PAGE].digest
    path = desk.workshop.blobs._path(digest)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(
        DamagedBlobError, match="of the store of releases was changed; 'release' makes it anew"
    ):
        edition.read(PAGE)


def test_what_leaks_is_not_released(desk):
    site = Checkout(desk.root)
    site.write("data/withheld.toml", '[person]\nnames = ["Threats against a defender"]\n')
    before = desk.workshop.state.newest()
    with pytest.raises(ContentError) as caught:
        release(desk, NOON + timedelta(hours=1))
    assert "Threats" not in "".join(map(str, caught.value.findings))
    assert {finding.rule for finding in caught.value.findings} == {"withheld-term"}
    assert desk.workshop.state.newest() == before


def embargo(desk) -> None:
    """An item that becomes public on the first of December."""
    site = Checkout(desk.root)
    text = (site.root / FIRST).read_text(encoding="utf-8")
    text = text.replace("0000000001", "0000000009").replace(
        "Threats against a defender", "A secret until then"
    )
    text = text.replace("original: true", "original: true\nembargo: 2026-12-01T00:00Z")
    site.write("content/appeals/2026/hushed/en.md", text)


def hushed(desk) -> bool:
    return any("hushed" in path for path in newest(desk)[ONE].files) or any(
        b"hushed" in data for data in desk.workshop.state.newest().values()
    )


def test_what_is_signed_for_an_instant_becomes_public_then_without_an_editor(desk):
    embargo(desk)
    then = NOON.replace(month=12, day=1, hour=0)
    told = schedule(desk, then, NOON)
    assert (told["release"], told["waits_until"]) == ("2026.12.01.1", "2026-12-01T00:00:00+00:00")
    assert refresh(desk, NOON + timedelta(hours=2))["released"] == []
    assert not hushed(desk)
    del desk.editors  # no timer holds an editor's key
    desk.__dict__["editors"] = ()
    assert refresh(desk, then + timedelta(minutes=1))["released"] == ["2026.12.01.1"]
    assert hushed(desk)
    assert refresh(desk, then + timedelta(minutes=2))["released"] == []


def test_a_release_in_between_signs_again_what_waits_for_its_instant(desk):
    embargo(desk)
    then = NOON.replace(month=12, day=1, hour=0)
    schedule(desk, then, NOON)
    Checkout(desk.root).edit(FIRST, "A text with", "Another text with")
    between = NOON + timedelta(days=1)
    release(desk, between)
    with pytest.raises(ReleaseError, match=r"was made to follow 2026\.11\.21\.1, and another release has"):
        refresh(desk, then)
    schedule_again(desk, between)
    assert not hushed(desk)
    assert refresh(desk, then)["released"] == ["2026.12.01.1"]
    assert hushed(desk)
    assert "Another text with" in page(desk)


def test_a_release_after_its_instant_holds_what_waited(desk):
    embargo(desk)
    then = NOON.replace(month=12, day=1, hour=0)
    schedule(desk, then, NOON)
    later = then + timedelta(hours=3)
    release(desk, later)
    schedule_again(desk, later)
    assert hushed(desk)
    assert refresh(desk, later + timedelta(hours=1))["released"] == []


def test_an_instant_that_has_passed_is_refused(desk):
    with pytest.raises(ReleaseError, match=r"^2026-11-21 11:00 UTC has passed; leave '--at' out$"):
        schedule(desk, NOON - timedelta(hours=1), NOON)


def test_going_back_to_an_earlier_release(desk):
    Checkout(desk.root).edit(FIRST, "A text with", "Another text with")
    release(desk, NOON + timedelta(hours=1))
    told = revert(desk, "2026.11.21.1", NOON + timedelta(hours=2))
    assert told["release"] == "2026.11.21.3"
    assert "A text with" in page(desk)
    with pytest.raises(ReleaseError, match=r"^release 2026\.11\.21\.3 is the newest already$"):
        revert(desk, "2026.11.21.3", NOON + timedelta(hours=3))


def test_nothing_that_was_withdrawn_comes_back(desk):
    site = Checkout(desk.root)
    site.edit(FIRST, "stage: first", "stage: first\nwithdrawn: 2026-11-21T12:30Z")
    release(desk, NOON + timedelta(hours=1))
    with pytest.raises(ContentError) as caught:
        revert(desk, "2026.11.21.1", NOON + timedelta(hours=2))
    assert any(finding.path == PAGE for finding in caught.value.findings)
    assert desk.workshop.state.current.release == "2026.11.21.2"


def test_the_timestamp_is_signed_again_and_nothing_else(desk):
    state = desk.workshop.state
    before = state.newest()
    told = refresh(desk, NOON + timedelta(days=1))
    after = state.newest()
    assert told["until"] == "2026-12-06 12:00 UTC"
    assert {name for name in after if after[name] != before.get(name)} == {"timestamp.json"}
    refresh(desk, NOON + timedelta(days=12))  # the snapshot would expire before the timestamp does
    assert {name for name in state.newest() if name not in before} == {"2.snapshot.json"}


class Killed(BaseException):
    """Stands for a machine that is switched off."""


def test_a_release_that_is_cut_short_anywhere_leaves_the_old_one_whole(desk, monkeypatch, tmp_path):
    site = Checkout(desk.root)
    release_one = page(desk)
    site.edit(FIRST, "A text with", "Another text with")
    real_replace, step, outcomes = written.Path.replace, 1, set()
    while True:
        done = 0

        def replace(path, target, limit=step):
            nonlocal done
            if "demonstration" in str(target) or str(target).endswith("manifest.json"):
                done += 1
                if done == limit:
                    raise Killed
            return real_replace(path, target)

        monkeypatch.setattr(written.Path, "replace", replace)
        try:
            release(desk, NOON + timedelta(hours=1))
            break
        except Killed:
            pass
        finally:
            monkeypatch.setattr(written.Path, "replace", real_replace)
        state = desk.workshop.state
        client = tmp_path / f"client-{step}"
        mirror = put(newest(desk)[ONE], tmp_path / f"mirror-{step}")
        with served(mirror) as address:
            assert Client(client, address, state.read("1.root.json")).fetch(ONE, PAGE)
        outcomes.add(page(desk) == release_one)
        step += 1
    assert step > 5
    assert outcomes == {True}  # until the timestamp is written, which is the last of all
    assert "Another text with" in page(desk)


def test_old_releases_are_thrown_away_with_what_only_they_held(desk, monkeypatch):
    monkeypatch.setattr("tocsin.release.completing.KEPT", 2)
    site, blobs = Checkout(desk.root), desk.workshop.blobs
    first = desk.workshop.manifest("2026.11.21.1")
    then = NOON.replace(month=12, day=1, hour=0)
    schedule(desk, then, NOON)
    for number in range(4):
        site.edit(FIRST, "A text with" if not number else f"{number} text with", f"{number + 1} text with")
        release(desk, NOON + timedelta(hours=number + 1))
    assert sorted(path.parent.name for path in desk.releases.glob("*/manifest.json")) == [
        "2026.11.21.4",
        "2026.11.21.5",
    ]
    kept = desk.workshop.manifest("2026.11.21.5")
    assert all(digest in blobs for digest in kept.digests())
    assert "4 text with" in page(desk)
    assert first.own[ONE][SUMS].digest not in blobs
    assert (desk.scheduled / "20261201T000000Z" / "release" / "manifest.json").is_file()


def test_a_release_for_copies_alone_that_nobody_can_take_back_has_no_edition(desk):
    site = Checkout(desk.root)
    forever = 'address = "https://ipfs.example/"\nkind = "ipfs"\n'
    site.write("mirrors.toml", f"schema = 1\n\n[mirrors.forever]\n{forever}")
    told = release(desk_of(site), NOON + timedelta(hours=1))
    assert (told["release"], told["editions"], told["is_new"]) == ("2026.11.21.2", 0, True)


def test_who_knew_a_mirror_that_is_no_more_takes_the_next_release(desk, tmp_path):  # F11
    root = desk.workshop.state.read("1.root.json")
    with served(put(newest(desk)[ONE], tmp_path / "before")) as address:
        assert Client(tmp_path / "client", address, root).fetch(ONE, "fr/index.html")
    site = Checkout(desk.root)
    kept = 'edition = "q4t7dk2wzm"\naddress = "http://127.0.0.1:8101/"\nkind = "directory"\n'
    site.write("mirrors.toml", f"schema = 1\n\n[mirrors.one]\n{kept}")
    after = desk_of(site)
    told = release(after, NOON + timedelta(hours=1))
    assert (told["release"], told["editions"]) == ("2026.11.21.2", 1)
    with served(put(newest(after)[ONE], tmp_path / "after")) as address:
        client = Client(tmp_path / "client", address, root)  # with all that it knew
        assert client.fetch(ONE, "fr/index.html")
        assert client.updater._trusted_set.snapshot.version == 2
    gone = "x6hn3vbr5p"
    assert f"{gone}.json" in after.workshop.state.snapshot().signed.meta
    assert not [name for name in after.workshop.state.newest() if gone in name]
    refresh(after, NOON + timedelta(days=12))
    (site.root / "mirrors.toml").unlink()  # it is back, and its metadata goes on counting
    back = desk_of(site)
    release(back, NOON + timedelta(days=12, hours=1))
    assert back.workshop.state.living()[gone] == f"2.{gone}.json"
