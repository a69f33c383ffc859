"""What whoever runs a mirror can do to it, as a folder and over HTTP (docs/release-format.md, F1 to F25)."""

import json
from datetime import timedelta

import pytest
from tuf.api.metadata import MetaFile, Timestamp

from tests.simulator import HERE, NOW, THERE, Office, Person, Tree, pages, serving, signed
from tests.unit.verify.conftest import FIRST, SECOND, Desk, History, Judge
from tocsin.verify.ages import Witness
from tocsin.verify.sources import FolderSource
from tocsin.verify.verdicts import Found, Report, Verdict
from tocsin.verify.web import WebSource

pytestmark = pytest.mark.real("ssh-keygen")

PAGE = "appeals/first/index.html"
CHANGED = "is not what the editors signed"
FIRST_VISIT = (
    "Nothing was known of this site here before. Had somebody kept back a newer release, this could only be "
    "noticed after 2026-12-05, when the confirmation of this one ends."
)
EXCHANGED = (
    "The online keys were exchanged since the verification of 2026-11-21; what was seen under the old ones "
    "no longer counts."
)


def facts(report: Report) -> set[tuple[str, str, str]]:
    """What was found, without what HTTP adds: the same page by the address of its folder."""
    return {
        (str(one.verdict), one.path, one.detail)
        for one in report.found
        if one.path != "" and not one.path.endswith("/")
    }


def test_an_honest_copy_is_authentic(judged: Judge, first: Tree):
    report = judged(first)
    assert (report.found, report.verdicts, report.exit_code) == ((), (Verdict.AUTHENTIC,), 0)
    assert report.release
    assert report.release.about.release == FIRST
    assert set(report.release.files) == set(first)


@pytest.mark.parametrize(
    ("path", "change", "detail"),
    [
        (PAGE, lambda data: data.replace(b"version 1", b"version 7"), CHANGED),
        (PAGE, lambda data: data + b"<script src=//evil>", "is longer than the 27 bytes that were signed"),
        ("i/photo.avif", lambda data: data[:-1], "has 5,119 bytes, and 5,120 were signed"),
        ("fr/index.html", lambda data: b"", "has 0 bytes, and 14 were signed"),
        ("feed.atom", lambda data: data.replace(b"a.example", b"b.example"), CHANGED),
        ("release/VERIFY.en.txt", lambda data: data[::-1], CHANGED),
        ("release/SHA256SUMS.minisig", lambda data: data[:-3] + b"A=\n", None),
        ("release/SHA256SUMS.sig", lambda data: data.replace(b"A", b"B"), None),
        ("release/SHA256SUMS", lambda data: data.replace(b"0", b"1"), CHANGED),
    ],
)  # fmt: skip
def test_a_changed_file_is_altered(judged: Judge, first: Tree, path: str, change, detail: str | None):
    first[path] = change(first[path])
    report = judged(first)
    assert report.worst is Verdict.ALTERED
    assert {(one[0], one[1]) for one in facts(report)} == {("altered", path)}
    if detail:
        assert facts(report) == {("altered", path, detail)}


def test_a_missing_file_is_incomplete(judged: Judge, first: Tree):
    del first["i/photo.avif"], first["ar/index.html"]
    report = judged(first)
    assert report.worst is Verdict.INCOMPLETE
    assert {one[1] for one in facts(report)} == {"i/photo.avif", "ar/index.html"}


@pytest.mark.parametrize(
    ("one", "other"),
    [(PAGE, "appeals/second/index.html"), ("fr/appeals/first/index.html", "ar/appeals/first/index.html")],
)
def test_pages_and_languages_that_were_swapped_are_altered(judged: Judge, first: Tree, one: str, other: str):
    first[one], first[other] = first[other], first[one]
    report = judged(first)
    assert {(fact[0], fact[1]) for fact in facts(report)} == {("altered", one), ("altered", other)}


