"""The form of a release: paths, roles and lists (docs/release-format.md)."""

import fnmatch

import pytest

from tocsin.signed.edition import About, Turn, is_edition_id, number_of, turn_of
from tocsin.signed.paths import EDITIONS, MOST_PARTS, Roles, fault_of_path, path_of, target_of
from tocsin.signed.sums import SumsError, read_sums, write_sums

ID = "q4t7dk2wzm"
DEEP = "/".join("abcdefghij")


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("appeals/x/index.html", None),
        ("fr/ملف.html", None),
        (DEEP, None),
        (f"{DEEP}/k", "has more than 10 parts"),
        ("", "is not a plain relative path"),
        ("/etc/passwd", "is not a plain relative path"),
        ("a//b", "is not a plain relative path"),
        ("a/../b", "is not a plain relative path"),
        ("a/*", "holds a control character or one of * ? [ ] \\"),
        ("a\\b", "holds a control character or one of * ? [ ] \\"),
        ("a\nb", "holds a control character or one of * ? [ ] \\"),
        ("cafe\u0301.html", "is not in Unicode's form NFC"),
    ],
)
def test_paths_that_a_release_may_have(path, fault):  # F2
    assert fault_of_path(path) == fault


def test_a_stamped_file_is_fetched_from_its_own_path():  # F8
    target = target_of(ID, "feeds/all.rss", is_stamped=True)
    assert target == f"editions/{ID}/feeds/all.rss"
    assert path_of(target) == "feeds/all.rss"
    assert path_of(target_of(ID, "i/x.jpg", is_stamped=False)) == "i/x.jpg"


def role_by_patterns(roles: Roles, target: str) -> str:
    """The first delegated role with a pattern for a target, as a client of TUF walks."""
    parts = target.split("/")
    for name, patterns in roles.delegations():
        for pattern in patterns:
            asked = pattern.split("/")
            if len(asked) == len(parts) and all(map(fnmatch.fnmatchcase, parts, asked)):
                return name
    raise AssertionError(target)


@pytest.mark.parametrize(
    "path",
    [
        "index.html", "404.html", "robots.txt", "sitemap.xml", "_headers", "favicon.ico", "fr", "new.txt",
        "appeals/x/index.html", "fr/index.html", "fr/appeals/x/print/index.html", "i/a.jpg", "i/a/b/c.jpg",
        "s/site.css", "server/nginx.conf", ".well-known/security.txt", "release/mirrors.json",
        "sitemap/fr.xml", "feeds/all.rss", "fr/feeds/all.rss", DEEP, f"fr/{DEEP[2:]}",
    ],
)  # fmt: skip
def test_the_role_that_lists_a_file_is_the_first_that_a_client_comes_to(path):  # F9
    roles = Roles(["fr", "ar"], [ID, "x6hn3vbr5p"])
    assert roles.of_common(path) == role_by_patterns(roles, path)
    stamped = target_of(ID, path, is_stamped=True)
    assert roles.of_stamped(ID, path) == role_by_patterns(roles, stamped)


def test_an_edition_holds_the_roles_of_no_other():  # F13
    roles = Roles(["fr"], [ID, "x6hn3vbr5p"])
    assert roles.of_edition(ID) == ("fr", ID, f"{ID}-fr", "shared", "site")


def test_no_pattern_reaches_deeper_than_a_path_may():
    for name, patterns in Roles(["fr"], [ID]).delegations():
        deepest = max(pattern.count("/") + 1 for pattern in patterns)
        assert deepest == MOST_PARTS + (2 if patterns[0].startswith(f"{EDITIONS}/") else 0), name


def test_a_list_is_sorted_by_bytes_and_read_back():  # F14
    digests = {"b.html": "0" * 64, "é.html": "1" * 64, "a/z": "2" * 64}
    data = write_sums(digests)
    assert data.decode().splitlines()[0] == f"{'2' * 64}  a/z"
    assert read_sums(data) == digests


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\xff", "is not UTF-8"),
        (b"0" * 63 + b"  a\n", "has a line that is no digest and path: line 1"),
        (b"0" * 64 + b"  ../a\n", "has a path in line 1 that is not a plain relative path"),
        (b"0" * 64 + b"  a", "is not sorted, names a path twice or does not end with a line"),
        ((b"0" * 64 + b"  a\n") * 2, "is not sorted, names a path twice or does not end with a line"),
    ],
)
def test_a_list_that_is_none(data, fault):
    with pytest.raises(SumsError, match=f"^{fault}$"):
        read_sums(data)


def test_what_an_edition_says_of_itself_is_read_back():  # F5, F15
    about = About(
        "omct.example", ID, "https://mirror.example/", "2026.11.22.1", "2026-11-06T00:00:00+00:00",
        "2026-11-22", "2027-02-20", ("en", "fr"),
    )  # fmt: skip
    assert About.from_json(about.as_json()) == about
    assert about.as_json().endswith(b"}\n")
    assert about.comment == (
        f"site=omct.example release=2026.11.22.1 edition={ID} date=2026-11-22 expires=2027-02-20"
    )


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"format":2}', b'{"format":1,"site":"x"}', b"{"])
def test_what_does_not_say_what_an_edition_is(data):
    with pytest.raises(ValueError, match=r"."):
        About.from_json(data)


def test_numbers_compare_as_numbers():  # F6
    assert number_of("2026.11.22.10") > number_of("2026.11.22.9")
    for wrong in ("2026.11.22", "2026.11.22.0", "v1", "2026.11.22.1 "):
        with pytest.raises(ValueError, match="is not the number of a release"):
            number_of(wrong)


def test_ids_of_editions():  # F4
    assert is_edition_id(ID)
    assert not any(map(is_edition_id, ("q4t7dk2wz", "q4t7dk2wz1", "Q4T7DK2WZM", "offline")))


def test_the_pointer_comes_after_what_it_leads_to():
    assert turn_of("appeals/x/index.html", is_there=False) is Turn.NEW
    assert turn_of("appeals/index.html", is_there=True) is Turn.CHANGED
    assert turn_of("metadata/2.snapshot.json", is_there=False) is Turn.NEW
    assert turn_of("metadata/timestamp.json", is_there=True) is Turn.POINTER
