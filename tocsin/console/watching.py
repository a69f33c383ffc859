"""Which mirrors are looked at, on which way, and what is known here of what they should serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tocsin.console.desk import Desk
from tocsin.console.quick import STATE
from tocsin.console.server import served_here
from tocsin.errors import ReleaseError
from tocsin.mirrors.configured import FOLDER, Mirror, load_mirrors, load_proxies
from tocsin.model.site import Site
from tocsin.probing.faults import Fault, Found
from tocsin.probing.probe import Manner, Outcome, Subject, probe
from tocsin.probing.wire import Way
from tocsin.release.editions import edition_of
from tocsin.release.manifest import Manifest
from tocsin.reporting import Reporter
from tocsin.signed.edition import Edition, number_of
from tocsin.verify.verifying import Trust
from tocsin.verify.web import site_address

WATCH = f"{STATE}/mirrors"
# How many earlier releases are gone through for what should be gone.
_MOST_EARLIER = 20


@dataclass(frozen=True, slots=True)
class Watched:
    """Something to look at. `mirror` is the one of the list; None for an address that somebody gave."""

    subject: Subject
    mirror: Mirror | None


def subjects(desk: Desk, addresses: Sequence[str]) -> list[Watched]:
    """All mirrors of the list, then the addresses; those in reserve are looked at only where they are named.

    Raises `ContentError` for faults of the lists, `VerifyError` for what is no address.
    """
    for address in addresses:
        site_address(address)
    mirrors = [one for one in load_mirrors(desk.root) if one.kind not in {"archive", "ipfs"}]
    known, proxies, version = _known(desk), load_proxies(desk.root), _timestamp(desk)
    found = []
    for mirror in mirrors:
        way = Way(proxies.get(mirror.name))
        # One in reserve goes by the address that somebody typed, and by nothing else.
        name = mirror.name if mirror.is_listed else mirror.address
        own = Subject(name, mirror.address, mirror.address, True, known(mirror.edition), version, way)
        named = [one for one in addresses if _same(one, mirror.address)]
        if mirror.is_listed or named:
            found.append(Watched(own, mirror if mirror.is_listed else None))
        if mirror.onion and way.proxy and mirror.is_listed:
            onion = replace(own, name=f"{mirror.name} (onion)", address=f"http://{mirror.onion}/")
            found.append(Watched(onion, None))
    listed = {one.subject.address.rstrip("/").lower() for one in found}
    for address in dict.fromkeys(addresses):
        if address.rstrip("/").lower() not in listed:
            base = address.rstrip("/") + "/"
            found.append(Watched(Subject(base, base, base, is_listed=False), None))
    return found


def _same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()


def _timestamp(desk: Desk) -> int:
    timestamp = desk.workshop.state.timestamp()
    return int(timestamp.signed.version) if timestamp else 0


class _Known:
    """The releases of which this machine has the files, as editions, the newest first."""

    def __init__(self, desk: Desk, manifests: Sequence[Manifest], newest: Mapping[str, bytes]) -> None:
        self.blobs = desk.workshop.blobs
        self.manifests, self.newest = manifests, newest

    def __call__(self, edition: str) -> tuple[Edition, ...]:
        """Those of one edition id."""
        return tuple(
            edition_of(one, edition, self._metadata(one), self.blobs)
            for one in self.manifests
            if edition in one.addresses
        )

    def _metadata(self, manifest: Manifest) -> Mapping[str, bytes]:
        if manifest is self.manifests[0]:
            return self.newest
        found = {}
        for name, file in manifest.metadata.items():
            try:
                found[name] = self.blobs.read(file.digest)
            except OSError:
                continue  # thrown away; its name is not needed then
        return found


def _known(desk: Desk) -> _Known:
    state = desk.workshop.state
    current = state.current
    newest = desk.workshop.manifest(current.release) if current else None
    if current is None or newest is None:
        return _Known(desk, (), {})
    numbers = [one for one in desk.workshop.numbers if number_of(one) < number_of(current.release)]
    found = [newest]
    for number in reversed(numbers[-_MOST_EARLIER:]):
        try:
            manifest = desk.workshop.manifest(number)
        except ReleaseError:
            continue
        if manifest:
            found.append(manifest)
    return _Known(desk, found, state.newest())


def look_at(
    watched: Sequence[Watched], trust: Trust, manner: Manner, root: Path, site: Site, reporter: Reporter
) -> list[Outcome]:
    """Look at all of them at once; what was found, in their order."""

    def one(own: Watched) -> Outcome:
        state = root / WATCH / own.mirror.name if own.mirror else None
        return probe(own.subject, trust, replace(manner, state=state))

    with served_here(_folders(root, watched), site), ThreadPoolExecutor(max(len(watched), 1)) as pool:
        waiting = [pool.submit(one, own) for own in watched]
        outcomes = []
        for done, future in enumerate(waiting, 1):
            outcomes.append(future.result())
            reporter.progress("mirrors", done, len(waiting))
    return _own_clock(outcomes)


def _own_clock(outcomes: list[Outcome]) -> list[Outcome]:
    """Where several servers agree that another clock is wrong, it is that of this computer."""
    apart = [one for one in outcomes if Fault.CLOCKS_APART in one.faults]
    reached = [one for one in outcomes if one.release]
    if len(apart) < 2 or len(apart) < len(reached):
        return outcomes
    own = Found(Fault.OWN_CLOCK, "", "All mirrors tell another time than this computer.")
    return [
        replace(one, found=(*(f for f in one.found if f.fault is not Fault.CLOCKS_APART), own))
        for one in outcomes
    ]


def _folders(root: Path, watched: Sequence[Watched]) -> Iterator[tuple[str, Path]]:
    """Mirrors that are folders of this machine, with their addresses."""
    for own in watched:
        folder = root / FOLDER / own.mirror.name if own.mirror else root
        if own.mirror and own.mirror.kind == "directory" and folder.is_dir():
            yield own.subject.address, folder
