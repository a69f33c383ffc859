"""What is not public: links that wait, what a build says of embargoes, previews that cannot be published."""

import json

from tests.integration.checkout import Checkout
from tests.integration.test_withdrawal import holders
from tocsin.leaks import gate

FIRST = "content/appeals/2026/first/en.md"
LATER = "content/statements/2026/later/en.md"
WAITING = """\
---
id: 0000000066
fictional: true
issued: 2026-11-01
form: press-release
issuers: [omct]
title: Quillfeather
embargo: 2026-12-01T10:00+01:00
---

Later.
"""
SAID = "1 item is under embargo; the next becomes public by a build after 2026-12-01 09:00 UTC\n"


def waiting(site: Checkout) -> Checkout:
    site.write(LATER, WAITING)
    site.edit(FIRST, "A text with", "See [what comes](statement:later), [more](statement:later). A text with")
    return site


def test_a_link_to_what_waits_is_an_error_or_waits_too(small):
    waiting(small)
    told = small.build()
    assert told.code == 1
    assert told.err.count("leads to an item that is under embargo until 2026-12-01 09:00 UTC") == 2
    site = (small.root / "site.toml").read_text("utf-8")
    small.write("site.toml", f'{site}\n[links]\nto_hidden = "hold"\n')
    assert small.build().code == 0
    page = small.output / "appeals/first/index.html"
    assert "<p>See what comes, more. A text with a <a" in page.read_text("utf-8")
    assert holders(small, "later/", "Quillfeather") == set()
    assert small.run("build", "--at", "2026-12-01T09:00Z").code == 0
    linked = (
        'See <a href="../../statements/later/">what comes</a>, <a href="../../statements/later/">more</a>.'
    )
    assert linked in page.read_text("utf-8")


def test_a_link_from_what_waits_as_long_is_none_that_waits(small):
    small.write(LATER, WAITING)
    small.write(
        "content/statements/2026/also/en.md",
        WAITING.replace("0000000066", "0000000067").replace("Later.", "See [it](statement:later)."),
    )
    assert small.build().code == 0
    assert small.run("build", "--at", "2026-12-01T09:00Z").code == 0
    assert 'href="../../statements/later/"' in (small.output / "statements/also/index.html").read_text(
        "utf-8"
    )


def test_a_build_says_how_many_wait_and_until_when_also_where_nothing_had_changed(small):
    small.write(LATER, WAITING)
    for _ in range(2):
        assert small.build().out.endswith(SAID)
    small.edit(FIRST, "A text with", "Another text with")
    assert small.build().out.endswith(SAID)
    numbers = json.loads(small.build("--json").out)
    assert (numbers["embargoed"], numbers["next_embargo"]) == (1, "2026-12-01T09:00:00+00:00")
    assert "embargo" not in small.run("build", "--at", "2026-12-01T09:00Z").out


def test_a_preview_with_drafts_bears_its_mark_and_never_lies_in_output(small):
    assert small.build("--drafts").code == 0
    assert (small.root / "preview/NOT-PUBLIC.txt").is_file()
    found = [(one.path, one.rule) for one in gate(small.root / "preview", []).findings]
    assert found == [("NOT-PUBLIC.txt", "preview")]
    told = small.build("--drafts", "--output", str(small.output))
    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "ERROR drafts never go into output/, which is what is published; leave --output out, or name another "
        "folder\n"
    )
    assert not small.output.exists()
    assert small.build().code == 0
    assert not (small.output / "NOT-PUBLIC.txt").exists()
