"""Root metadata, what it says in plain words, and the chain of all roots."""

from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root

from tests.unit.keys.people import NOW, THEN, folder, key_of, make_root_of, signers, wanted
from tocsin.errors import ContentError, SigningError
from tocsin.keys.folder import SigningFolder
from tocsin.keys.people import read_people
from tocsin.keys.root import make_root, same_signers, say_root, serialized, signers_of
from tocsin.keys.rotating import rotate

YEAR = THEN + timedelta(days=365)


def root_of(*names: str, threshold: int = 1, version: int = 1, online: str = "timer") -> Root:
    made = make_root(
        signers(*names, threshold=threshold), signers("ana"), signers(online), version=version, expires=YEAR
    )
    return made.signed


def finger(name: str) -> str:
    return f"{name} ({key_of(name).public.fingerprint})"


def test_a_root_says_consistent_snapshot_and_gives_the_timer_both_online_roles():
    root = root_of("ana", "bo", threshold=2)
    assert root.consistent_snapshot is True
    assert (
        root.roles["snapshot"].keyids == root.roles["timestamp"].keyids == [key_of("timer").public.tuf.keyid]
    )
    assert (root.roles["root"].threshold, root.roles["targets"].threshold) == (2, 1)
    assert root.expires == YEAR


def test_a_root_holds_nobody_s_name():
    data = serialized(Metadata(root_of("ana", "bo", "chen")))
    assert b"\n" not in data
    assert not any(name.encode() in data for name in ("ana", "chen", "timer"))


def test_the_same_people_make_the_same_bytes_in_any_order():
    one, other = root_of("ana", "bo", "chen"), root_of("chen", "ana", "bo")
    assert serialized(Metadata(one)) == serialized(Metadata(other))
    assert same_signers(one, other)


def test_the_order_of_signing_leaves_no_trace():
    def signed(*names: str) -> bytes:
        metadata = Metadata(root_of("ana", "bo"))
        for name in names:
            metadata.sign(key_of(name).signer, append=True)
        return serialized(metadata)

    assert signed("ana", "bo") == signed("bo", "ana")


def test_the_first_root_in_plain_words(tmp_path: Path):
    said = say_root(None, root_of("ana", "bo", "chen", threshold=2), folder(tmp_path).people)
    assert said == [
        "Root of trust, version 1, valid until 22 November 2027.",
        "Whoever holds these keys can speak for the site. Compare each fingerprint with its holder.",
        "",
        "Who decides who signs (root): 2 of 3",
        f"  {finger('ana')}",
        f"  {finger('bo')}",
        f"  {finger('chen')}",
        "",
        "Who signs what is published (targets): one person",
        f"  {finger('ana')}",
        "",
        "Who says what is the newest (online): one person",
        f"  {finger('timer')}",
    ]


def test_a_change_in_plain_words_says_who_comes_and_who_goes(tmp_path: Path):
    old = root_of("ana", "bo", "chen", threshold=2)
    new = root_of("ana", "bo", "dara", threshold=3, version=2, online="timer-2")
    people = folder(tmp_path, "ana", "bo", "dara", "timer", "timer-2").people
    assert say_root(old, new, people)[3:] == [
        "Who decides who signs (root): all 3",
        f"  {finger('ana')}",
        f"  {finger('bo')}",
        f"+ {finger('dara')}, who is new",
        f"- the unnamed key {key_of('chen').public.fingerprint}, who goes",
        "  Before, 2 of 3.",
        "",
        "Who signs what is published (targets): one person",
        f"  {finger('ana')}",
        "",
        "Who says what is the newest (online): one person",
        f"- {finger('timer')}, who goes",
        f"+ {finger('timer-2')}, who is new",
    ]


def test_a_renewal_in_plain_words(tmp_path: Path):
    said = say_root(root_of("ana"), root_of("ana", version=2), folder(tmp_path).people)
    assert said[-1] == "Nobody comes and nobody goes; only the day is new."


def test_every_person_without_a_key_is_named_at_once(tmp_path: Path):
    people = folder(tmp_path, "ana").people
    roles = {"root": (("ana", "bo"), 1), "targets": (("chen",), 1), "online": (("bo",), 1)}
    with pytest.raises(SigningError) as error:
        signers_of(people, roles, "signing/people")
    assert str(error.value) == (
        "site.toml names people whose public keys are missing: signing/people/bo.pub, "
        "signing/people/chen.pub; each of them runs 'python3 tasks.py keys new NAME' and sends the file that "
        "this makes"
    )


