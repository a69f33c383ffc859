"""ZIP archives: of an edition, and the offline edition, which bears lists and signatures only (F26)."""

import stat
import warnings
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulator import NOW, Person, Tree, offline, write_folder, write_zip
from tests.unit.verify.conftest import Desk, History
from tocsin.errors import VerifyError
from tocsin.verify.archive import ZipSource
from tocsin.verify.lists import Signer
from tocsin.verify.sources import FolderSource
from tocsin.verify.verdicts import Found, Report, Verdict

pytestmark = pytest.mark.real("ssh-keygen")

PAGE = "appeals/first/index.html"


def of_zip(desk: Desk, tree: Tree, **options: object) -> Report:
    return desk.judge(ZipSource(write_zip(tree, desk.folder / "edition.zip")), **options)


def with_entry(desk: Desk, tree: Tree, info: zipfile.ZipInfo | str, data: bytes, **options: object) -> Report:
    file = write_zip(tree, desk.folder / "edition.zip")
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of names that are there already
        archive.writestr(info, data)
    return desk.judge(ZipSource(file), **options)


def test_an_archive_of_an_edition_is_authentic(desk: Desk, first: Tree):
    assert of_zip(desk, first).verdicts == (Verdict.AUTHENTIC,)


def test_an_archive_whose_edition_lies_in_a_folder_is_authentic(desk: Desk, first: Tree):
    assert of_zip(desk, {f"site/{path}": data for path, data in first.items()}).worst is Verdict.AUTHENTIC


def test_a_changed_file_in_an_archive_is_altered(desk: Desk, first: Tree):
    first[PAGE] = b"<p>An appeal, version 7</p>"
    assert of_zip(desk, first).found == (Found(Verdict.ALTERED, PAGE, "is not what the editors signed"),)


def test_a_file_that_is_there_twice_is_altered(desk: Desk, first: Tree):
    report = with_entry(desk, first, PAGE, first[PAGE])
    assert report.found == (
        Found(Verdict.ALTERED, PAGE, "is there twice, so that programs differ in which they unpack"),
    )


@pytest.mark.parametrize("name", ["/etc/cron.d/x", "../x.html", "fr/../../x", "a\\..\\x", "x\x1b[2J.html"])
def test_a_name_that_leads_out_of_the_folder_is_planted(desk: Desk, first: Tree, name: str):
    report = with_entry(desk, first, name, b"x")
    assert report.verdicts == (Verdict.PLANTED,)
    assert report.found[0].detail.endswith("; unpacking it may write outside the folder")


def test_a_link_in_an_archive_is_altered(desk: Desk, first: Tree):
    info = zipfile.ZipInfo(PAGE)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    del first[PAGE]
    report = with_entry(desk, first, info, b"../../etc/passwd")
    assert report.found == (Found(Verdict.ALTERED, PAGE, "is a link or encrypted, and not a plain file"),)


def test_a_file_that_swells_is_read_no_further_than_it_may_be(desk: Desk, first: Tree):
    del first[PAGE]
    report = with_entry(desk, first, PAGE, bytes(300_000_000))
    assert report.found == (Found(Verdict.ALTERED, PAGE, "is longer than the 27 bytes that were signed"),)
    assert report.bytes < 20_000


def test_a_planted_file_that_swells_is_not_unpacked(desk: Desk, first: Tree):
    report = with_entry(desk, first, "bomb.bin", bytes(300_000_000))
    assert report.found == (Found(Verdict.PLANTED, "bomb.bin", "is not part of the release"),)


def test_an_archive_with_a_damaged_piece_is_altered(desk: Desk, first: Tree):
    data = write_zip(first, desk.folder / "edition.zip").read_bytes()
    place = data.index(b"i/photo.avif") + 40
    file = desk.folder / "damaged.zip"
    file.write_bytes(data[:place] + bytes(40) + data[place + 40 :])
    report = desk.judge(ZipSource(file))
    assert {(one.verdict, one.path) for one in report.found} == {(Verdict.ALTERED, "i/photo.avif")}


def test_what_is_no_archive_is_an_error(tmp_path: Path):
    (tmp_path / "site.zip").write_bytes(b"PK nothing")
    with pytest.raises(VerifyError) as error:
        ZipSource(tmp_path / "site.zip")
    assert str(error.value) == "site.zip is no ZIP archive that can be opened: File is not a zip file"


