"""The files that are made of the policy; `tests/integration/test_servers.py` shows them to servers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.serving.apache import apache
from tocsin.serving.caddy import caddy
from tocsin.serving.hosted import headers_file
from tocsin.serving.nginx import nginx
from tocsin.serving.policy import BASE, Policy, header_policy
from tocsin.serving.security_txt import SecurityContacts, security_txt

POLICY = Policy(("search/", "fr/search/"), "bell.onion", ("en", "fr"))


@pytest.mark.parametrize("write", [nginx, apache, caddy])
def test_a_file_begins_with_how_it_is_used_and_names_no_tree_but_an_example(write):
    text = write(POLICY)
    assert text.startswith("# For ")
    settings = [line for line in text.splitlines() if not line.startswith("#")]
    assert not any("/srv/" in line for line in settings)
    assert text.endswith("\n")
    assert write(POLICY) == text


@pytest.mark.parametrize("write", [nginx, apache, caddy])
def test_a_site_without_scripts_onion_and_withdrawn_pages_has_nothing_of_them(write):
    text = write(Policy(languages=("en",)))
    assert "script-src" not in text
    assert ".onion/" not in text
    assert "http://$" not in text


def rules(text: str) -> dict[str, dict[str, str]]:
    """The headers of a `_headers` file by the paths of its rules."""
    found: dict[str, dict[str, str]] = {}
    path = ""
    for line in text.splitlines():
        if line.startswith("/"):
            path = line
            assert path not in found
            found[path] = {}
        elif line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            assert name not in found[path]
            found[path][name] = value
        else:
            assert line.startswith("#")
    return found


def test_no_two_rules_that_meet_say_the_same_header():
    told = rules(headers_file(POLICY, ["", "fr/"]))
    everywhere = told.pop("/*")
    for headers in told.values():
        assert everywhere.keys() & headers.keys() == set()
    assert set(told) == {"/s/*", "/i/*", "/", "/fr/"}
    assert told["/fr/"] == {"Onion-Location": "http://bell.onion/fr/"}
    names = {header.name for header in BASE} - {"Cache-Control"}
    assert everywhere.keys() == names | {"Strict-Transport-Security"}


def test_the_rule_for_everything_fits_every_path():
    everywhere = rules(headers_file(POLICY, []))["/*"]
    assert everywhere["Content-Security-Policy"] == header_policy(scripted=True)
    assert everywhere["Cross-Origin-Resource-Policy"] == "cross-origin"
    plain = rules(headers_file(Policy(), []))["/*"]
    assert plain["Content-Security-Policy"] == header_policy()


CONTACTS = SecurityContacts(
    contacts=("mailto:security@bell.example", "https://bell.example/contact/"),
    expires=datetime(2027, 1, 1, tzinfo=UTC),
    canonical="https://bell.example/.well-known/security.txt",
    languages=("en", "fr"),
    more=(("Policy", "https://bell.example/policy/"),),
)


def test_security_txt_says_each_thing_on_a_line():
    assert security_txt(CONTACTS) == (
        "Contact: mailto:security@bell.example\n"
        "Contact: https://bell.example/contact/\n"
        "Expires: 2027-01-01T00:00:00Z\n"
        "Policy: https://bell.example/policy/\n"
        "Preferred-Languages: en, fr\n"
        "Canonical: https://bell.example/.well-known/security.txt\n"
    )