def test_every_faulty_public_key_is_named_at_once(tmp_path: Path):
    place = folder(tmp_path, "ana", "bo")
    people = tmp_path / "people"
    (people / "chen.pub").write_text("ssh-rsa AAAA chen\n")
    (people / "Dara.pub").write_text(f"{key_of('dara').public.openssh}\n")
    (people / "eve.pub").write_bytes(b"\xff")
    (people / "second-ana.pub").write_text(f"{key_of('ana').public.openssh}\n")
    (people / "e\x1bve.pub").write_text("x")
    with pytest.raises(ContentError) as error:
        _ = place.people
    no_name = "cannot be the name of a key; use a-z, 0-9 and single hyphens, a letter first"
    assert [(finding.path, finding.line, finding.message) for finding in error.value.findings] == [
        (f"signing/people/{name}", 1, message)
        for name, message in (
            (r"'e\x1bve.pub'", rf"'e\x1bve' {no_name}"),
            ("Dara.pub", f"'Dara' {no_name}"),
            ("chen.pub", "is no public key; it has to be one line that begins with 'ssh-ed25519'"),
            ("eve.pub", "is not UTF-8"),
            ("second-ana.pub", "holds the same key as ana.pub; each person has a key of their own"),
        )
    ]


def test_no_folder_means_nobody(tmp_path: Path):
    assert read_people(tmp_path / "none", "signing/people").by_name == {}


def test_all_roots_are_read_and_checked_in_order(tmp_path: Path):
    place = folder(tmp_path)
    for _ in range(11):
        make_root_of(place, wanted(), "ana", "bo")
    assert [root.signed.version for root in SigningFolder(tmp_path, "signing").roots] == list(range(1, 12))


def told(place: SigningFolder) -> str:
    with pytest.raises(SigningError) as error:
        _ = SigningFolder(place.path, place.shown).roots
    return str(error.value)


def test_a_root_that_is_gone_is_missed(tmp_path: Path):
    place = folder(tmp_path)
    for _ in range(3):
        make_root_of(place, wanted(), "ana", "bo")
    place.root_path(2).unlink()
    assert told(place) == (
        "signing/metadata/2.root.json is missing, and no root may ever be; take it back from the repository"
    )


def test_roots_that_somebody_changed_are_refused(tmp_path: Path):
    place = folder(tmp_path)
    make_root_of(place, wanted(), "ana", "bo")
    path = place.root_path(1)
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"threshold":2', b'"threshold":1'))
    assert "is not signed by enough of those who may sign it" in told(place)
    path.write_bytes(b"{")
    assert told(place) == (
        "signing/metadata/1.root.json is damaged; take it back from the repository, or from whom you have it"
    )
    path.write_bytes(b" " * 600_000)
    assert told(place) == "signing/metadata/1.root.json is larger than any such file can be; delete it"
    make_root_of(folder(tmp_path / "other"), wanted(), "ana", "bo")
    path.write_bytes(good)
    place.root_path(2).write_bytes(good)
    assert told(place) == "signing/metadata/2.root.json holds something else than its name says; take it back"


def test_what_need_not_change_is_not_changed(tmp_path: Path):
    place = folder(tmp_path)
    make_root_of(place, wanted(), "ana", "bo", now=THEN)
    with pytest.raises(SigningError) as error:
        rotate(place, wanted(), THEN + timedelta(days=100))
    assert str(error.value) == (
        "root 1 names the same people and holds until 22 November 2027, so there is nothing to change; "
        "'keys rotate --renew' makes a new one all the same"
    )
    assert rotate(place, wanted(), THEN + timedelta(days=200)) == [
        "signing/pending/2.root.json waits for signatures."
    ]


def test_what_waits_stays_with_its_signatures_while_it_names_the_same_people(tmp_path: Path):
    place = folder(tmp_path)
    assert make_root_of(place, wanted(), "ana") == []
    data = (place.pending / "1.root.json").read_bytes()
    assert rotate(place, wanted(), NOW + timedelta(days=3)) == [
        "signing/pending/1.root.json waits already and names the same people; it stays."
    ]
    assert (place.pending / "1.root.json").read_bytes() == data
    assert rotate(place, wanted(root=("ana", "bo"), threshold=2), NOW) == [
        "signing/pending/1.root.json names others now; signatures of ana are lost.",
        "signing/pending/1.root.json waits for signatures.",
    ]
    assert "ana" in (place.pending / "1.root.txt").read_text()


def test_a_root_that_waited_too_long_is_thrown_away(tmp_path: Path):
    place = folder(tmp_path)
    make_root_of(place, wanted())
    old = (place.pending / "1.root.json").read_bytes()
    make_root_of(place, wanted(), "ana", "bo")
    (place.pending / "1.root.json").write_bytes(old)
    assert rotate(place, wanted(), NOW, renew=True) == [
        "signing/pending/1.root.json is out of date and was thrown away.",
        "signing/pending/2.root.json waits for signatures.",
    ]
