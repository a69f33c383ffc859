"""What waits for signatures: signing it here, on a machine without a network, and taking signatures in."""

import json
import shutil
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Targets

from tests.unit.keys.people import THEN, folder, key_of, make_root_of, wait_for_release, wanted
from tocsin.errors import SigningError
from tocsin.keys.carrying import carry, check_known, remember
from tocsin.keys.folder import SigningFolder
from tocsin.keys.pending import accept, read_pending, say, sign, take_in
from tocsin.keys.root import serialized
from tocsin.release import waiting


@pytest.fixture
def place(tmp_path: Path) -> SigningFolder:
    return folder(tmp_path / "signing")


def stick_of(place: SigningFolder, path: Path) -> SigningFolder:
    stick = SigningFolder(path, path.name)
    carry(place, stick)
    return SigningFolder(path, path.name)


def sign_as(place: SigningFolder, *names: str) -> list[str]:
    return [line for name in names for line in sign(read_pending(place), key_of(name).signer, name)]


def test_signatures_from_several_sticks_come_together(place: SigningFolder, tmp_path: Path):
    """Three people in three places; nobody's stick has another's signature."""
    assert make_root_of(place, wanted(threshold=3)) == []
    for name in ("ana", "bo", "chen"):
        stick = stick_of(place, tmp_path / name)
        assert sign_as(stick, name) == [f"{name} signed {name}/pending/1.root.json"]
    for name in ("chen", "ana", "bo"):
        stick = SigningFolder(tmp_path / name, name)
        assert take_in(place, stick) == ([f"{name} signed signing/pending/1.root.json"], [])
    assert accept(place) == [1]
    assert list(place.pending.iterdir()) == []
    assert SigningFolder(place.path, "signing").root is not None


def test_one_stick_can_go_round(place: SigningFolder, tmp_path: Path):
    make_root_of(place, wanted())
    stick = stick_of(place, tmp_path / "stick")
    sign_as(stick, "ana", "bo")
    assert (
        take_in(place, stick)[0]
        == [
            "bo signed signing/pending/1.root.json",
            "ana signed signing/pending/1.root.json",
        ]
        or sorted(take_in(place, stick)[0]) == []
    )
    assert accept(place) == [1]


def test_a_stick_holds_all_roots_and_nothing_that_is_secret(place: SigningFolder, tmp_path: Path):
    for _ in range(3):
        make_root_of(place, wanted(), "ana", "bo")
    make_root_of(place, wanted(of_targets=2))
    stick = stick_of(place, tmp_path / "stick")
    assert sorted(path.relative_to(stick.path).as_posix() for path in stick.path.rglob("*.*")) == [
        "READ-ME.txt",
        "metadata/1.root.json",
        "metadata/2.root.json",
        "metadata/3.root.json",
        "pending/4.root.json",
        "pending/4.root.txt",
        *(f"people/{name}.pub" for name in ("ana", "bo", "chen", "dara", "eve", "timer-2", "timer")),
    ]
    assert len(stick.roots) == 3


def test_nothing_is_carried_where_nothing_waits(place: SigningFolder, tmp_path: Path):
    with pytest.raises(SigningError) as error:
        carry(place, SigningFolder(tmp_path / "stick", "stick"))
    assert str(error.value) == "nothing waits for a signature, so there is nothing to carry"
    assert not (tmp_path / "stick").exists()


def test_carrying_again_loses_no_signature(place: SigningFolder, tmp_path: Path):
    make_root_of(place, wanted())
    stick = stick_of(place, tmp_path / "stick")
    sign_as(stick, "bo")
    assert carry(place, SigningFolder(stick.path, "stick")) == ["bo signed signing/pending/1.root.json"]
    assert accept(place) == []
    sign_as(place, "ana")
    assert accept(place) == [1]


