"""Archives to hand on: made by the real command from a site of all kinds, and read as a stranger would."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from lxml import html

from tests.integration.checkout import CODE, Checkout, copy
from tests.integration.test_links import links
from tests.small_sites import SITES
from tocsin.leaks import gate
from tocsin.library.hidden import collect_unpublished
from tocsin.offline.permanent import RECALLABLE, permanent_part

ALL = ("en", "fr", "ar")
# What stands in items of the small site that may have to be recalled.
RECALLED = (
    "Njeri",
    "Lokwanya",
    "Kirimba",
    "ken-arrest",
    "ken-release",
    "cmr-arrest",
    "We met in the open",
    "works at the market",
)
NEEDS_A_SERVER = re.compile(
    r"(^|/)(feeds|search|server|sitemap|metadata|\.well-known)/|(^|/)(robots\.txt|sitemap\.xml|_headers|404\.html)$"
    r"|\.(rss|atom|opml|json|js|wasm)$"
)


@dataclass(frozen=True)
class Handed:
    """The checkout that made the archives, what it said, and each archive unpacked, by its languages."""

    checkout: Checkout
    told: Mapping[str, object]
    archives: Mapping[tuple[str, ...], Path]
    folders: Mapping[tuple[str, ...], Path]


def of_all_kinds(snapshot: Path, target: Path) -> Checkout:
    checkout = copy(snapshot, target, CODE)
    shutil.copytree(SITES / "base", target, dirs_exist_ok=True)
    # The home page leads to it.
    checkout.write("content/network/support/en.md", "---\nid: 0page00200\ntitle: Support\n---\n\nHelp us.\n")
    return checkout


@pytest.fixture(scope="module")
def handed(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Handed:
    """Read it; do not change it."""
    folder = tmp_path_factory.mktemp("offline")
    checkout = of_all_kinds(snapshot, folder / "checkout")
    released = checkout.run("release")
    assert released.code == 0, released.said
    made = checkout.run("offline", "--each", "--json")
    assert made.code == 0, made.said
    told = json.loads(made.out)
    archives = {tuple(one["languages"]): Path(one["path"]) for one in told["archives"]}
    folders = {}
    for languages, path in archives.items():
        folders[languages] = folder / "-".join(languages)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folders[languages])
    return Handed(checkout, told, archives, folders)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def pages(folder: Path) -> dict[str, html.HtmlElement]:
    found = files(folder)
    return {
        path: html.document_fromstring(data.decode())
        for path, data in found.items()
        if path.endswith(".html")
    }


def test_there_is_one_archive_of_all_languages_and_one_of_each(handed):
    assert set(handed.archives) == {ALL, ("en",), ("fr",), ("ar",)}
    number = str(handed.told["release"])
    names = {path.name for path in handed.archives.values()}
    assert names == {f"offline-{number}{end}.zip" for end in ("", "-en", "-fr", "-ar")}


@pytest.mark.parametrize("languages", [ALL, ("en",), ("fr",), ("ar",)])
def test_every_link_names_a_file_of_the_folder(handed, languages):
    folder = handed.folders[languages]
    there, read = set(files(folder)), pages(folder)
    assert len(read) > 15
    followed = 0
    for path, page in read.items():
        for link in links(page):
            if urlsplit(link).scheme or link.startswith("//"):
                assert urlsplit(link).scheme in {"https", "http", "mailto", "tel"}
                continue
            written, fragment = urldefrag(link)
            assert not written.endswith("/"), (path, link)
            target = urlsplit(urljoin(f"file:///{path}", written)).path.lstrip("/") if written else path
            assert unquote(target) in there, (path, link)
            if fragment and target in read:
                assert read[target].get_element_by_id(fragment, None) is not None, (path, link)
            followed += 1
    assert followed > 300


@pytest.mark.parametrize("languages", [ALL, ("en",), ("fr",), ("ar",)])
def test_nothing_that_may_have_to_be_recalled_is_in_it(handed, languages):
    for path, data in files(handed.folders[languages]).items():
        for word in RECALLED:
            assert word not in path
            assert word.encode() not in data, (path, word)
        assert not path.endswith((".avif", ".jpg")), path  # the only picture is of a person


def test_the_site_itself_holds_all_that_and_no_page_to_start_with(handed):
    everything = b"".join(files(handed.checkout.output).values())
    assert all(word.encode() in everything for word in RECALLED)
    assert not list(handed.checkout.output.glob("START-HERE*"))


def test_a_link_to_what_is_not_in_it_is_plain_words(handed):
    page = pages(handed.folders[ALL])["fr/reports/custody/index.html"]
    text = page.text_content()
    assert "Tenir un registre, voir l'appel." in text
    assert not [link.text_content() for link in page.iter("a") if "appel" in link.text_content()]


@pytest.mark.parametrize("languages", [ALL, ("fr",)])
def test_there_is_nothing_that_needs_a_server_and_no_address_of_one(handed, languages):
    found = files(handed.folders[languages])
    needing = [path for path in found if NEEDS_A_SERVER.search(path)]
    assert needing == ["release/edition.json"]
    for path, page in pages(handed.folders[languages]).items():
        assert not page.xpath(
            "//link[@rel='canonical' or @rel='alternate'] | //meta[@property] | //script"
        ), path
    addressed = {path for path, data in found.items() if b"://bell.example" in data}
    assert addressed == set()


@pytest.mark.real("minisign", "ssh-keygen", "sha256sum")
@pytest.mark.parametrize("languages", [ALL, ("ar",)])
def test_the_commands_of_its_own_text_find_it_authentic(handed, languages, tmp_path):
    folder = shutil.copytree(handed.folders[languages], tmp_path / "copy")
    text = (folder / "release" / "VERIFY.ar.txt").read_text(encoding="utf-8")
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    run = {"sha256sum": 0, "echo": 0, "ssh-keygen": 0, "minisign": 0}
    for line in lines:
        if line.split()[0] in run:
            environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(tmp_path)}
            done = subprocess.run(
                ["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (line, done.stderr)
            run[line.split()[0]] += 1
    assert set(run.values()) == {1}
    listed = {line[66:] for line in (folder / "release" / "SHA256SUMS").read_text().splitlines()}
    proofs = {"release/SHA256SUMS", "release/SHA256SUMS.minisig", "release/SHA256SUMS.sig"}
    assert listed == set(files(folder)) - proofs


def test_a_copy_in_one_language_stands_at_the_root_and_speaks_no_other(handed):
    read = pages(handed.folders[("fr",)])
    assert read["index.html"].get("lang") == "fr"
    assert read["START-HERE.fr.html"].get("lang") == "fr"
    assert not [path for path in read if path.startswith(("fr/", "ar/"))]
    # The English report is a translation; of the French one only the original is here.
    assert read["reports/custody/index.html"].xpath("string(//h1)") == "Premières heures de garde à vue"
    assert {page.get("lang") for page in read.values()} == {"fr"}


def test_the_page_to_start_with_says_what_this_is_how_old_and_how_to_check_it(handed):
    read = pages(handed.folders[ALL])
    for language in ALL:
        page = read[f"START-HERE.{language}.html"]
        assert page.get("lang") == language
        hrefs = [link.get("href") for link in page.iter("a")]
        assert f"./release/VERIFY.{language}.txt" in hrefs
    text = " ".join(read["START-HERE.en.html"].xpath("string(//main)").split())
    assert f"as release {handed.told['release']}." in text
    assert "This copy holds nothing of: Urgent appeals · Portraits · Member organisations" in text
    assert "On every report. This is a key for demonstrations. It proves nothing." in text


def test_lists_of_what_is_left_out_say_why_they_are_empty(handed):
    read = pages(handed.folders[ALL])
    for path in ("appeals", "cases", "portraits", "codes", "network/members"):
        assert "Nothing of this kind is in this copy." in read[f"{path}/index.html"].xpath(
            "string(//main)"
        ), path
    assert "Nothing of this kind" not in read["reports/index.html"].xpath("string(//main)")


def test_the_print_version_names_the_site_and_no_host(handed):
    page = pages(handed.folders[ALL])["statements/call/print/index.html"]
    (said,) = page.xpath("//p[@class='provenance']")
    assert " ".join(said.text_content().split()).startswith(
        "Print version, from an offline copy of the site of The Bell. Original: /statements/call/"
    )


def test_the_same_release_makes_the_same_bytes(handed, tmp_path):
    checkout, first = handed.checkout, handed.archives[ALL]
    again = copy(
        checkout.root, tmp_path / "again", [path.name for path in checkout.root.iterdir()], backwards=True
    )
    shutil.rmtree(again.root / ".tocsin")
    for key in (again.root / "demonstration").rglob("*.key"):
        key.chmod(0o600)
    other = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LANG": "fr_FR.UTF-8"}
    told = again.run("offline", "--to", str(tmp_path / "stick"), env=other)
    assert told.code == 0, told.said
    assert (tmp_path / "stick" / first.name).read_bytes() == first.read_bytes()


def test_only_the_languages_asked_for_are_in_an_archive(handed, tmp_path):
    told = handed.checkout.run("offline", "--languages", "ar,fr", "--to", str(tmp_path), "--json")
    assert told.code == 0, told.said
    (one,) = json.loads(told.out)["archives"]
    assert one["languages"] == ["fr", "ar"]
    with zipfile.ZipFile(one["path"]) as archive:
        starts = [name for name in archive.namelist() if name.startswith("START-HERE")]
    assert starts == ["START-HERE.ar.html", "START-HERE.fr.html"]


def test_a_language_that_the_site_lacks_is_named(handed):
    told = handed.checkout.run("offline", "--languages", "fr,de")
    assert told.code == 1
    assert told.err == "ERROR the site has no language 'de'; write some of en, fr, ar, as in fr,ar\n"


def test_without_a_release_there_is_nothing_to_copy(snapshot, tmp_path):
    told = of_all_kinds(snapshot, tmp_path / "checkout").run("offline")
    assert told.code == 1
    assert told.err.endswith(
        "ERROR there is no release here that copies could be made of; run 'release' first\n"
    )


def test_what_editors_allow_for_one_item_is_in_it_and_its_neighbours_are_not(snapshot, tmp_path):
    checkout = of_all_kinds(snapshot, tmp_path / "checkout")
    allowed = ("portraits/2026/first", "appeals/2026/ken-release", "network/members/kirimba")
    for item in allowed:
        path = checkout.root / "content" / item / "en.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("---\n", "---\npermanent: true\n", 1), encoding="utf-8")
    for words in (("release",), ("offline", "--to", str(tmp_path))):
        told = checkout.run(*words)
        assert told.code == 0, told.said
    (path,) = tmp_path.glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "copy")
    found, read = files(tmp_path / "copy"), pages(tmp_path / "copy")
    assert "Njeri Lokwanya" in read["portraits/first/index.html"].text_content()
    assert any(name.endswith(".avif") for name in found)
    assert "Kirimba Legal Watch" in read["network/members/index.html"].text_content()
    # The appeal continues another one, which is recallable: its case begins with it here.
    assert "cases/ken-release/index.html" in read
    assert not [name for name, data in found.items() if "ken-arrest" in name or b"ken-arrest" in data]


def test_the_gate_finds_what_may_have_to_be_recalled(handed, tmp_path):
    """The output of the site stands for an edition that was not narrowed."""
    at = datetime.now(UTC)
    root = handed.checkout.root
    hidden = collect_unpublished(root, at, tmp_path, lambda library: permanent_part(library, ALL), RECALLABLE)
    found = gate(handed.checkout.output, (), hidden).findings
    leaking = {finding.path for finding in found if "may have to be recalled" in finding.message}
    assert {
        "portraits/first/index.html",
        "appeals/ken-arrest/index.html",
        "network/members/index.html",
    } <= leaking
    narrowed = gate(handed.folders[ALL], (), hidden).findings
    # Which files signatures are is not known to it.
    assert {finding.path for finding in narrowed} <= {"release/SHA256SUMS.minisig", "release/SHA256SUMS.sig"}
