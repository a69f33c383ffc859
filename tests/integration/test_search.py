"""The index: what is found in it, what never is, and how little of it is made again."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.integration.checkout import LANGUAGES, Checkout, copy_built, home, tree_of
from tests.integration.test_site import hide
from tocsin.pagefind import ENTRY

APPEAL = "content/appeals/2026/first/en.md"


def opened(path: Path) -> bytes:
    """A file as a browser reads it: what Pagefind makes is compressed."""
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def fragments(output: Path, shard: str = "**/search/*") -> list[dict]:
    """Every record of shards: its address, its text, what is shown of it."""
    return [
        json.loads(opened(path).removeprefix(b"pagefind_dcd"))
        for path in sorted(output.glob(f"{shard}/fragment/*.pf_fragment"))
    ]


def shards(output: Path) -> dict[str, dict[str, str]]:
    """The files of each shard with their digests."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted(output.rglob(ENTRY)):
        found[entry.parent.relative_to(output).as_posix()] = tree_of(entry.parent)
    return found


def changed(before: dict, after: dict) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_every_text_is_found_in_its_language_once_at_its_address(demo, items):
    for language in LANGUAGES:
        urls = [one["url"] for one in fragments(demo.output, f"{home(language)}search/*")]
        assert len(urls) == len(set(urls))
        wanted = {
            item.address(language)
            for item in items.values()
            if item.kind != "member" and language in item.heads
        }
        assert wanted - set(urls) == set()
        assert len(urls) == sum(1 for item in items.values() if item.kind != "member")
        assert {url for url in urls if url not in demo.pages} == set()


def test_records_say_what_pages_say_and_codes_without_their_signs(demo, items):
    for item in items.values():
        for code in item.facts.get("codes", ()):
            address = item.address(item.original)
            (record,) = [
                one
                for one in fragments(demo.output)
                if one["url"] == address and "language" not in one["meta"]
            ]
            assert re.sub(r"[^A-Z0-9]", "", str(code).upper()) in record["meta"]["compact"].split()
            assert record["meta"]["title"] == item.heads[item.original]["title"]
            assert "<" not in record["content"]
            return
    raise AssertionError("no item has a code")


def test_members_and_other_peoples_names_for_them_are_in_no_record(demo, items):
    unlisted = [
        item.facts["name"] if "name" in item.facts else next(iter(item.heads.values()))["title"]
        for item in items.values()
        if item.kind == "member" and item.facts.get("listing", "unlisted") == "unlisted"
    ]
    said = json.dumps(fragments(demo.output), ensure_ascii=False)
    assert [name for name in unlisted if name in said] == []
    assert "/members/" not in " ".join(one["url"] for one in fragments(demo.output))


@pytest.mark.parametrize("more", ["embargo: 2026-12-01T10:00+01:00", "draft: true"])
def test_what_is_not_public_is_in_no_index(small, demo, more):
    def told() -> set[bytes]:
        files = [path for path in small.output.rglob("*") if path.is_file()]
        return {word for path in files for word in words if word in opened(path).lower()}

    words = (b"uillfeather", b"hidden-slug", b"zimbabw")
    hide(small, demo, more)
    assert small.build().code == 0
    assert told() == set()
    assert not [
        path for path in (small.root / ".tocsin/search").iterdir() if b"uillfeather" in path.read_bytes()
    ]
    # Public, it is found, and withdrawn, it is gone again.
    path = small.root / "content/statements/2026/hidden-slug/en.md"
    path.write_text(path.read_text(encoding="utf-8").replace(f"{more}\n", ""), encoding="utf-8")
    assert small.build().code == 0
    assert told() == set(words)
    shutil.rmtree(path.parent)
    assert small.build().code == 0
    assert told() == set()


def test_an_edit_of_a_text_makes_its_own_shard_again_and_no_other(standing):
    before = shards(standing.output)
    assert {"search/2026", "fr/search/2026", "search/pages"} < before.keys()
    standing.edit(APPEAL, "A text with", "A new quillfeather with")
    assert standing.build().code == 0
    assert changed(before, shards(standing.output)) == {"search/2026"}
    assert any("quillfeather" in one["content"] for one in fragments(standing.output, "search/2026"))


def test_an_edit_of_a_title_makes_the_shards_of_its_year_again(standing):
    before = shards(standing.output)
    standing.edit(APPEAL, "title: Threats", "title: New threats")
    assert standing.build().code == 0
    assert changed(before, shards(standing.output)) == {"search/2026", "fr/search/2026", "ar/search/2026"}


def test_an_edit_of_the_script_changes_the_search_pages_and_nothing_else(standing):
    before = tree_of(standing.output)
    path = standing.root / "theme/static/search.js"
    path.write_text(path.read_text(encoding="utf-8") + "// Edited.\n", encoding="utf-8")
    assert standing.build().code == 0
    names = changed(before, tree_of(standing.output))
    scripts = {name for name in names if re.fullmatch(r"s/search-[0-9a-f]{10}\.js", name)}
    assert len(scripts) == 2
    assert names - scripts == {f"{home(language)}search/index.html" for language in ("en", "fr", "ar")}


def test_edits_end_where_a_build_from_nothing_ends_with_an_index_that_was_never_kept(standing, tmp_path):
    standing.edit(APPEAL, "issued: 2026-03-01", "issued: 2025-03-01")
    assert standing.build().code == 0
    assert "search/2026" not in shards(standing.output)
    assert not list((standing.root / ".tocsin/search").glob("*-2026.*"))
    clean = copy_built(standing, tmp_path / "clean")
    shutil.rmtree(clean.root / ".tocsin/search")
    assert clean.build("--clean").code == 0
    assert tree_of(clean.output) == tree_of(standing.output)


def test_a_clean_build_makes_no_index_again_but_a_damaged_one(standing):
    before = tree_of(standing.output)
    kept = {path: path.stat().st_mtime_ns for path in (standing.root / ".tocsin/search").iterdir()}
    damaged = next(path for path in kept if path.name.startswith("fr-2026"))
    damaged.write_bytes(damaged.read_bytes()[:-50])
    assert standing.build("--clean").code == 0
    assert tree_of(standing.output) == before
    now = {path: path.stat().st_mtime_ns for path in (standing.root / ".tocsin/search").iterdir()}
    assert changed(kept, now) == {damaged}


def test_search_can_be_switched_off_and_leaves_nothing(standing: Checkout):
    standing.edit("site.toml", "[search]\nenabled = true", "[search]\nenabled = false")
    told = standing.build()
    assert told.code == 0, told.said
    names = {path.relative_to(standing.output).as_posix() for path in standing.output.rglob("*")}
    assert {name for name in names if "search" in name or "pagefind" in name or name.endswith(".js")} == set()
    assert 'search/"' not in (standing.output / "index.html").read_text(encoding="utf-8")
    assert list((standing.root / ".tocsin/search").glob("*-*")) == []


def test_a_wrong_switch_is_told(standing):
    standing.edit("site.toml", "[search]\nenabled = true", '[search]\nenabled = "perhaps"')
    told = standing.build()
    assert told.code == 1
    assert "enabled" in told.err
    assert "site.toml:" in told.err