@pytest.mark.parametrize("path", ["feed.atom", PAGE])
def test_new_metadata_over_old_pages_is_altered(judged: Judge, first: Tree, second: Tree, path: str):
    second[PAGE] = first[PAGE]
    assert {one[:2] for one in facts(judged(second))} == {("altered", PAGE)}


def test_old_metadata_over_new_pages_is_altered(judged: Judge, first: Tree, second: Tree):
    first[PAGE] = second[PAGE]
    assert {one[:2] for one in facts(judged(first))} == {("altered", PAGE)}


@pytest.mark.parametrize("role", ["targets", "site", "fr", HERE, f"{HERE}-fr"])
def test_metadata_of_another_release_is_no_part_of_this_one(
    judged: Judge, first: Tree, second: Tree, role: str
):
    name = f"metadata/2.{role}.json"
    second[name] = first[f"metadata/1.{role}.json"]
    report = judged(second)
    assert report.worst is Verdict.ALTERED
    assert ("altered", name) in {one[:2] for one in facts(report)}


def test_a_snapshot_of_another_release_is_no_part_of_this_one(judged: Judge, first: Tree, second: Tree):
    second["metadata/2.snapshot.json"] = first["metadata/1.snapshot.json"]
    assert ("altered", "metadata/2.snapshot.json") in {one[:2] for one in facts(judged(second))}


def test_an_old_timestamp_over_a_new_release_is_told(judged: Judge, first: Tree, second: Tree):
    second["metadata/timestamp.json"] = first["metadata/timestamp.json"]
    report = judged(second)
    assert report.found[0] == Found(Verdict.INCOMPLETE, "metadata/1.snapshot.json", "is not there")


@pytest.mark.parametrize("name", ["metadata/timestamp.json", "metadata/1.targets.json", "metadata/1.ar.json"])
def test_metadata_that_is_missing_is_incomplete(judged: Judge, first: Tree, name: str):
    del first[name]
    report = judged(first)
    assert ("incomplete", name, "is not there") in facts(report)
    assert report.exit_code == 12


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"signed":{},"signatures":[]}', b"[" * 5000, b"\xff\xfe", b"null"]
)
def test_metadata_that_is_none_is_altered(judged: Judge, first: Tree, data: bytes):
    first["metadata/timestamp.json"] = data
    assert ("altered", "metadata/timestamp.json") in {one[:2] for one in facts(judged(first))}


def test_a_site_signed_by_strangers_is_of_an_unknown_signer(judged: Judge):
    report = judged(Office().release(pages(), FIRST)[HERE])
    assert report.worst is Verdict.UNKNOWN_SIGNER
    assert report.exit_code == 17
    assert report.release is None
    assert facts(report) == {
        ("unknown signer", "metadata/timestamp.json", "is signed by 0 of the 1 trusted keys that it needs")
    }


def test_signatures_of_strangers_under_trusted_names_are_altered(judged: Judge, first: Tree):
    record = json.loads(first["metadata/timestamp.json"])
    record["signed"]["version"] = 9
    first["metadata/timestamp.json"] = json.dumps(record).encode()
    assert facts(judged(first)) == {("altered", "metadata/timestamp.json", "was changed after it was signed")}


def test_metadata_that_means_the_same_and_is_written_otherwise_is_altered(judged: Judge, first: Tree):
    first["metadata/timestamp.json"] = first["metadata/timestamp.json"].replace(b'"signed"', b' "signed"')
    assert facts(judged(first)) == {
        ("altered", "metadata/timestamp.json", "is not of the form of F7, though it means the same")
    }


def test_one_editor_alone_signs_no_release(judged: Judge, history: History):
    office = Office(
        keepers=history.office.keepers, editors=history.office.editors, online=history.office.online
    )
    tree = office.release(pages(), FIRST, signers=office.editors[:1])[HERE]
    report = judged(tree, root=office.roots[1])
    assert (
        "unknown signer",
        "metadata/1.targets.json",
        "is signed by 1 of the 2 trusted keys that it needs",
    ) in (facts(report))


