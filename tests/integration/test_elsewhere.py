"""The page of other addresses, and the same for programs: what readers are told, and what nobody is."""

import json
import subprocess

import pytest

from tests.components import find
from tests.integration.checkout import Checkout, Page, copy_built, interface
from tests.integration.released import NOON, desk_of, newest
from tocsin.console.release import release

OSLO, BUCKET = "https://oslo.example/", "https://bucket.example/copy/"
ONION = "http://pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion/"
OWN_ONION = "http://lxh6xi3ed6xmociovaxzxbsvyy5ku5ayyp2vdlu6lo6nbhmul6mkawqd.onion/"
SITE = "https://omct.example/"
QUIET = "quiet.example"


def host(address: str) -> str:
    return address.removeprefix("http://").removesuffix("/")


FACTS = f"""\
schema = 1

[mirrors.oslo]
edition = "abcdefghij"
address = "{OSLO}"
kind = "directory"
label = "Press association <Oslo>"
onion = "{host(ONION)}"

[mirrors.bucket]
edition = "bbbbbbbbbb"
address = "{BUCKET}"
kind = "rclone"
tier = "collateral"

[mirrors.forever]
address = "https://ipfs.example/"
kind = "ipfs"
"""
WAYS = f"""\
schema = 1

[mirrors.bucket.rclone]
backend = "s3"

[mirrors.forever.ipfs]

[reserve.quiet]
edition = "cccccccccc"
address = "https://{QUIET}/"
label = "Nobody knows this one"
kind = "directory"
"""
PAGE = "network/addresses/"


@pytest.fixture(scope="module")
def site(built_small, tmp_path_factory) -> Checkout:
    """A site with three mirrors that readers are told of and one that they are not."""
    site = copy_built(built_small, tmp_path_factory.mktemp("elsewhere") / "checkout")
    site.write("mirrors.toml", FACTS)
    site.write("deploy.toml", WAYS)
    told = site.build()
    assert told.code == 0, told.said
    return site


def page(site: Checkout, language: str) -> Page:
    address = PAGE if language == "en" else f"{language}/{PAGE}"
    return Page(address, (site.output / address / "index.html").read_bytes())


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_every_address_stands_on_the_page_of_every_language(site, language):
    shown, word = page(site, language), interface(site.root, language)
    assert [one.text_content().strip() for one in shown.find("//main//p[@class='address']")] == [
        SITE,
        OSLO,
        BUCKET,
        "https://ipfs.example/",
        OWN_ONION,
        ONION,
    ]
    assert word("On a host that many other sites use") in shown.text
    assert word("Holds a part of the site only") in shown.text
    assert f"release/VERIFY.{language}.txt" in shown.text
    assert word("There is no other address yet.") not in shown.text
    assert "Press association <Oslo>" in shown.text


def test_onions_are_no_links_and_all_others_are(site):
    led_to = {str(link.get("href")) for link in page(site, "en").find("//main//li/div//a")}
    assert led_to == {SITE, OSLO, BUCKET, "https://ipfs.example/"}


@pytest.mark.real("zbarimg")
def test_a_camera_reads_from_each_picture_the_address_beside_it(site):
    shown = page(site, "ar")
    rows = shown.find("//main//ul[@class='places']/li")
    assert len(rows) == 6
    for row in rows:
        [picture], [address] = row.xpath("./img"), row.xpath(".//p[@class='address']")
        assert address.text_content().strip() in picture.get("alt")
        file = (site.output / shown.address / picture.get("src")).resolve()
        command = [str(find("zbarimg")), "--quiet", "--raw", str(file)]
        read = subprocess.run(command, capture_output=True, text=True, check=True)
        assert read.stdout == f"{address.text_content().strip()}\n"


def test_readers_come_there_from_every_page_from_paper_and_from_where_nothing_is(site):
    footer = Page("", (site.output / "fr/index.html").read_bytes())
    assert footer.find("//footer//a[@href='../fr/network/addresses/']")
    absent = Page("404.html", (site.output / "404.html").read_bytes())
    assert [link.get("href") for link in absent.find("//main//a[contains(@href, 'addresses')]")] == [
        f"{SITE}{PAGE}",
        f"{SITE}fr/{PAGE}",
        f"{SITE}ar/{PAGE}",
    ]
    paper = Page("", (site.output / "appeals/first/print/index.html").read_bytes())
    assert (
        f"The same site stands at: {OSLO} {ONION} {BUCKET} "
        in " ".join(paper.one("//footer").text_content().split()) + " "
    )
    assert "ipfs" not in paper.one("//footer").text_content(), "an appeal is not there"


