"""`check`: what loading finds, dead links of the output, feeds that readers would trip over, and leaks."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tocsin import forks
from tocsin.checks.feeds import check_feeds
from tocsin.checks.links import check_links
from tocsin.console.build import build_site, instant
from tocsin.console.content import left_by_build, unpublished_of
from tocsin.console.quick import state_path
from tocsin.errors import ContentError, Finding, Severity
from tocsin.leaks import gate, search_sources, veiled
from tocsin.library.shared import load_site
from tocsin.library.withheld import TERMS_FILE, read_terms
from tocsin.reporting import BufferReporter, Reporter


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at", type=instant, metavar="INSTANT", help="check as of 2026-01-31T12:00Z (default: now)"
    )
    parser.add_argument("--json", action="store_true", help="print findings as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    """Build into a folder of its own, so that checking never changes what is there to be published."""
    heard = BufferReporter()
    workers = forks.processors()
    at = options.at or datetime.now(UTC)
    terms = read_terms(root)
    withheld = search_sources(root, terms or (), workers=workers)
    with tempfile.TemporaryDirectory(prefix="tocsin-check-") as folder:
        output = Path(folder) / "output"
        try:
            build_site(root, output, at=at, workers=workers, reporter=heard)
            with closing(left_by_build(root, output)) as left:
                unpublished = unpublished_of(root, at, left)
        except ContentError as error:
            raise ContentError([*error.findings, *withheld]) from None
        finally:
            state = state_path(root, output)
            for path in state.parent.glob(f"{state.name}*"):  # with the journal of SQLite
                path.unlink(missing_ok=True)
        site, _ = load_site(root)
        address = site.address if site else ""
        report, feeds = check_links(output, address), check_feeds(output, address)
        leaks = gate(output, terms or (), unpublished, workers=workers)
    found = [*withheld, *heard.findings, *report.findings, *feeds.findings, *leaks.findings]
    findings = sorted(veiled(found, terms or ()))
    numbers = {"pages": report.pages, "links": report.links, "feeds": feeds.feeds, "files": leaks.files}
    _tell(findings, {**numbers, "withheld": len(terms) if terms else 0}, reporter, as_json=options.json)
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


def _tell(findings: list[Finding], numbers: Mapping[str, int], reporter: Reporter, *, as_json: bool) -> None:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        records = [finding.as_record() for finding in findings]
        print(json.dumps({**numbers, "findings": records}, ensure_ascii=False))
        return
    for finding in findings:
        reporter.finding(finding)
    print(
        "Checked {pages} pages, {links} links and {feeds} feeds, and {files} files for leaks ".format(
            **numbers
        )
        + (
            f"and {numbers['withheld']} spellings of withheld names"
            if numbers["withheld"]
            else f"(no {TERMS_FILE})"
        )
        + f": {errors} errors, {len(findings) - errors} warnings",
        file=sys.stdout,
    )