def test_an_empty_archive_holds_no_release(desk: Desk):
    empty = desk.folder / "empty.zip"
    with zipfile.ZipFile(empty, "w"):
        pass
    with pytest.raises(VerifyError, match="holds no release: there is neither"):
        desk.judge(ZipSource(empty))


# The offline edition


@pytest.fixture
def person() -> Person:
    return Person("editor")


@pytest.fixture
def archive(person: Person) -> Tree:
    return offline(person, {"index.html": b"<p>Home</p>", "fr/index.html": b"<p>Accueil</p>"})


def judged(desk: Desk, tree: Tree, person: Person, **options: object) -> Report:
    return of_zip(desk, tree, signers=(Signer(person.raw),), **options)


def test_an_offline_edition_is_authentic(desk: Desk, archive: Tree, person: Person):
    report = judged(desk, archive, person)
    assert (report.verdicts, report.found) == ((Verdict.AUTHENTIC,), ())
    assert report.release
    assert report.release.about.edition == "offline"
    assert set(report.release.files) == set(archive)


def test_an_offline_edition_that_was_unpacked_is_authentic(desk: Desk, archive: Tree, person: Person):
    folder = write_folder(archive, desk.folder / "unpacked")
    assert desk.judge(FolderSource(folder), signers=(Signer(person.raw),)).worst is Verdict.AUTHENTIC


def test_without_keys_of_its_own_those_of_the_root_are_trusted(desk: Desk, history: History):
    tree = offline(history.office.editors[1], {"index.html": b"x"})
    assert of_zip(desk, tree).worst is Verdict.AUTHENTIC
    assert of_zip(desk, offline(Person("stranger"), {"index.html": b"x"})).worst is Verdict.UNKNOWN_SIGNER


@pytest.mark.parametrize(
    ("path", "data", "verdict"),
    [
        ("fr/index.html", b"<p>accueil</p>", Verdict.ALTERED),
        ("release/SHA256SUMS", b"", Verdict.UNKNOWN_SIGNER),
        ("release/SHA256SUMS.sig", b"-----BEGIN", Verdict.ALTERED),
        ("release/SHA256SUMS.minisig", b"untrusted comment: x", Verdict.ALTERED),
        ("planted.html", b"x", Verdict.PLANTED),
    ],
)
def test_an_offline_edition_that_was_changed(
    desk: Desk, archive: Tree, person: Person, path: str, data: bytes, verdict: Verdict
):
    report = judged(desk, {**archive, path: data}, person)
    assert report.worst is verdict


@pytest.mark.parametrize("path", ["release/SHA256SUMS.sig", "release/SHA256SUMS", "fr/index.html"])
def test_an_offline_edition_that_lacks_something(desk: Desk, archive: Tree, person: Person, path: str):
    del archive[path]
    report = judged(desk, archive, person)
    assert Found(Verdict.INCOMPLETE, path, "is not there") in report.found
    assert not report.is_authentic


def test_an_offline_edition_whose_days_are_over_is_stale(desk: Desk, archive: Tree, person: Person):
    report = judged(desk, archive, person, at=NOW + timedelta(days=200))
    assert report.verdicts == (Verdict.STALE, Verdict.AUTHENTIC)
    assert report.found[0].detail == (
        "Authentic, not confirmed since 2026-11-21: the editors stand by it until 2027-02-19."
    )


def test_the_metadata_of_another_edition_cannot_be_left_out(desk: Desk, first: Tree, history: History):
    stripped = {path: data for path, data in first.items() if not path.startswith("metadata/")}
    report = of_zip(desk, stripped)
    assert report.found == (Found(Verdict.INCOMPLETE, "metadata/timestamp.json", "is not there"),)
    del stripped["release/edition.json"]
    assert not of_zip(desk, stripped).is_authentic


def test_an_offline_edition_from_tomorrow_shows_that_the_clock_is_behind(
    desk: Desk, archive: Tree, person: Person
):
    report = judged(desk, archive, person, at=NOW - timedelta(days=300))
    assert [note.text for note in report.notes] == [
        "It is 2026-01-25 here, and this was signed on 2026-11-21: the clock here is behind."
    ]
