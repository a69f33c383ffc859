"""Loading: everything is read and checked before anything is written, and every fault is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tocsin.errors import ContentError, Finding, Severity
from tocsin.library import clock
from tocsin.library.folders import ItemFolder, item_folders
from tocsin.library.intake import ItemRecord, build_item, read_item
from tocsin.library.library import Fragments, Library
from tocsin.library.references import case_of, check_references
from tocsin.library.shared import load_shared, load_site
from tocsin.model.items import FOLDERS, AnyItem
from tocsin.reporting import Reporter


def load_library(root: Path, at: datetime, reporter: Reporter, *, drafts: bool = False) -> Library:
    """Read the whole site below `root` as it is public at `at` (an instant with zone).

    Warnings go to the reporter; errors raise one `ContentError` that carries them all.
    """
    reporter.step("Reading content")
    site, findings = load_site(root)
    shared, faults = load_shared(root)
    findings += faults
    folders, faults = item_folders(root)
    findings += faults + _same_address(folders)
    records: dict[str, ItemRecord] = {}
    unread: dict[str, str] = {}
    languages = tuple(site.languages) if site else ()
    for folder in folders if site else []:
        record, faults = read_item(root, folder, languages)
        findings += faults
        if record is None:
            unread[folder.key] = ""  # its own faults are told; that links lead to it is not one more
        else:
            records[record.key] = record
    items = {key: build_item(record) for key, record in records.items()}
    changes = list(clock.instants(items.values(), shared.addressees.values(), _months(site)))
    hidden = _hidden(items, at, drafts=drafts)
    public = {key: item for key, item in items.items() if key not in hidden}
    findings += check_references(public, records, shared, hidden | unread)
    _raise_or_report(findings, reporter)
    assert site is not None
    return Library(
        site=site,
        shared=shared,
        as_of=clock.round_down(at, changes),
        next_change=clock.next_after(at, changes),
        items=public,
        cases={key: case_of(key, public) for key in public if key.startswith("appeal:")},
        pictures={(key, name): own for key in public for name, own in records[key].pictures.items()},
        read_fragments=_fragments_of(records),
    )


def _months(site: object) -> int:
    return getattr(getattr(site, "lists", None), "addressee_months", 12)


def _hidden(items: Mapping[str, AnyItem], at: datetime, *, drafts: bool) -> dict[str, str]:
    """The items that are not public at `at`, each with the reason."""
    hidden = {}
    for key, item in items.items():
        if item.facts.draft and not drafts:
            hidden[key] = "is a draft"
        elif item.facts.embargo and item.facts.embargo > at:
            hidden[key] = f"is under embargo until {item.facts.embargo:%Y-%m-%d %H:%M} UTC"
    return hidden


def _same_address(folders: list[ItemFolder]) -> list[Finding]:
    """Two folders that would stand at one address of the site."""
    taken: dict[str, ItemFolder] = {f"{FOLDERS['page']}/members": ItemFolder("page", "members", "members/", (), ())}
    findings = []
    for folder in folders:
        address = f"{FOLDERS[folder.kind]}/{folder.slug}"
        if address in taken:
            other = taken[address].path
            message = f"has the address /{address}/, which {other} has already; rename one of the two folders"
            rule = "duplicate-slug" if taken[address].kind == folder.kind else "same-address"
            findings.append(Finding(folder.path, 0, message, rule))
        taken.setdefault(address, folder)
    return findings


def _raise_or_report(findings: list[Finding], reporter: Reporter) -> None:
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise ContentError(findings)
    for finding in sorted(findings):
        reporter.finding(finding)


def _fragments_of(records: Mapping[str, ItemRecord]) -> object:
    def read(key: str, language: str) -> Fragments:
        return records[key].fragments[language]

    return read
