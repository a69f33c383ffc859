"""Pagefind makes the same index of the same records; of what it makes, only what browsers need is taken."""

import gzip
import json

import pytest

from tocsin import pagefind
from tocsin.errors import BuildError, MissingToolError
from tocsin.pagefind import ENTRY, Record


def records(count: int = 3) -> list[Record]:
    return [
        Record(f"appeals/x{number}/", "en", f"Words of item {number}.", {"title": f"Title {number}"})
        for number in range(count)
    ]


def opened(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def test_an_index_holds_each_record_with_its_address_and_words():
    files = dict(pagefind.index(records()))
    entry = json.loads(files[ENTRY])
    assert entry["languages"]["en"]["page_count"] == 3
    fragments = [opened(data) for path, data in files.items() if path.startswith("fragment/")]
    assert sorted(json.loads(one.removeprefix(b"pagefind_dcd"))["url"] for one in fragments) == [
        "appeals/x0/",
        "appeals/x1/",
        "appeals/x2/",
    ]
    assert any(b"Words of item 1." in one for one in fragments)


def test_the_same_records_give_the_same_bytes_and_others_other_names():
    many = [
        Record(
            f"reports/{number}/",
            "fr",
            f"Des mots {number} et d’autres.",
            {"title": f"Titre {number}", "about": "Rapport", "codes": "A · B", "compact": "AB CD"},
        )
        for number in range(60)
    ]
    assert pagefind.index(many) == pagefind.index(many) == pagefind.index(many)
    languages = ["en", "fr", "es", "ar", "ru", "tlh"]
    assert pagefind.program(languages) == pagefind.program(languages[::-1]) == pagefind.program(languages)
    assert pagefind.digest_of(records(2)) == pagefind.digest_of(records(2))
    assert pagefind.digest_of(records(2)) != pagefind.digest_of(records(3))
    assert pagefind.digest_of([Record("a/", "en", "x", {})]) != pagefind.digest_of(
        [Record("a/", "en", "x", {"title": "x"})]
    )


def test_neither_a_user_interface_nor_a_worker_nor_a_program_is_in_an_index():
    assert {path.rpartition(".")[2] for path, _ in pagefind.index(records())} == {
        "json",
        "pf_fragment",
        "pf_index",
        "pf_meta",
    }


def test_the_program_comes_with_what_each_language_needs_and_nothing_else():
    files = dict(pagefind.program(["en", "ar", "tlh"]))
    programs = {path for path in files if path.endswith((".js", ".pagefind"))}
    assert programs == {"pagefind.js", "wasm.en.pagefind", "wasm.ar.pagefind", "wasm.unknown.pagefind"}
    assert set(json.loads(files[ENTRY])["languages"]) == {"en", "ar", "tlh"}
    assert not [path for path in files if "ui" in path or "worker" in path or "highlight" in path]


def test_long_texts_and_many_records_pass_through_the_pipes():
    long = Record("long/", "en", "word " * 200_000, {"title": "x" * 5_000})
    files = pagefind.index([long, *records(400)])
    assert sum(path.startswith("fragment/") for path, _ in files) == 401


def test_what_was_packed_is_unpacked():
    files = pagefind.index(records())
    assert pagefind.unpacked(pagefind.packed(files)) == files


def test_a_program_that_dies_is_told(monkeypatch):
    monkeypatch.setattr(pagefind, "_executable", lambda: "/bin/true")
    with pytest.raises(BuildError, match="Pagefind ended"):
        pagefind.index(records())


def test_without_pagefind_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(pagefind, "PACKAGE", "pagefind-that-is-not")
    with pytest.raises(MissingToolError, match=r"enabled = false.*\[search\]"):
        pagefind.digest_of(records())
