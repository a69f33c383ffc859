"""`verify`: is this folder, archive or address the editors' own? Runs on hosts of mirrors, too."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tocsin.errors import VerifyError
from tocsin.proxies import proxy_fault
from tocsin.reporting import Reporter
from tocsin.verify.archive import ZipSource
from tocsin.verify.memory import default_folder
from tocsin.verify.pinned import pinned
from tocsin.verify.sources import FolderSource, Source
from tocsin.verify.verdicts import WORDS, Report, Verdict, shown
from tocsin.verify.verifying import Options, verify
from tocsin.verify.web import WebSource

_MOST_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", metavar="PATH-OR-URL", help="a folder, a ZIP archive or an address")
    parser.add_argument(
        "--root", type=Path, metavar="FILE", help="the root of trust (default: that of the checkout)"
    )
    parser.add_argument(
        "--signer",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="public keys of OpenSSH or minisign, for archives without metadata (default: the editors')",
    )
    parser.add_argument(
        "--trust", type=Path, metavar="DIR", help="where earlier verifications are remembered"
    )
    parser.add_argument("--proxy", type=_proxy, metavar="ADDRESS", help="way to it: socks5h://127.0.0.1:9050")
    parser.add_argument("--sample", type=_count, metavar="N", help="of an address, read only so many files")
    parser.add_argument(
        "--at", type=_instant, metavar="INSTANT", help="as of 2026-01-31T12:00Z (default: now)"
    )
    parser.add_argument("--rebuild", metavar="COMMIT", help="also build that commit anew and compare")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    found = pinned(root, options.root, options.signer)
    if found.is_demonstration:
        reporter.detail(
            "WARNING: trust begins with the demonstration's throw-away keys. Anybody can have made these: "
            "what they sign proves nothing. Name the editors' root with --root."
        )
    chosen = Options(
        at=options.at or datetime.now(UTC), memory=options.trust or default_folder(), sample=options.sample
    )
    report = verify(_source(options.place, options.proxy), found.trust, chosen, reporter)
    if options.rebuild:
        report = _rebuilt(root, report, options.rebuild, reporter)
    close = getattr(reporter, "close", None)
    if close:
        close()
    print(json.dumps(report.as_record()) if options.json else _told(report))
    return report.exit_code


def _rebuilt(root: Path, report: Report, commit: str, reporter: Reporter) -> Report:
    """Imported here: building takes everything that verifying does without."""
    from tocsin.console.rebuilding import rebuild_and_compare

    return rebuild_and_compare(root, report, commit, reporter)


def _source(place: str, proxy: str | None) -> Source:
    if "://" in place:
        return WebSource(place, proxy=proxy)
    if proxy:
        raise VerifyError(f"{place} is no address, so there is nothing to ask a proxy for")
    path = Path(place)
    if path.is_dir():
        return FolderSource(path)
    if path.is_file():
        return ZipSource(path)
    raise VerifyError(f"{place} is not there; name a folder, a ZIP archive or an address with https://")


def _proxy(text: str) -> str:
    if fault := proxy_fault(text):
        raise argparse.ArgumentTypeError(fault)
    return text


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError("must be a whole number")
    return int(text)


def _instant(text: str) -> datetime:
    """An instant with its zone; what other tasks read it with is not there on a mirror host."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.utcoffset() is None:
        raise argparse.ArgumentTypeError("must be an instant with a time zone, such as 2026-01-31T12:00Z")
    return at.astimezone(UTC)


def _told(report: Report) -> str:
    """The report for people: the gravest first, each with what it means and what to do."""
    lines = [_heading(report)]
    for verdict in report.verdicts:
        if verdict is not Verdict.AUTHENTIC:
            lines += _told_of(report, verdict)
    if report.worst is not Verdict.AUTHENTIC and report.notes:
        lines.append("")
    lines += [f"Note: {shown(note.text)}" for note in report.notes]
    if report.worst is Verdict.AUTHENTIC:
        lines.append(WORDS[Verdict.AUTHENTIC].means)
    return "\n".join(lines)


def _heading(report: Report) -> str:
    release = report.release
    judged = f"{str(report.worst).upper()}: {shown(report.place)}"
    if release is None:
        return judged
    about = release.about
    until = ""
    if release.expires and release.expires - report.at > timedelta():
        until = f", confirmed until {release.expires:%Y-%m-%d}"
    what = f"Release {about.release} of {about.site}, edition {about.edition}, signed on {about.date}{until}"
    compared = f"{report.files} files, {report.bytes:,} bytes compared"
    return f"{judged}\n{shown(what)}; {compared}."


def _told_of(report: Report, verdict: Verdict) -> list[str]:
    found, words = report.of(verdict), WORDS[verdict]
    places = [one for one in found if one.path]
    count = f", {len(places)} files" if len(places) > 1 else ""
    lines = ["", f"{str(verdict).capitalize()}{count}:"]
    for one in found[:_MOST_SHOWN]:
        lines.append(f"  {shown(f'{one.path}: ' if one.path else '')}{shown(one.detail)}")
    if len(found) > _MOST_SHOWN:
        lines.append(f"  … and {len(found) - _MOST_SHOWN} more; --json lists all")
    return [*lines, f"  What this means: {words.means}", f"  What to do: {words.remedy}"]