def test_what_the_mirrors_are_comes_and_goes_with_the_file_and_makes_nothing_else_again(
    built_small, tmp_path
):
    site = copy_built(built_small, tmp_path / "checkout")
    before = site.tree()
    assert "There is no other address yet" not in page(site, "en").text, (
        "there is the onion of the demonstration"
    )

    site.write("mirrors.toml", FACTS)
    told = json.loads(site.build("--json").out)
    with_mirrors = site.tree()
    changed = {path for path in before.keys() | with_mirrors if before.get(path) != with_mirrors.get(path)}
    assert told["changed"] == len(changed)
    assert all("addresses/" in path or "print/" in path or path.startswith("i/") for path in changed), changed
    assert json.loads(site.build("--json").out)["changed"] == 0
    assert "nothing had changed" in site.build().out

    site.edit("mirrors.toml", 'label = "Press association <Oslo>"\n', "")
    assert json.loads(site.build("--json").out)["changed"] == 3, "the page in each language"
    site.edit(
        "content/network/about/en.md", "Who we are.", "Who we are, said otherwise."
    )  # an edit that is quiet, with mirrors
    assert json.loads(site.build("--json").out)["changed"]
    site.edit("content/network/about/en.md", "Who we are, said otherwise.", "Who we are.")

    (site.root / "mirrors.toml").unlink()
    assert site.build().code == 0
    assert site.tree() == before


def test_where_there_is_no_other_address_the_page_says_so(small):
    text = (small.root / "site.toml").read_text(encoding="utf-8")
    small.write("site.toml", "\n".join(line for line in text.splitlines() if not line.startswith("onion = ")))
    assert small.build().code == 0
    assert "There is no other address yet." in page(small, "en").text
    assert not page(small, "en").find("//h2[text()='With Tor Browser']")


def test_faults_of_the_file_are_told_by_the_build(standing):
    before = standing.tree()
    standing.write("mirrors.toml", FACTS.replace(OSLO, "http://oslo.example/").replace("tier", "teir"))
    told = standing.build()
    assert told.code == 1
    assert "\n".join(line for line in told.said.splitlines() if line.startswith("ERROR")) == (
        "ERROR mirrors.toml:5: 'mirrors.oslo.address': 'http://oslo.example/' can be read and changed on its "
        "way; use an address with 'https://'\n"
        "ERROR mirrors.toml:14: unknown key 'mirrors.bucket.teir', did you mean 'tier'?"
    )
    assert standing.tree() == before


def test_no_page_of_the_network_may_have_the_address(standing):
    standing.write(
        "content/network/addresses/en.md", "---\nid: 0000000009\noriginal: true\ntitle: Mine\n---\n\nX.\n"
    )
    assert (
        "ERROR content/network/addresses: has the address /network/addresses/, which mirrors.toml has already"
        in standing.build().said
    )


def test_a_release_tells_programs_the_same_in_every_edition_and_nobody_of_the_reserve(site, tmp_path):
    """F28."""
    site = copy_built(site, tmp_path / "checkout")
    desk = desk_of(site)
    release(desk, NOON)
    editions = newest(desk)
    assert sorted(editions) == ["abcdefghij", "bbbbbbbbbb", "cccccccccc"]
    first, *others = editions.values()
    for path in ("release/mirrors.json", f"{PAGE}index.html", f"ar/{PAGE}index.html"):
        assert all(edition.read(path) == first.read(path) for edition in others), path
    told = first.read("release/mirrors.json").decode()
    assert told == json.dumps(json.loads(told), sort_keys=True, separators=(",", ":")) + "\n"
    assert json.loads(told) == {
        "format": 1,
        "address": SITE,
        "onion": host(OWN_ONION),
        "mirrors": [
            {"address": BUCKET, "kind": "rclone", "label": "", "onion": "", "tier": "collateral"},
            {"address": "https://ipfs.example/", "kind": "ipfs", "label": "", "onion": "", "tier": "public"},
            {
                "address": OSLO,
                "kind": "directory",
                "label": "Press association <Oslo>",
                "onion": host(ONION),
                "tier": "public",
            },
        ],
    }
    for edition in (editions["abcdefghij"], editions["bbbbbbbbbb"]):
        for path in edition.files:
            data = edition.read(path)
            assert QUIET.encode() not in data, path
            assert b"Nobody knows" not in data, path