def test_what_a_stick_brings_that_is_not_right_is_left_out(place: SigningFolder, tmp_path: Path):
    make_root_of(place, wanted())
    stick = stick_of(place, tmp_path / "stick")
    sign_as(stick, "ana", "bo")
    waiting = stick.pending / "1.root.json"
    data = json.loads(waiting.read_bytes())

    # Ana's signature under Bo's name, and Eve's, who may not sign.
    ana, bo, eve = (key_of(name).public.tuf.keyid for name in ("ana", "bo", "eve"))
    by = {one["keyid"]: one["sig"] for one in data["signatures"]}
    data["signatures"] = [{"keyid": bo, "sig": by[ana]}, {"keyid": eve, "sig": by[ana]}]
    waiting.write_text(json.dumps(data))
    assert take_in(place, SigningFolder(stick.path, "stick")) == ([], [])

    # Another text under the same name, however well it is signed.
    data["signed"]["expires"] = "2099-01-01T00:00:00Z"
    waiting.write_text(json.dumps(data))
    (stick.pending / "7.root.json").write_bytes(waiting.read_bytes())
    assert take_in(place, SigningFolder(stick.path, "stick")) == (
        [],
        [
            "stick/pending/1.root.json is not the file that waits here under this name; carry it out anew",
            "stick/pending/7.root.json is not among what waits here: it is done already, or not ours",
        ],
    )
    assert accept(place) == []
    (stick.pending / "7.root.json").unlink()
    waiting.rename(stick.pending / "\x1b[2J.json")
    assert take_in(place, SigningFolder(stick.path, "stick")) == (
        [],
        [r"stick/pending/ holds '\x1b[2J.json', which is no VERSION.ROLE.json"],
    )
    waiting.write_bytes(b"{}")
    with pytest.raises(SigningError, match=r"^stick/pending/1\.root\.json is damaged; take it back from"):
        take_in(place, SigningFolder(stick.path, "stick"))


def test_names_on_a_stick_do_not_count(place: SigningFolder, tmp_path: Path):
    """Whoever has the stick may call Eve Bo; the signature stays Eve's and is left out."""
    make_root_of(place, wanted())
    stick = stick_of(place, tmp_path / "stick")
    (stick.path / "people/eve.pub").unlink()
    (stick.path / "people/bo.pub").write_text(f"{key_of('eve').public.openssh}\n")
    assert sign_as(SigningFolder(stick.path, "stick"), "eve") == []


def test_a_machine_without_a_network_remembers_who_signs(place: SigningFolder, tmp_path: Path):
    keys = tmp_path / "keys"
    check_known(place, keys)
    make_root_of(place, wanted(), "ana", "bo")
    remember(place, keys)
    make_root_of(place, wanted(), "ana", "bo")
    old = shutil.copytree(place.path, tmp_path / "old")
    make_root_of(place, wanted(), "ana", "bo")
    check_known(place, keys)
    remember(place, keys)
    assert [path.name for path in keys.iterdir()] == ["3.root.json"]
    strangers = folder(tmp_path / "strangers")
    for _ in range(3):
        make_root_of(strangers, wanted(root=("eve", "dara", "timer")), "eve", "dara")
    for other in (old, strangers.path):
        with pytest.raises(SigningError) as error:
            check_known(SigningFolder(other, "stick"), keys)
        assert str(error.value) == (
            "stick does not lead on from root 3, which this machine has seen: it is older, of another site, "
            "or somebody wants to deceive you. Sign nothing; ask the others by telephone. (What was seen is "
            f"kept in {keys / '3.root.json'}; a second site needs a second folder of keys.)"
        )


def test_a_release_that_waits_is_signed_like_a_root(place: SigningFolder, tmp_path: Path):
    make_root_of(place, wanted(of_targets=2), "ana", "bo")
    wait_for_release(place, "ana")
    stick = stick_of(place, tmp_path / "stick")
    assert sign_as(stick, "bo", "timer") == []
    assert sign_as(stick, "dara") == [
        "dara signed stick/pending/4.pt-BR.json",
        "dara signed stick/pending/4.targets.json",
    ]
    assert take_in(place, stick)[0] == [
        "dara signed signing/pending/4.pt-BR.json",
        "dara signed signing/pending/4.targets.json",
    ]
    assert [one.is_complete for one in read_pending(place)] == [True, True]
    assert accept(place) == []


def test_a_release_that_waits_in_plain_words(place: SigningFolder):
    make_root_of(place, wanted(of_targets=2), "ana", "bo")
    wait_for_release(place, "ana")
    assert say(place, read_pending(place)) == [
        "Release 2026.11.22.1 of 22 November 2026: 2 files in 2 lists, valid until 20 February 2027.",
        "What is listed elsewhere already and did not change is not signed again.",
        "Sign only what your own machine has made as well: 'release' makes it and compares.",
        "",
        "2 of 2 of those who sign what is published have to sign. Signed: ana.",
        "  1 more needed, of: dara.",
    ]