def test_a_root_that_strangers_signed_is_not_climbed(judged: Judge, first: Tree):
    stranger = Office(threshold=1)
    stranger.rotate()
    first["metadata/2.root.json"] = stranger.roots[2]
    report = judged(first)
    assert facts(report) == {
        ("unknown signer", "metadata/2.root.json", "is signed by 0 of the 2 trusted keys that it needs")
    }


def test_an_older_root_that_leads_nowhere_is_altered(judged: Judge, history: History):
    office = Office(keepers=history.office.keepers)
    office.rotate()
    tree = office.release(pages(), FIRST)[HERE]
    tree["metadata/1.root.json"] = Office().roots[1]
    report = judged(tree, root=office.roots[2])
    assert facts(report) == {("altered", "metadata/2.root.json", "does not follow from the root before it")}


def test_the_edition_of_another_mirror_is_not_this_edition(desk: Desk, history: History):
    with serving(history.first[THERE]) as mirror:
        report = desk.judge(WebSource(mirror.address))
    assert report.verdicts == (Verdict.NOT_THIS_EDITION,)
    assert report.exit_code == 14
    assert report.found[0].detail == (
        f"This is the edition for https://b.example/, and it was fetched from {mirror.address}."
    )


def test_in_a_folder_every_edition_is_at_home(desk: Desk, history: History):
    assert desk.folder_of(history.first[THERE]).worst is Verdict.AUTHENTIC


def test_an_edition_that_nobody_made_is_altered(judged: Judge, first: Tree):
    first["release/edition.json"] = first["release/edition.json"].replace(HERE.encode(), b"aaaaaaaaaa")
    report = judged(first)
    assert {one[:2] for one in facts(report)} == {("altered", "release/edition.json")}


@pytest.mark.parametrize("data", [b"{}", b"\xff", b"[" * 9000, b'{"format":1}'])
def test_an_edition_that_says_nothing_is_altered(judged: Judge, first: Tree, data: bytes):
    first["release/edition.json"] = data
    assert judged(first).worst is Verdict.ALTERED


def test_lists_that_disagree_are_no_release(judged: Judge, history: History):
    office = Office(
        keepers=history.office.keepers, editors=history.office.editors, online=history.office.online
    )

    def lying(digests: dict[str, str]) -> dict[str, str]:
        return {**digests, "index.html": "0" * 64, "planted.html": "1" * 64}

    tree = office.release(pages(), FIRST, sums=lying)[HERE]
    report = judged(tree, root=office.roots[1])
    assert facts(report) == {
        (
            "altered",
            "release/SHA256SUMS",
            "disagrees with the metadata about index.html and 1 more; a release whose lists differ is none",
        )
    }


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "fr/../../x", "a\\b", "fr/*.html", "a\nb", "e\u0301.html"]
)
def test_a_path_that_no_release_may_have_is_altered_and_never_asked_for(
    judged: Judge, history: History, path: str
):
    office = Office(
        keepers=history.office.keepers, editors=history.office.editors, online=history.office.online
    )
    tree = office.release(pages(), FIRST, more={"site": {path: b"x"}})[HERE]
    report = judged(tree, root=office.roots[1])
    assert report.worst is Verdict.ALTERED
    assert any(one.path == "metadata/1.site.json" and "lists '" in one.detail for one in report.found)


def test_a_role_may_list_only_what_it_answers_for(judged: Judge, history: History):
    office = Office(
        keepers=history.office.keepers, editors=history.office.editors, online=history.office.online
    )
    tree = office.release(pages(), FIRST, more={"fr": {"ar/planted.html": b"x"}})[HERE]
    report = judged(tree, root=office.roots[1])
    assert ("altered", "metadata/1.fr.json", "lists 'ar/planted.html', which it may not or not so") in facts(
        report
    )


# Age


