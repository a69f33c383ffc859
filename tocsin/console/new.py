"""`new KIND`: the folder, the id and a first file of an item, with what has to be filled in."""

from __future__ import annotations

import argparse
import secrets
from datetime import UTC, datetime
from pathlib import Path

from tocsin.errors import ContentError, Finding, TocsinError
from tocsin.files import write_atomically
from tocsin.library.faults import unknown
from tocsin.library.folders import CONTENT
from tocsin.library.shared import load_site
from tocsin.model.items import FOLDERS
from tocsin.model.text import slug
from tocsin.reporting import Reporter

ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

# What each kind cannot do without; values that begin with '…' must be replaced before the site builds.
_TEMPLATES = {
    "appeal": """\
issued: {today}
stage: first            # first, follow-up, final, closed
countries: [XX]         # ISO codes, two capital letters
themes: [defenders]     # data/themes.toml
violations: [threats]   # data/violations.toml
issuers: [omct]         # data/organisations.toml
addressees: [unknown]   # data/addressees.toml
codes: []               # such as "CMR 001 / 1112 / OBS 111"
status: open
title: …
summary: …
dateline: …
actions:
  first: …
""",
    "report": """\
issued: {today}
form: fact-finding      # fact-finding, preliminary-findings, trial-observation, joint-submission
countries: [XX]
themes: [defenders]
publishers: [omct]
title: …
summary: …
chapters:
  introduction: …
""",
    "statement": """\
issued: {today}
form: press-release     # press-release, open-letter, call-for-input (with deadline), treaty-body-news
countries: [XX]
themes: [defenders]
issuers: [omct]
title: …
summary: …
""",
    "portrait": """\
issued: {today}
series: ten-portraits
number: 1
countries: [XX]
consent: given
consent_on: {today}
review_on: {today}      # when the risk of showing the person is weighed again
picture:
  file: portrait.jpg
  credit: …
  consent: given
picture_alt: …
title: …
person: …
role: …
quote: …
summary: …
""",
    "page": """\
order: 100
menu: main              # main, footer, none
title: …
summary: …
""",
    "member": """\
countries: [XX]
listing: unlisted       # full, name-and-country, counted-only, unlisted
title: …
""",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=sorted(FOLDERS), help="what to begin")
    parser.add_argument(
        "slug", help="its address: short ASCII words joined by hyphens, without anybody's name"
    )
    parser.add_argument("--language", default=None, metavar="LANG", help="the language it is written in")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    site, findings = load_site(root)
    if site is None:
        raise ContentError(findings)
    code = options.language or site.default_language
    if code not in site.languages:
        raise TocsinError(unknown("language", code, site.languages))
    path = begin(root, options.kind, options.slug, code)
    print(path.relative_to(root).as_posix())
    reporter.detail("fill in every '…' and XX, then run: python3 tasks.py check")
    return 0


def begin(root: Path, kind: str, name: str, code: str) -> Path:
    """Write the first file of a new item; refuse an address that is taken or impossible."""
    try:
        slug(name)
    except ValueError as error:
        raise TocsinError(str(error)) from None
    folder = FOLDERS[kind]  # type: ignore[index]
    others = [root / CONTENT / other for other in FOLDERS.values() if other.startswith(f"{folder}/")]
    inside = (root / CONTENT / folder).rglob(name)
    taken = [
        found for found in inside if found.is_dir() and not any(other in found.parents for other in others)
    ]
    if taken:
        shown = taken[0].relative_to(root).as_posix()
        raise ContentError([Finding(shown, 0, "exists already; choose another name", "duplicate-slug")])
    today = datetime.now(UTC).date()
    years = "" if kind in {"page", "member"} else f"{today.year}/"
    path = root / CONTENT / folder / f"{years}{name}" / f"{code}.md"
    head = f"id: {new_id()}\ndraft: true             # take this line out when it may be public\n"
    text = f"---\n{head}{_TEMPLATES[kind].format(today=today)}---\n\n…\n"
    write_atomically(path, text.encode())
    return path


def new_id() -> str:
    """Ten random characters of Crockford's base 32: about 50 bits."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(10))
