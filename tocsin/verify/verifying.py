"""Verifying one place: who signed, how old it is, and whether every file is what was signed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.errors import UnreadableError, VerifyError
from tocsin.reporting import Reporter
from tocsin.signed.edition import OFFLINE, About, File
from tocsin.signed.paths import EDITION_FILE, METADATA, MINISIG, RELEASE, SSHSIG, SUMS, TIMESTAMP
from tocsin.verify import ages
from tocsin.verify.chain import Chain, RefusedError, begin, climb, load, load_edition, older_roots, roles_of
from tocsin.verify.comparing import Neighbour, compare, files_of, in_transit, measured_whole, planted, since
from tocsin.verify.lists import (
    MOST_SIGNATURE,
    MOST_SUMS,
    Signer,
    check_signatures,
    compare_lists,
    fields_of,
    signers_of,
)
from tocsin.verify.memory import DamagedMemoryError, Memory, MemoryFolder, Seen
from tocsin.verify.offline import verify_offline
from tocsin.verify.release import VerifiedRelease, sealed
from tocsin.verify.sources import Source, read
from tocsin.verify.trusted import Accepted
from tocsin.verify.verdicts import Found, Note, Report, Verdict

MOST_ABOUT = 65_536
GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Trust:
    """What trust begins with: a root that was given (F19), and what else is known without asking the place.

    `witnesses` are metadata of the checkout; `signers` the keys for what bears no metadata. What was
    `accepted` in one verification need not be judged again in the next.
    """

    anchor: bytes
    witnesses: tuple[ages.Witness, ...] = ()
    signers: tuple[Signer, ...] = ()
    accepted: Accepted = field(default_factory=Accepted, compare=False)


@dataclass(frozen=True, slots=True)
class Options:
    """How to verify. `at` is now; `memory` the folder of what is remembered, None for none; `sample` how many
    files to read besides those that lead to others, None for all; `known` other releases of the edition."""

    at: datetime
    memory: Path | None = None
    sample: int | None = None
    grace: timedelta = GRACE
    known: Sequence[VerifiedRelease] = ()


def verify(source: Source, trust: Trust, options: Options, reporter: Reporter) -> Report:
    """Judge a place. Raises `VerifyError` where nothing can be said: nobody answers, no release is there."""
    about = _claimed(source)
    if _is_offline(source, about):
        signers = trust.signers or signers_of(begin(trust.anchor).root)
        return verify_offline(source, signers, options.at, reporter)
    return _Verification(source, trust, options, reporter, about).run()


def _claimed(source: Source) -> About | None:
    """What the place says that it is, which nobody has to believe."""
    try:
        return About.from_json(read(source, EDITION_FILE, MOST_ABOUT))
    except UnreadableError as error:
        if error.is_silence:
            raise VerifyError(f"{source.place} cannot be reached: {EDITION_FILE} {error}") from None
        return None
    except (ValueError, RecursionError):
        return None


def _is_offline(source: Source, about: About | None) -> bool:
    """True for what bears no metadata and says itself that it is the offline edition (F26)."""
    if about and about.edition != OFFLINE:
        return False
    try:
        read(source, TIMESTAMP, MOST_SUMS)
    except UnreadableError as error:
        if not error.is_absent:
            return False
    else:
        return False
    try:
        comment = read(source, MINISIG, MOST_SIGNATURE).decode("utf-8", "replace")
    except UnreadableError:
        if about is None:
            raise VerifyError(
                f"{source.place} holds no release: there is neither {TIMESTAMP} nor {MINISIG}; name the "
                "folder, archive or address in which these lie"
            ) from None
        return True
    return fields_of(comment).get("edition", OFFLINE) == OFFLINE


class _Verification:
    """One verification under way."""

    def __init__(
        self, source: Source, trust: Trust, options: Options, reporter: Reporter, about: About | None
    ) -> None:
        self.source, self.trust, self.options, self.reporter = source, trust, options, reporter
        self.about = about
        self.found: list[Found] = []
        self.notes: list[Note] = []
        self.folder = MemoryFolder(options.memory, about.site) if options.memory and about else None
        self.memory = self._remembered()
        self.chain: Chain | None = None
        self.release: VerifiedRelease | None = None
        self.neighbours = [Neighbour(one.about.release, one.files) for one in options.known]
        self.read = (0, 0)

    def _remembered(self) -> Memory | None:
        """What is remembered, if it follows from the root that was given."""
        try:
            memory = self.folder.read() if self.folder else None
            if memory:
                trusted = begin(self.trust.anchor)
                for version, data in sorted(memory.roots.items()):
                    if version > trusted.root.version:
                        trusted.update_root(data)
                    elif (
                        version == trusted.root.version
                        and version in memory.roots
                        and data != self.trust.anchor
                    ):
                        raise DamagedMemoryError
        except (DamagedMemoryError, ValueError, *ages.REFUSALS):
            text = (
                "What was remembered of this site was damaged or belongs to another root of trust. It is "
                "begun anew, so that this time an older release could not be told from the newest."
            )
            self.notes.append(Note("trust", text))
            return None
        return memory

    def run(self) -> Report:
        self.reporter.step(f"Verifying {self.source.place}")
        try:
            chain = self.chain = self._chain()
        except RefusedError as error:
            self.found.append(error.found)
            if self.source.address:  # a server that gives out anything has no metadata that could be believed
                self.found += planted(self.source, {}, ())[0]
            return self._report()
        self.found += older_roots(chain, self.source)
        if self.about is None or not roles_of(chain, self.about.edition) or not self._is_known(chain):
            detail = "is missing, damaged, or names an edition that the editors know nothing of"
            self.found.append(Found(Verdict.ALTERED, EDITION_FILE, detail))
            return self._report()
        load_edition(chain, self.source, self.about.edition)
        self.found += chain.refused
        files, faults = files_of(chain)
        self.found += faults
        self._judge(chain, self.about, files)
        return self._report()

    def _chain(self) -> Chain:
        roots = dict(self.memory.roots) if self.memory else {}
        chain = climb(self.trust.anchor, roots, self.source, self.trust.accepted)
        load(chain, self.source)
        return chain

    def _is_known(self, chain: Chain) -> bool:
        return self.about is not None and self.about.edition in (chain.delegations.roles or {})

    def _judge(self, chain: Chain, about: About, files: dict[str, File]) -> None:
        """Age, identity and files. `files` are those of the lists, without metadata."""
        metadata = self._metadata(chain)
        everything = {**files, **metadata}
        is_older = self._ages(chain)
        verified = self._verified(about, files)
        if verified:
            expires = min(chain.trusted.timestamp.expires, chain.trusted.snapshot.expires)
            self.release = sealed(about, everything, chain.versions, expires)
            self._identity(chain, about, is_older=is_older)
        if self.folder:
            lists = self.folder.lists(about.edition)
            self.neighbours += [Neighbour(*one) for one in lists if one[0] != about.release or not verified]
        self._files(files, everything)
        if not verified and not any(one.path == EDITION_FILE for one in self.found):
            detail = "was given out in two forms, one of them not signed"
            self.found.append(Found(Verdict.ALTERED, EDITION_FILE, detail))
        self._lists(chain, about, files)
        if not is_older:
            self._remember(chain, about, everything)

    def _metadata(self, chain: Chain) -> dict[str, File]:
        """Every file of metadata that the edition holds, roots included."""
        roots = {f"{METADATA}/{version}.root.json": data for version, data in chain.roots.items()}
        return {path: File.of(data) for path, data in (chain.metadata | roots).items()}

    def _ages(self, chain: Chain) -> bool:
        """True where something newer is known, or the age is in doubt."""
        witnesses = list(self.trust.witnesses)
        if self.memory:
            where = f"the verification of {self.memory.at[:10]}"
            witnesses.append(ages.Witness(where, self.memory.timestamp, self.memory.snapshot))
        if not witnesses:
            until = f"{chain.trusted.timestamp.expires:%Y-%m-%d}"
            text = (
                "Nothing was known of this site here before. Had somebody kept back a newer release, this "
                f"could only be noticed after {until}, when the confirmation of this one ends."
            )
            self.notes.append(Note("first", text))
        age = ages.age_of(chain, self.source.place, self.memory, witnesses)
        self.found += age.found
        self.notes += age.notes
        return age.is_older

    def _verified(self, about: About, files: dict[str, File]) -> bool:
        """True where the place is what it says: what was claimed at the beginning is a signed file."""
        return files.get(EDITION_FILE) == File.of(about.as_json())

    def _identity(self, chain: Chain, about: About, *, is_older: bool) -> None:
        at, source = self.options.at, self.source
        if source.address and about.address.lower() != source.address.lower():
            detail = f"This is the edition for {about.address}, and it was fetched from {source.address}."
            self.found.append(Found(Verdict.NOT_THIS_EDITION, "", detail))
        if not is_older:
            self.found += ages.older_release(about, chain, self.memory)
        self.found += ages.freshness(chain, about, at)
        for text, is_judged in ages.clock(at, about.date, chain.trusted.timestamp.expires, self.memory):
            self.notes.append(Note("clock", f"{text}. Set the clock and verify again."))
            if not is_judged:
                self.found.append(
                    Found(Verdict.STALE, "", "The clock here is wrong, so freshness is not known.")
                )
        apart = ages.clocks_apart(at, getattr(source, "clock", None))
        self.notes += [Note("clock", f"{text}; one of the two clocks is wrong.") for text in apart]

    def _files(self, files: dict[str, File], everything: dict[str, File]) -> None:
        """Compare all or a sample; then look again whether the release changed meanwhile (F24)."""
        chosen = self._chosen(files)
        compared = compare(self.source, chosen, self.reporter)
        self.read = (compared.files, compared.bytes)
        found, measured = compared.found, compared.measured
        if self.chain and not self.chain.refused:
            strays, more = planted(self.source, everything, self.neighbours)
            found, measured = [*found, *strays], {**measured, **more}
        if measured and self.source.address:
            self._look_again()
        measured |= measured_whole(self.source, chosen, compared.measured, self.neighbours)
        seen = self.memory.places.get(self.source.place) if self.memory else None
        is_same = seen and self.release and seen.release == self.release.about.release
        age = since(seen.since if seen and is_same else "", self.options.at)
        self.found += in_transit(found, measured, self.neighbours, age, self.options.grace)

    def _chosen(self, files: dict[str, File]) -> dict[str, File]:
        count = self.options.sample
        if count is None or count >= len(files):
            return files
        leading = {path: file for path, file in files.items() if path.startswith(f"{RELEASE}/")}
        rest = sorted(files.keys() - leading.keys())
        drawn = random.SystemRandom().sample(rest, min(count, len(rest)))
        text = f"{len(drawn)} files out of {len(rest)} were drawn at random; the others were not looked at."
        self.notes.append(Note("sample", text))
        return leading | {path: files[path] for path in drawn}

    def _look_again(self) -> None:
        """A mirror may have been updated meanwhile: then what differs is of the release that is there now."""
        try:
            chain = self._chain()
            if not self.chain or chain.metadata == {k: self.chain.metadata.get(k) for k in chain.metadata}:
                return
            load_edition(chain, self.source, self.about.edition if self.about else "")
        except RefusedError:
            return
        files, _ = files_of(chain)
        files |= self._metadata(chain)
        self.neighbours.append(Neighbour("that was published during this verification", files))

    def _lists(self, chain: Chain, about: About, files: dict[str, File]) -> None:
        """`SHA256SUMS` and its signatures, where they are what the metadata says."""
        data = {path: self._signed(path, files) for path in (SUMS, MINISIG, SSHSIG)}
        sums = data[SUMS]
        if sums is None:
            return
        if not chain.refused:
            self.found += compare_lists(sums, files)
        comment, found = check_signatures(sums, data[MINISIG], data[SSHSIG], signers_of(chain.root))
        self.found += found
        if self.release and comment and comment != about.comment:
            self.found.append(
                Found(Verdict.ALTERED, MINISIG, f"says '{comment}', and {EDITION_FILE} differs")
            )

    def _signed(self, path: str, files: dict[str, File]) -> bytes | None:
        """A file as it was signed; None where it is not there so, which comparing has told already."""
        file = files.get(path)
        if file is None:
            if self.chain and not self.chain.refused:
                self.found.append(Found(Verdict.ALTERED, path, "is not among what the editors signed"))
            return None
        try:
            data = read(self.source, path, min(file.size, MOST_SUMS))
        except UnreadableError:
            return None
        return data if File.of(data) == file else None

    def _remember(self, chain: Chain, about: About, everything: dict[str, File]) -> None:
        """Only what was verified; a chain with roles missing is not the whole truth."""
        if self.folder is None or self.release is None or chain.refused:
            return
        at = self.options.at.isoformat()
        past = self.memory or Memory()
        if any(one.verdict is Verdict.ROLLED_BACK for one in self.found):
            return
        seen = past.places.get(self.source.place)
        began = seen.since if seen and seen.release == about.release else at
        versions = chain.versions
        now = Seen(versions["timestamp"], versions["snapshot"], about.release, began)
        memory = replace(
            past if past.online == chain.online else replace(past, places={}),
            roots=chain.roots,
            timestamp=chain.metadata[TIMESTAMP],
            snapshot=chain.metadata[f"{METADATA}/{versions['snapshot']}.snapshot.json"],
            release=about.release,
            editors=chain.editors,
            online=chain.online,
            at=at,
        )
        self.folder.write(memory.with_place(self.source.place, now))
        self.folder.keep_list(about.edition, about.release, everything)

    def _report(self) -> Report:
        files, size = self.read
        found = tuple(dict.fromkeys(self.found))
        return Report(self.source.place, self.options.at, found, tuple(self.notes), self.release, files, size)