def test_a_release_that_has_expired_is_authentic_and_not_confirmed(judged: Judge, first: Tree):  # F22
    report = judged(first, at=NOW + timedelta(days=20))
    assert report.verdicts == (Verdict.STALE, Verdict.AUTHENTIC)
    assert report.exit_code == 10
    assert report.is_authentic
    assert report.found[0].detail == (
        "Authentic, not confirmed since 2026-11-21: the signature of snapshot ended on 2026-12-05. The "
        "release was signed on 2026-11-21."
    )


def test_of_an_expired_release_a_changed_file_is_still_altered(judged: Judge, first: Tree):
    first[PAGE] += b"!"
    report = judged(first, at=NOW + timedelta(days=400))
    assert report.verdicts == (Verdict.ALTERED, Verdict.STALE)


def test_a_place_that_goes_back_is_rolled_back(desk: Desk, first: Tree, second: Tree):  # F20
    at = NOW + timedelta(days=2)
    assert desk.folder_of(second, "mirror", at=at).worst is Verdict.AUTHENTIC
    report = desk.folder_of(first, "mirror", at=at)
    assert report.worst is Verdict.ROLLED_BACK
    assert report.exit_code == 15
    assert report.found[0] == Found(
        Verdict.ROLLED_BACK,
        "metadata/timestamp.json",
        f"is of version 1; this place served version 2 before, release {SECOND}",
    )
    assert desk.folder_of(second, "mirror", at=at).worst is Verdict.AUTHENTIC


def test_a_place_that_is_behind_another_is_stale(desk: Desk, first: Tree, second: Tree):
    at = NOW + timedelta(days=2)
    desk.folder_of(second, at=at)
    report = desk.folder_of(first, at=at)
    assert report.verdicts == (Verdict.STALE, Verdict.AUTHENTIC)
    assert report.found[0].detail == (
        "is of version 1; a newer release is known from the verification of 2026-11-23"
    )


def test_a_freeze_within_validity_is_seen_by_who_knows_more(desk: Desk, history: History, first: Tree):
    there = history.second[THERE]
    witness = Witness("the checkout", there["metadata/timestamp.json"], there["metadata/2.snapshot.json"])
    report = desk.folder_of(first, witnesses=(witness,), at=NOW + timedelta(days=2))
    assert report.verdicts == (Verdict.STALE, Verdict.AUTHENTIC)


def test_a_first_visit_to_an_old_release_says_what_it_cannot_know(judged: Judge, first: Tree):
    report = judged(first, at=NOW + timedelta(days=3))
    assert report.worst is Verdict.AUTHENTIC
    texts = [note.text for note in report.notes if note.name == "first"]
    assert texts == [FIRST_VISIT]


