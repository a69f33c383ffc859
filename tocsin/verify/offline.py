"""The offline edition: an archive for people to hand on, with lists and signatures and no metadata (F26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tocsin.errors import UnreadableError
from tocsin.reporting import Reporter
from tocsin.signed.edition import OFFLINE, About, File, number_of
from tocsin.signed.paths import EDITION_FILE, MINISIG, SSHSIG, SUMS, UNLISTED
from tocsin.signed.sums import read_sums
from tocsin.verify.comparing import compare_digests, planted
from tocsin.verify.lists import MOST_SIGNATURE, MOST_SUMS, Signer, check_signatures, fields_of
from tocsin.verify.release import VerifiedRelease, sealed
from tocsin.verify.sources import Source, read
from tocsin.verify.verdicts import Found, Note, Report, Verdict

_FIELDS = ("site", "release", "edition", "date", "expires")


def verify_offline(source: Source, signers: Iterable[Signer], at: datetime, reporter: Reporter) -> Report:
    """Judge an archive, or the folder that it was unpacked into. Both signatures have to hold."""
    reporter.step(f"Verifying {source.place}, an edition for handing on")
    found: list[Found] = []
    data = {path: _read(source, path, found) for path in UNLISTED}
    sums, minisig, sshsig = data[SUMS], data[MINISIG], data[SSHSIG]
    if sums is None:
        return Report(source.place, at, tuple(found))
    comment, faults = check_signatures(sums, minisig, sshsig, signers)
    found += faults
    try:
        digests = read_sums(sums)
    except ValueError as error:
        found.append(Found(Verdict.ALTERED, SUMS, str(error)))
        return Report(source.place, at, tuple(found))
    compared, files = compare_digests(source, digests, reporter)
    found += compared.found
    everything = files | {path: File.of(one) for path, one in data.items() if one is not None}
    strays, _ = planted(source, {**everything, **dict.fromkeys(digests, File("", 0))}, ())
    found += strays
    about = _about(source, comment, digests, found) if not faults and comment else None
    release = sealed(about, everything, {}, None) if about else None
    notes = _aged(release, at, found) if release else []
    return Report(source.place, at, tuple(found), tuple(notes), release, compared.files, compared.bytes)


def _read(source: Source, path: str, found: list[Found]) -> bytes | None:
    try:
        return read(source, path, MOST_SUMS if path == SUMS else MOST_SIGNATURE)
    except UnreadableError as error:
        found.append(Found(Verdict.INCOMPLETE if error.is_absent else Verdict.ALTERED, path, str(error)))
        return None


def _about(source: Source, comment: str, digests: dict[str, str], found: list[Found]) -> About | None:
    """What was signed: `edition.json` where the archive has it, and the trusted comment, which must agree."""
    fields = fields_of(comment)
    try:
        number_of(fields["release"])
        datetime.fromisoformat(fields["date"])
        datetime.fromisoformat(fields["expires"])
        about = About(address="", as_of="", languages=(), **{name: fields[name] for name in _FIELDS})
        if EDITION_FILE in digests:
            told = About.from_json(read(source, EDITION_FILE, MOST_SIGNATURE * 16))
            if told.comment != comment:
                raise ValueError
            about = told
    except (KeyError, ValueError, TypeError, UnreadableError):
        found.append(Found(Verdict.ALTERED, MINISIG, f"says '{comment}', which is not what F15 asks for"))
        return None
    if about.edition != OFFLINE:
        found.append(Found(Verdict.INCOMPLETE, "metadata", "is not there, and this edition has to have it"))
    return about


def _aged(release: VerifiedRelease, at: datetime, found: list[Found]) -> list[Note]:
    """How old it is; nothing confirms an archive, so that is all that can be said."""
    about = release.about
    if at < datetime.fromisoformat(about.date).replace(tzinfo=UTC):
        text = f"It is {at:%Y-%m-%d} here, and this was signed on {about.date}: the clock here is behind."
        return [Note("clock", text)]
    if f"{at:%Y-%m-%d}" > about.expires:
        detail = (
            f"Authentic, not confirmed since {about.date}: the editors stand by it until {about.expires}."
        )
        found.append(Found(Verdict.STALE, "", detail))
    text = f"An archive shows the site as of {about.date}; what was corrected or added since is on the site."
    return [Note("first", text)]
