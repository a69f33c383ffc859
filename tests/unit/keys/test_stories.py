"""What happens to people and keys, with real metadata and python-tuf's own client as the reader."""

from pathlib import Path

import pytest
from tuf.api.exceptions import BadVersionNumberError, DownloadHTTPError, UnsignedMetadataError
from tuf.api.metadata import MetaFile

from tests.unit.keys.people import (
    NOW,
    UNTIL,
    Reader,
    Repository,
    folder,
    key_of,
    make_root_of,
    signers,
    wanted,
)
from tocsin.errors import SigningError
from tocsin.keys.folder import SigningFolder
from tocsin.keys.root import make_root, serialized
from tocsin.keys.status import duties

DAYS = {"root": 365, "targets": 90, "online": 14}


@pytest.fixture
def place(tmp_path: Path) -> SigningFolder:
    place = folder(tmp_path / "signing")
    assert make_root_of(place, wanted(), "ana", "bo") == [1]
    return place


@pytest.fixture
def mirror(place: SigningFolder) -> Repository:
    mirror = Repository(place)
    mirror.publish(("ana",), "timer", b"first", version=1)
    return mirror


@pytest.fixture
def reader(place: SigningFolder, tmp_path: Path) -> Reader:
    return Reader(tmp_path / "reader", place.root_path(1).read_bytes())


def overdue(place: SigningFolder) -> list[tuple[str, str]]:
    return [(duty.kind, duty.command) for duty in duties(place, DAYS, NOW) if duty.is_overdue]


def test_a_reader_gets_what_the_editors_signed(mirror: Repository, reader: Reader):
    assert reader.read(mirror) == b"first"


def test_the_loss_of_one_root_key_is_survived(place: SigningFolder, mirror: Repository, reader: Reader):
    """Chen's key burnt. Ana and Bo name Eve in Chen's place; whoever knew root 1 follows."""
    assert reader.read(mirror) == b"first"
    assert make_root_of(place, wanted(root=("ana", "bo", "eve")), "ana", "bo") == [2]
    assert overdue(place) == []
    mirror.publish(("ana",), "timer", b"second", version=2)
    assert reader.read(mirror) == b"second"
    assert make_root_of(place, wanted(root=("ana", "bo", "eve"), threshold=2), "ana", "eve") == [3]


def test_the_loss_of_two_of_three_root_keys_is_not(place: SigningFolder):
    assert make_root_of(place, wanted(root=("ana", "dara", "eve")), "ana", "dara", "eve") == []


def test_new_people_alone_cannot_make_themselves_the_root(place: SigningFolder):
    """They reach their own threshold and not the one of before."""
    assert make_root_of(place, wanted(root=("eve", "dara"), threshold=2), "eve", "dara") == []
    path = place.pending / "2.root.json"
    (place.path / "metadata" / "2.root.json").write_bytes(path.read_bytes())
    with pytest.raises(SigningError) as error:
        _ = SigningFolder(place.path, "signing").roots
    assert str(error.value) == (
        "signing/metadata/2.root.json is not signed by enough of those who may sign it; somebody changed it, "
        "or put it there too early: take the folder back from the repository"
    )


def test_a_reader_who_was_away_for_many_roots_climbs_them(
    place: SigningFolder, mirror: Repository, reader: Reader
):
    for _ in range(5):
        make_root_of(place, wanted(), "bo", "chen")
    assert len(place.roots) == 6
    assert reader.read(mirror) == b"first"


def test_what_a_thief_of_the_online_key_can_do_and_cannot(mirror: Repository, reader: Reader):
    """He can say that a release of the future is the newest, and so shut readers out. He can sign no page."""
    assert reader.read(mirror) == b"first"
    mirror.publish(("timer",), "timer", b"forged", version=2)
    with pytest.raises(UnsignedMetadataError):
        reader.read(mirror)


FAR = 1_000_000


def send_ahead(mirror: Repository, reader: Reader) -> None:
    """The thief signs pointers of a far future; the reader keeps them and refuses all that is older."""
    assert reader.read(mirror) == b"first"
    mirror.point("timer", "timer", version=FAR, meta=MetaFile(FAR, 1))
    with pytest.raises(DownloadHTTPError):
        reader.read(mirror)
    mirror.publish(("ana",), "timer", b"second", version=2)
    with pytest.raises(BadVersionNumberError):
        reader.read(mirror)


def test_a_stolen_online_key_is_replaced_and_readers_whom_it_sent_ahead_come_back(
    place: SigningFolder, mirror: Repository, reader: Reader
):
    send_ahead(mirror, reader)
    assert make_root_of(place, wanted(online=("timer-2",)), "bo", "chen") == [2]
    assert overdue(place) == [("online", "refresh")]
    mirror.publish(("ana",), "timer-2", b"second", version=3)
    assert reader.read(mirror) == b"second"


def test_replacing_one_of_the_two_online_roles_would_not_be_enough(
    place: SigningFolder, mirror: Repository, reader: Reader
):
    """Why `online` is one role in site.toml: with the timestamp alone replaced, readers stay away."""
    send_ahead(mirror, reader)
    root = make_root(signers("ana"), signers("ana"), signers("timer-2"), version=2, expires=UNTIL)
    root.signed.add_key(key_of("timer").public.tuf, "snapshot")
    root.signed.revoke_key(key_of("timer-2").public.tuf.keyid, "snapshot")
    for name in ("ana", "bo"):
        root.sign(key_of(name).signer, append=True)
    place.accept_root(root, serialized(root))
    length = len(mirror.files["metadata/2.targets.json"])
    mirror.point("timer", "timer-2", version=3, meta=MetaFile(2, length))
    with pytest.raises(BadVersionNumberError):
        reader.read(mirror)


def test_a_person_who_leaves_signs_no_more(place: SigningFolder, mirror: Repository, reader: Reader):
    """What Dara signed while she was there has to be signed anew by those who stay."""
    mirror.publish(("dara",), "timer", b"hers", version=2)
    assert reader.read(mirror) == b"hers"
    assert make_root_of(place, wanted(targets=("ana", "bo")), "ana", "bo") == [2]
    assert overdue(place) == [("targets", "release")]
    with pytest.raises(UnsignedMetadataError):
        reader.read(mirror)
    mirror.publish(("dara",), "timer", b"revenge", version=3)
    with pytest.raises(UnsignedMetadataError):
        reader.read(mirror)
    mirror.publish(("ana",), "timer", b"theirs", version=4)
    assert overdue(place) == []
    assert reader.read(mirror) == b"theirs"


def test_with_a_threshold_of_two_one_editor_publishes_nothing(
    place: SigningFolder, mirror: Repository, reader: Reader
):
    assert make_root_of(place, wanted(of_targets=2), "ana", "chen") == [2]
    mirror.publish(("ana",), "timer", b"alone", version=2)
    with pytest.raises(UnsignedMetadataError):
        reader.read(mirror)
    mirror.publish(("ana", "dara"), "timer", b"together", version=3)
    assert reader.read(mirror) == b"together"