@pytest.mark.parametrize("text", ["{", "[]", '{"numbers": {"number": "\\u001b[2J", "date": "2026-11-22"}}'])
def test_what_nobody_signed_of_a_release_is_not_repeated(place: SigningFolder, text: str):
    make_root_of(place, wanted(), "ana", "bo")
    wait_for_release(place)
    (place.pending / "release/release.json").write_text(text)
    assert say(place, read_pending(place))[0].startswith(
        "Release without a number of an unknown day: 2 files"
    )


def test_a_root_waits_for_those_of_before_and_for_its_own(place: SigningFolder):
    make_root_of(place, wanted(), "ana", "bo", now=THEN)
    make_root_of(place, wanted(root=("ana", "dara"), threshold=2), "ana", now=THEN)
    assert say(place, read_pending(place))[-4:] == [
        "2 of 3 of those who decide now who signs have to sign. Signed: ana.",
        "  1 more needed, of: bo, chen.",
        "2 of 2 of those who will decide who signs have to sign. Signed: ana.",
        "  1 more needed, of: dara.",
    ]
    sign_as(place, "dara")
    assert accept(place) == []
    sign_as(place, "chen")
    assert accept(place) == [2]


def pending_fault(place: SigningFolder) -> str:
    with pytest.raises(SigningError) as error:
        read_pending(place)
    return str(error.value)


def test_what_waits_and_is_not_what_it_says_is_refused(place: SigningFolder):
    wait_for_release(place)
    assert pending_fault(place) == (
        "signing/pending/4.pt-BR.json cannot be signed before there is a root; run 'keys rotate'"
    )
    data = (place.pending / "4.targets.json").read_bytes()
    for path in place.pending.glob("4.*"):
        path.unlink()
    make_root_of(place, wanted(), "ana", "bo")
    for name in ("5.targets.json", "4.root.json"):
        (place.pending / name).write_bytes(data)
        assert pending_fault(place) == (
            f"signing/pending/{name} holds something else than its name says; delete it"
        )
        (place.pending / name).unlink()
    (place.pending / "\x1b[2J.json").write_bytes(data)
    assert pending_fault(place) == (
        r"signing/pending/ holds '\x1b[2J.json', which is no VERSION.ROLE.json; delete it"
    )
    (place.pending / "\x1b[2J.json").unlink()
    (place.pending / "1.root.json").write_bytes(place.root_path(1).read_bytes())
    assert pending_fault(place) == (
        "signing/pending/1.root.json is out of date, since root 1 is there already; delete it, and if "
        "something still has to change run 'keys rotate'"
    )


def test_many_lists_of_a_release_are_told_in_one_line(place: SigningFolder, tmp_path: Path):
    make_root_of(place, wanted(of_targets=2), "ana", "bo")
    wait_for_release(place, "ana")
    for role in ("fr", "es", "ar", "ru"):
        shutil.copy(place.pending / "4.targets.json", place.pending / f"4.{role}.json")
    make_root_of(place, wanted())
    stick = stick_of(place, tmp_path / "stick")
    said = ["ana signed 6 lists of a release", "ana signed stick/pending/2.root.json"]
    for path in stick.pending.glob("4.*.json"):
        metadata = Metadata[Targets].from_bytes(path.read_bytes())
        metadata.signatures.clear()
        path.write_bytes(serialized(metadata))
        (place.pending / path.name).write_bytes(serialized(metadata))
    assert sign_as(stick, "ana") == said
    assert take_in(place, stick)[0] == [line.replace("stick/", "signing/") for line in said]


def test_a_release_that_waits_no_more_leaves_the_roots_that_do(place: SigningFolder):
    make_root_of(place, wanted(), "ana")
    wait_for_release(place, "ana")
    waiting.remove(place.pending)
    assert sorted(path.name for path in place.pending.iterdir()) == ["1.root.json", "1.root.txt"]
    sign_as(place, "bo")
    assert accept(place) == [1]
    wait_for_release(place, "ana")
    waiting.remove(place.pending)
    assert not place.pending.exists()


def test_signing_twice_changes_nothing(place: SigningFolder):
    make_root_of(place, wanted())
    assert sign_as(place, "ana") == ["ana signed signing/pending/1.root.json"]
    before = (place.pending / "1.root.json").read_bytes()
    assert sign_as(place, "ana") == []
    assert (place.pending / "1.root.json").read_bytes() == before
    assert accept(place) == []
