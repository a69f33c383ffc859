"""What comes before a release: build, checks, leak gate. What passes is the content of a release."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tocsin import forks
from tocsin.checks.feeds import check_feeds
from tocsin.checks.links import Pages, check_links, ids_in
from tocsin.console.build import build_site
from tocsin.console.content import content_of, left_by_build, unpublished_of
from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.console.quick import STATE
from tocsin.errors import ContentError, Severity
from tocsin.leaks import Search, veiled
from tocsin.ledger.store import Store
from tocsin.library.cache import PlainFinding, finding_of, plain_finding
from tocsin.library.elsewhere import load_elsewhere
from tocsin.library.hidden import Unpublished
from tocsin.library.shared import load_shared
from tocsin.library.withheld import read_terms
from tocsin.model.site import Site
from tocsin.offline.verifying import verify_texts
from tocsin.release.blobs import Blobs
from tocsin.release.making import check_paths, keep
from tocsin.release.manifest import Content, Manifest
from tocsin.render.languages import Speech, load_speeches
from tocsin.render.served import policy_of
from tocsin.signed.paths import RELEASE

HEADERS = f"{RELEASE}/headers.json"
ADDRESSES = f"{RELEASE}/mirrors.json"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What may be released: the content, and what the leak gate looked for."""

    content: Content
    searched: str


def prepare(desk: Desk, output: Path, at: datetime, past: Manifest | None) -> Prepared:
    """Build as of `at`, check, and keep the files; `past` is a release whose files have been checked already.

    Raises `ContentError` with everything that must not be released.
    """
    root, blobs, reporter = desk.root, desk.workshop.blobs, desk.reporter
    commit = "" if desk.repository.changed() else desk.repository.commit
    numbers = build_site(root, output, at=at, workers=forks.processors(), reporter=reporter)
    site = the_site(root)
    with closing(left_by_build(root, output)) as state:
        content = content_of(state, site, numbers["as_of"], commit)
        check_paths(content)
        reporter.step("Checking")
        unpublished = unpublished_of(root, at, state)
    searched = _check(desk, output, unpublished, content, past)
    reporter.step("Keeping what is new")
    keep(content, lambda path: (output / path).read_bytes(), blobs, reporter)
    extras = {
        HEADERS: headers(site),
        ADDRESSES: addresses(root, site),
        **verify_texts(site, _speeches(root, site), desk.people),
    }
    return Prepared(with_extras(content, extras, blobs), searched)


def _speeches(root: Path, site: Site) -> Mapping[str, Speech]:
    with closing(Store(root / STATE / "items.sqlite")) as store:
        return load_speeches(root / "theme" / "locale", site, load_shared(root)[0], store)


def headers(site: Site) -> bytes:
    """The policy as plain data: what every answer to a reader should say of itself."""
    return json.dumps(policy_of(site).as_record(), sort_keys=True, separators=(",", ":")).encode() + b"\n"


def addresses(root: Path, site: Site) -> bytes:
    """Where readers find the site (F28): what its page of other addresses says, for programs.

    Mirrors in reserve stand in another file, which is not read.
    """
    mirrors, findings = load_elsewhere(root)
    if findings:
        raise ContentError(findings)
    record = {
        "format": 1,
        "address": site.address,
        "onion": site.served.onion or "",
        "mirrors": [
            {name: getattr(mirror, name) or "" for name in ("address", "kind", "label", "onion", "tier")}
            for mirror in sorted(mirrors.values(), key=lambda mirror: mirror.address)
        ],
    }
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def with_extras(content: Content, extras: dict[str, bytes], blobs: Blobs) -> Content:
    """A content with more common files."""
    return replace(content, common={**content.common, **blobs.put_all(extras)})


def changed_since(content: Content, past: Manifest | None) -> frozenset[str] | None:
    """The files that `past` did not have, or had otherwise; None where everything counts as changed."""
    if past is None or past.content.base != content.base:
        return None
    old = past.content
    common = {path for path, file in content.common.items() if old.common.get(path) != file}
    return frozenset(
        common | {path for path, file in content.stamped.items() if old.stamped.get(path) != file}
    )


def _check(
    desk: Desk, output: Path, unpublished: Unpublished, content: Content, past: Manifest | None
) -> str:
    """Links, feeds and leaks of what has changed, on all processors at once; what was looked for.

    Raises `ContentError`.
    """
    changed = changed_since(content, past)
    files, workers = {*content.common, *content.stamped}, forks.processors()
    terms = read_terms(desk.root) or ()
    since = (past.searched, files - changed) if past and changed is not None else ("", frozenset[str]())
    search = Search(output, terms, unpublished, workers, since=since, files=files)

    def links() -> list[PlainFinding]:
        pages, of = Pages(output, files), None
        if past and changed is not None:
            of = _followed(pages, content, changed, past, desk.workshop.blobs)
        return [plain_finding(one) for one in check_links(output, content.base, of, files, pages).findings]

    def feeds() -> list[PlainFinding]:
        return [plain_finding(one) for one in check_feeds(output, content.base, changed, files).findings]

    checks = (links, feeds)
    works: list[Callable[[], Any]] = [*checks, *(partial(search.look, piece) for piece in search.pieces)]
    done = dict(forks.run(lambda work: work(), works, workers))
    told = [finding_of(one) for number in range(len(checks)) for one in done.pop(number)]
    leaks = search.report(one for some in done.values() for one in some)
    found = veiled([*told, *leaks.findings], terms)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        raise ContentError(errors)
    for finding in found:
        desk.reporter.finding(finding)
    return leaks.searched


def _followed(
    pages: Pages, content: Content, changed: frozenset[str], past: Manifest, blobs: Blobs
) -> frozenset[str] | None:
    """The pages whose links have to be followed; None for all: something that others may lead to is gone."""
    old = past.content
    gone = (old.common.keys() | old.stamped.keys()) - (content.common.keys() | content.stamped.keys())
    if any(not path.startswith(f"{RELEASE}/") for path in gone):  # what a release adds comes later
        return None
    for path in changed:
        before = old.common.get(path) or old.stamped.get(path)
        if before is None or not path.endswith(".html"):
            continue
        try:
            lost = ids_in(blobs.read(before.digest)) - pages[path].ids
        except OSError:
            return None
        if lost:
            return None
    return changed
