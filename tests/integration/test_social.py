"""What other sites show of a link: every item's page names a picture that is there, and it changes exactly
when its words do."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.integration.checkout import LANGUAGES, SITE, copy_built, home, tree_of

APPEAL = "content/appeals/2026/first/en.md"
KINDS = ("appeals", "reports", "statements", "portraits", "network")


def properties(page):
    """What a page says in the words of Open Graph."""
    return {meta.get("property"): meta.get("content") for meta in page.find("//meta[@property]")}


def is_item(address: str) -> bool:
    """Is this the page of an item? Print versions are for paper and name no picture."""
    parts = address.strip("/").split("/")
    parts = parts[1:] if parts[0] in LANGUAGES else parts
    return (
        len(parts) == 2 and parts[0] in KINDS and not re.fullmatch(r"\d{4}|page|members|addresses", parts[1])
    )


def cards_of(output: Path) -> dict[str, bytes]:
    """Pictures that are drawn, but for those of addresses, which are squares."""
    found = {}
    for path in (output / "i").glob("*.png"):
        with Image.open(path) as opened:
            if opened.width != opened.height:
                found[path.name] = path.read_bytes()
    return found


def card_of(checkout, address: str) -> str:
    page = (checkout.output / address / "index.html").read_text(encoding="utf-8")
    found = re.search(r'property="og:image" content="[^"]*/i/(\w+\.png)"', page)
    assert found
    return found[1]


def test_the_page_of_every_item_names_a_card_that_is_there(demo):
    pages = [page for address, page in demo.pages.items() if is_item(address)]
    assert len(pages) > 150
    named = set()
    for page in pages:
        said = properties(page)
        assert said["og:image"].startswith(f"{SITE}i/"), page.address
        picture = demo.output / said["og:image"].removeprefix(SITE)
        named.add(picture.name)
        with Image.open(picture) as opened:
            assert (str(opened.width), str(opened.height)) == (
                said["og:image:width"],
                said["og:image:height"],
            )
        assert said["og:title"] in said["og:image:alt"]
        assert page.one("//meta[@name='twitter:card']").get("content") == "summary_large_image"
    others = [page for address, page in demo.pages.items() if not address.endswith("network/addresses/")]
    world = {urls for page in others for urls in re.findall(rb"i/(\w+\.png)", page.data)}
    assert cards_of(demo.output).keys() == named | {name.decode() for name in world}


def test_other_pages_name_no_card(demo):
    for address in (home("en"), "countries/", "appeals/", "ar/cases/"):
        assert "og:image" not in properties(demo.page(address))


def test_cards_weigh_little(demo):
    sizes = [len(data) for data in cards_of(demo.output).values()]
    assert max(sizes) < 60_000
    assert sum(sizes) / len(sizes) < 35_000


def test_no_two_items_share_a_card_and_a_fallback_page_names_that_of_its_text(demo):
    by_card: dict[str, set[str]] = {}
    for address, page in demo.pages.items():
        if is_item(address):
            by_card.setdefault(properties(page)["og:image"], set()).add(
                page.one("//link[@rel='canonical']").get("href")
            )
    assert all(len(canonical) == 1 for canonical in by_card.values())


def test_invented_items_have_no_data_for_machines_and_nobody_is_a_person_there(demo, items):
    marked = 0
    for item in items.values():
        for language in item.heads if item.kind != "member" else ():
            page = demo.page(item.address(language))
            types = [element.get("itemtype") for element in page.find("//*[@itemtype]")]
            assert "https://schema.org/Person" not in types
            assert bool(types) != bool(item.facts.get("fictional")), page.address
            marked += bool(types)
    assert marked > 20


def test_the_world_picture_says_what_the_list_beside_it_says(demo):
    for language in LANGUAGES:
        page = demo.page(f"{home(language)}countries/")
        figure = page.one("//figure[@class='world']")
        rows = page.find("//li//strong[@class='open']")
        numbers = re.findall(r"\d+", figure.find(".//img").get("alt"))
        assert str(len(rows)) in numbers
        for address in (figure.find(".//img").get("src"), figure.find(".//source").get("srcset")):
            with Image.open(BytesIO((demo.output / address.rpartition("../")[2]).read_bytes())) as picture:
                assert picture.size == (1280, int(figure.find(".//img").get("height")))


# One edit after the other, each compared with a build from nothing


@pytest.fixture
def edited(standing):
    def edit(old: str, new: str):
        path = standing.root / APPEAL
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), encoding="utf-8")
        told = standing.build()
        assert told.code == 0, told.said
        return card_of(standing, "appeals/first/")

    edit.checkout = standing
    return edit


def title_in(checkout) -> str:
    found = re.search(r"^title: (.+)$", (checkout.root / APPEAL).read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[0]


def test_a_new_title_is_a_new_card_and_the_old_one_is_nowhere(edited):
    checkout = edited.checkout
    before = card_of(checkout, "appeals/first/")
    others = cards_of(checkout.output).keys() - {before}
    title = title_in(checkout)
    after = edited(title, f"{title} again")
    assert after != before
    assert cards_of(checkout.output).keys() == others | {after}
    assert not list(checkout.root.rglob(before))
    # Back again: the same words have the same name.
    assert edited(f"{title} again", title) == before


def test_an_edit_of_the_body_leaves_the_card_alone(edited):
    checkout = edited.checkout
    before, times = card_of(checkout, "appeals/first/"), {}
    for path in (checkout.output / "i").glob("*.png"):
        times[path.name] = path.stat().st_mtime_ns
    text = (checkout.root / APPEAL).read_text(encoding="utf-8").rstrip("\n")
    last = text.rpartition("\n")[2]
    assert edited(last, f"{last} And more.") == before
    assert {path.name: path.stat().st_mtime_ns for path in (checkout.output / "i").glob("*.png")} == times


def test_edits_of_titles_end_where_a_build_from_nothing_ends(edited, tmp_path):
    checkout = edited.checkout
    title = title_in(checkout)
    for words in ("Freed 🎉 at last", "كلمة (OMCT) 2024", "x" * 200, "释放"):
        path = checkout.root / APPEAL
        path.write_text(path.read_text(encoding="utf-8").replace(title, f"title: {words}"), encoding="utf-8")
        title = f"title: {words}"
        told = checkout.build()
        assert told.code == 0, told.said
    clean = copy_built(checkout, tmp_path / "clean")
    assert clean.build("--clean").code == 0
    assert tree_of(clean.output) == tree_of(checkout.output)
    page = (checkout.output / "appeals/first/index.html").read_text(encoding="utf-8")
    assert "og:image" not in page  # no font has these letters, and no card is better than boxes


def test_a_lost_card_and_a_lost_cache_are_made_again(edited):
    checkout = edited.checkout
    before = cards_of(checkout.output)
    for folder in (checkout.output / "i", checkout.root / ".tocsin" / "drawn"):
        for path in folder.glob("*.png"):
            path.unlink()
    assert checkout.build().code == 0
    assert cards_of(checkout.output) == before


def test_cards_can_be_switched_off(standing):
    site = standing.root / "site.toml"
    text = re.sub(r"\n\[social\]\n.*", "", site.read_text(encoding="utf-8"), flags=re.DOTALL)
    site.write_text(f"{text}\n[social]\ncards = false\n", encoding="utf-8")
    told = standing.build()
    assert told.code == 0, told.said
    assert len(cards_of(standing.output)) == 2  # the world
    assert "og:image" not in (standing.output / "appeals/first/index.html").read_text(encoding="utf-8")
    assert not list((standing.root / ".tocsin" / "drawn").glob("*.png"))


def test_a_wrong_switch_is_told(standing):
    site = standing.root / "site.toml"
    text = re.sub(r"\n\[social\]\n.*", "", site.read_text(encoding="utf-8"), flags=re.DOTALL)
    site.write_text(f'{text}\n[social]\ncards = "yes"\n', encoding="utf-8")
    told = standing.build()
    assert told.code == 1
    assert "site.toml:" in told.err
    assert "cards" in told.err
