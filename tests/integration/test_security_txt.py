"""What the build says in security.txt, read as others read it, and a build that meets its expiry."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import sectxt

from tests.integration.checkout import SITE, Checkout

PLACE = ".well-known/security.txt"
EXPIRES = datetime(2027, 3, 1, tzinfo=UTC)


def test_the_demonstration_says_it_as_the_rfc_asks_for(demo):
    data = (demo.output / PLACE).read_bytes()
    found = sectxt.Parser(data, f"{SITE}{PLACE}")
    assert (found.is_valid(), found.errors) == (True, [])
    # Nobody has keys for mail to a demonstration or signs it, and it should be buildable in some years.
    said = {one["code"] for one in found.recommendations}
    assert said <= {"long_expiry", "no_encryption", "not_signed"}
    assert found.contact_emails == ["security@omct.example"]
    assert found.preferred_languages == ["en", "fr", "es"]


@pytest.mark.parametrize(
    ("line", "code"),
    [("Contact", "no_contact"), ("Expires", "no_expire"), ("Canonical", "")],
)
def test_the_reader_misses_what_is_missing(demo, line, code):
    text = (demo.output / PLACE).read_text(encoding="utf-8")
    kept = [one for one in text.splitlines(keepends=True) if not one.startswith(line)]
    found = sectxt.Parser("".join(kept).encode(), f"{SITE}{PLACE}")
    assert [one["code"] for one in found.errors] == ([code] if code else [])


def test_without_the_table_there_is_no_such_file_and_without_onion_nobody_is_told_of_one(small):
    settings = (small.root / "site.toml").read_text(encoding="utf-8")
    small.write("site.toml", re.sub(r"^\[(served|security)\]\n(?:.+\n)+", "", settings, flags=re.MULTILINE))
    assert small.build().code == 0
    assert not (small.output / ".well-known").exists()
    for file in ("server/nginx.conf", "server/apache.conf", "server/Caddyfile", "_headers"):
        assert ".onion/" not in (small.output / file).read_text(encoding="utf-8")


def build(site: Checkout, at: datetime) -> dict[str, object]:
    told = site.run("build", "--json", "--at", at.isoformat())
    found: dict[str, object] = json.loads(told.out) | {"code": told.code, "said": told.said}
    return found


def test_nothing_changed_is_not_said_across_the_days_of_an_expiry(small):
    small.edit("site.toml", "expires = 2036-01-01", "expires = 2027-03-01")
    first = build(small, EXPIRES - timedelta(days=30) - timedelta(seconds=1))
    assert first["code"] == 0
    assert "security.expires" not in str(first["said"])
    before = small.tree()
    warned = build(small, EXPIRES - timedelta(days=30))
    assert warned["code"] == 0
    assert "WARNING site.toml" in str(warned["said"])
    assert "'security.expires' is 2027-03-01" in str(warned["said"])
    assert small.tree() == before, "what readers get is the same"
    refused = build(small, EXPIRES)
    assert refused["code"] == 1
    assert [one["rule"] for one in refused["findings"]] == ["expired"]  # type: ignore[attr-defined]
    assert small.tree() == before
    told = small.run("check", "--at", EXPIRES.isoformat())
    assert told.code == 1
    assert "'security.expires' was 2027-03-01" in told.err + told.out


def test_a_quiet_edit_warns_as_well(small):
    small.edit("site.toml", "expires = 2036-01-01", "expires = 2027-03-01")
    at = datetime(2027, 2, 20, tzinfo=UTC)
    assert "security.expires" in str(build(small, at)["said"])
    page = next(small.root.glob("content/network/about/en.md"))
    page.write_text(page.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")
    again = build(small, at)
    assert again["changed"]
    assert "security.expires" in str(again["said"])