def test_a_later_confirmation_of_the_same_release_is_only_noted(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    before = office.release(pages(), FIRST)[HERE]
    meta = Timestamp.from_dict(json.loads(before["metadata/timestamp.json"])["signed"]).snapshot_meta
    later = signed(Timestamp(2, expires=NOW + timedelta(days=15), snapshot_meta=meta), [office.online])
    desk.folder_of({**before, "metadata/timestamp.json": later}, root=office.roots[1])
    report = desk.folder_of(before, root=office.roots[1])
    assert report.worst is Verdict.AUTHENTIC
    where = "the verification of 2026-11-21"
    assert [note.text for note in report.notes] == [
        f"The release is the newest that is known; {where} has a later confirmation of it."
    ]


def test_two_timestamps_of_one_version_show_that_the_online_key_was_misused(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    tree = office.release(pages(), FIRST)[HERE]
    desk.folder_of(tree, root=office.roots[1])
    meta = Timestamp.from_dict(json.loads(tree["metadata/timestamp.json"])["signed"]).snapshot_meta
    other = signed(Timestamp(1, expires=NOW + timedelta(days=900), snapshot_meta=meta), [office.online])
    report = desk.folder_of({**tree, "metadata/timestamp.json": other}, root=office.roots[1])
    assert report.worst is Verdict.ALTERED
    assert facts(report) == {
        (
            "altered",
            "metadata/timestamp.json",
            "differs from another one of the same version: the online key was used twice, or stolen",
        )
    }


def test_a_lower_number_under_newer_metadata_is_rolled_back(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    desk.folder_of(office.release(pages(), "2026.11.21.2")[HERE], "mirror", root=office.roots[1])
    report = desk.folder_of(office.release(pages(), "2026.11.21.1")[HERE], "mirror", root=office.roots[1])
    assert report.found == (
        Found(
            Verdict.ROLLED_BACK, "", "This is release 2026.11.21.1; release 2026.11.21.2 was verified before."
        ),
    )


def test_a_snapshot_that_takes_roles_back_is_rolled_back(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    old = office.release(pages(1), FIRST)[HERE]
    roles, versions, files = office.roles, dict(office.versions), office.files
    desk.folder_of(office.release(pages(2), FIRST)[HERE], "mirror", root=office.roots[1])
    # The thief of the online key states the old roles in new snapshots.
    office.roles, office.files = roles, files
    office.versions |= {name: versions[name] for name in roles}
    assert old
    report = desk.folder_of(office.refresh()[HERE], "mirror", root=office.roots[1])
    assert report.worst is Verdict.ROLLED_BACK
    assert report.found[0].detail.startswith("takes back versions of roles")


def test_a_fast_forward_with_a_stolen_key_ends_when_the_key_is_exchanged(desk: Desk, history: History):
    office = Office(keepers=history.office.keepers)
    office.release(pages(1), FIRST)
    thief = office.refresh(skip=2**31)[HERE]
    root = office.roots[1]
    assert desk.folder_of(thief, "mirror", root=root).worst is Verdict.AUTHENTIC
    office.versions |= {"snapshot": 2, "timestamp": 2}
    assert desk.folder_of(office.refresh()[HERE], "mirror", root=root).worst is Verdict.ROLLED_BACK
    office.online = Person("new-online")
    office.rotate()
    honest = office.refresh()[HERE]
    report = desk.folder_of(honest, "mirror", root=root)
    assert report.worst is Verdict.AUTHENTIC
    assert [note.text for note in report.notes] == [EXCHANGED]
    assert desk.folder_of(thief, "mirror", root=root).worst is Verdict.UNKNOWN_SIGNER


def test_who_comes_with_the_first_root_climbs_to_the_newest(judged: Judge, history: History):  # F19
    office = Office(keepers=history.office.keepers)
    office.online = Person("second-online")
    office.rotate()
    office.editors = [Person("editor-c"), Person("editor-d")]
    office.rotate()
    tree = office.release(pages(), FIRST)[HERE]
    report = judged(tree, root=office.roots[1])
    assert report.worst is Verdict.AUTHENTIC
    assert report.release
    assert report.release.versions["root"] == 3


def test_roots_that_a_mirror_withholds_show_as_unknown_signers(judged: Judge, history: History):
    office = Office(keepers=history.office.keepers)
    office.online = Person("second-online")
    office.rotate()
    tree = office.release(pages(), FIRST)[HERE]
    del tree["metadata/2.root.json"]
    assert judged(tree, root=office.roots[1]).worst is Verdict.UNKNOWN_SIGNER


# In transit


def test_files_of_a_release_that_is_known_are_in_transit_and_then_stale(
    desk: Desk, first: Tree, second: Tree
):
    at = NOW + timedelta(days=2)
    desk.folder_of(first, "mirror", at=at)
    mixed = {**second, PAGE: first[PAGE], "appeals/only-1/index.html": first["appeals/only-1/index.html"]}
    report = desk.folder_of(mixed, "mirror", at=at)
    assert report.verdicts == (Verdict.IN_TRANSIT,)
    assert report.exit_code == 11
    assert facts(report) == {
        ("in transit", PAGE, f"is that of release {FIRST}"),
        ("in transit", "appeals/only-1/index.html", f"is that of release {FIRST}"),
    }
    later = desk.folder_of(mixed, "mirror", at=at + timedelta(hours=2))
    assert later.worst is Verdict.STALE
    assert facts(later) == {
        ("stale", PAGE, f"is still that of release {FIRST}"),
        ("stale", "appeals/only-1/index.html", f"is still that of release {FIRST}"),
    }


def test_files_of_a_release_that_the_publisher_knows_are_in_transit(
    desk: Desk, first: Tree, second: Tree
):  # F24
    known = desk.folder_of(second, "published", at=NOW + timedelta(days=2)).release
    assert known
    report = desk.folder_of({**first, PAGE: second[PAGE]}, memory=None, known=(known,))
    assert facts(report) == {("in transit", PAGE, f"is that of release {SECOND}")}


@pytest.mark.parametrize("lengths", [(400, 30), (30, 400)], ids=["shorter", "longer"])
def test_a_page_that_was_made_longer_or_shorter_is_in_transit_too(desk: Desk, lengths: tuple[int, int]):
    office = Office()
    trees = []
    for number, length in zip((FIRST, SECOND), lengths, strict=True):
        common = pages() | {PAGE: b"x" * length}
        trees.append(office.release(common, number)[HERE])
        desk.folder_of(trees[-1], "mirror", root=office.roots[1])
    for path, data in ((PAGE, trees[0][PAGE]), ("appeals/second/index.html", b"y" * 1000)):
        report = desk.folder_of({**trees[1], path: data}, "mirror", root=office.roots[1])
        is_known = path == PAGE
        assert report.verdicts == (Verdict.IN_TRANSIT if is_known else Verdict.ALTERED,)
    with serving({**trees[1], PAGE: trees[0][PAGE]}) as mirror:
        report = desk.judge(WebSource(mirror.address, patience=10), root=office.roots[1])
    assert {one.path for one in report.of(Verdict.IN_TRANSIT)} == {PAGE, "appeals/first/"}


# Planted


@pytest.mark.parametrize(
    "path",
    ["wp-login.php", "appeals/first/extra.html", "metadata/7.site.json", "release/more.txt", ".htaccess"],
)
def test_a_file_that_no_list_names_is_planted(desk: Desk, first: Tree, path: str):  # F23
    report = desk.folder_of({**first, path: b"hello"})
    assert report.verdicts == (Verdict.PLANTED,)
    assert facts(report) == {("planted", path, "is not part of the release")}


def test_a_link_in_a_folder_is_not_followed(desk: Desk, first: Tree):
    folder = desk.place(first)
    outside = desk.folder / "outside.html"
    outside.write_bytes(first[PAGE])
    (folder / PAGE).unlink()
    (folder / PAGE).symlink_to(outside)
    (folder / "elsewhere").symlink_to(desk.folder)
    report = desk.judge(FolderSource(folder))
    assert facts(report) == {
        ("altered", PAGE, "is a link, which may lead anywhere"),
        ("planted", "elsewhere", "is not part of the release"),
    }


def test_metadata_larger_than_it_may_be_is_not_read(judged: Judge, history: History, first: Tree):  # F21
    first["metadata/timestamp.json"] = b" " * 16_385
    assert facts(judged(first)) == {
        ("altered", "metadata/timestamp.json", "is larger than the 16,384 bytes that it may have")
    }


def test_metadata_that_is_said_to_be_larger_than_any_is_refused(judged: Judge, history: History):
    office = Office(keepers=history.office.keepers)
    tree = office.release(pages(), FIRST)[HERE]
    meta = MetaFile(1, 2_000_001, {"sha256": "0" * 64})
    timestamp = Timestamp(5, expires=NOW + timedelta(days=9), snapshot_meta=meta)
    tree["metadata/timestamp.json"] = signed(timestamp, [office.online])
    report = judged(tree, root=office.roots[1])
    assert facts(report) == {
        (
            "altered",
            "metadata/1.snapshot.json",
            "is said to have 2,000,001 bytes, more than the 2,000,000 that it may have",
        )
    }
