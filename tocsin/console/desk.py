"""Whose keys sign a release, and where its public metadata lies.

Where `site.toml` says nothing of signing, keys are thrown together for demonstration: they prove nothing, and
nothing that they sign goes with the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root

from tocsin.console.repository import Repository
from tocsin.errors import Finding, ReleaseError, Severity
from tocsin.files import write_atomically
from tocsin.keys.keyfile import key_path, read_key, write_key
from tocsin.keys.secret import SecretKey, new_key
from tocsin.mirrors.configured import load_mirrors
from tocsin.model.site import Site
from tocsin.release.making import Workshop
from tocsin.release.metadata import Lifetimes, serialized
from tocsin.release.state import State
from tocsin.reporting import Reporter

SIGNING, DEMONSTRATION, RELEASES = "signing", "demonstration", "releases"
PENDING, SCHEDULED = "pending", "scheduled"
# Known to everybody who reads this: it keeps nobody out, but key files without one are refused.
_PASSPHRASE = "for demonstration only"  # noqa: S105
_PEOPLE = ("root", "editor", "online")
LOUD = (
    "holds throw-away keys, NOT FOR REAL USE: whoever has this folder can sign as you. "
    "Before anybody relies on a release, make keys with 'keys new' and write [signing] into site.toml"
)


class Desk:
    """The keys and the workshop of one checkout."""

    def __init__(self, root: Path, site: Site, reporter: Reporter) -> None:
        self.root = root
        self.site = site
        self.reporter = reporter
        self.is_demonstration = site.signing is None
        self.folder = root / (DEMONSTRATION if self.is_demonstration else SIGNING)
        self.releases = root / RELEASES
        self.repository = Repository(root)

    @property
    def pending(self) -> Path:
        """Where a release waits for signatures."""
        return self.folder / PENDING

    @property
    def scheduled(self) -> Path:
        """Where releases wait for their instants; nobody else may see them."""
        return self.releases / SCHEDULED

    @cached_property
    def lifetimes(self) -> Lifetimes:
        """For how long signatures hold."""
        signing = self.site.signing
        return Lifetimes(signing.targets.days, signing.online.days) if signing else Lifetimes()

    @cached_property
    def workshop(self) -> Workshop:
        """Where releases are made: of every mirror an edition."""
        editions = {mirror.edition: mirror.address for mirror in load_mirrors(self.root)}
        return Workshop(self.releases, State(self.folder), editions, self.lifetimes)

    def ready(self, now: datetime) -> None:
        """Make keys for demonstration where they are needed and missing; say so."""
        if not self.is_demonstration:
            return
        self.reporter.finding(Finding(DEMONSTRATION, 0, LOUD, "demonstration", Severity.WARNING))
        if not list((self.folder / "metadata").glob("*.root.json")):
            _demonstrate(self.folder, now)

    @cached_property
    def editors(self) -> Sequence[SecretKey]:
        """The keys at hand of those who may sign releases."""
        if self.is_demonstration:
            return (self._demonstration_key("editor"),)
        raise ReleaseError("not joined yet")

    @cached_property
    def online(self) -> Signer | None:
        """The key that signs snapshot and timestamp; None where it lies on another machine."""
        if self.is_demonstration:
            return self._demonstration_key("online").signer
        return None

    def record(self, message: str) -> None:
        """Commit the public metadata and push it; raise `ReleaseError` where another editor was first."""
        if self.is_demonstration:
            return
        if not self.repository.record(self.folder.name, message) and self.repository.upstream:
            self.reporter.detail(
                "recorded here, but the other editors' repository cannot be reached: type 'git push' later"
            )

    def _demonstration_key(self, name: str) -> SecretKey:
        return read_key(key_path(self.folder / "keys", name), _PASSPHRASE)


def _demonstrate(folder: Path, now: datetime) -> None:
    """Three keys and a root that names them."""
    keys = {name: new_key(name) for name in _PEOPLE}
    for name, key in keys.items():
        path = key_path(folder / "keys", name)
        with suppress(FileNotFoundError):
            path.unlink()
        write_key(path, key, _PASSPHRASE, rounds=1)
    root = Root(
        version=1, expires=(now + timedelta(days=365)).replace(microsecond=0), consistent_snapshot=True
    )
    root.add_key(keys["root"].public.tuf, "root")
    root.add_key(keys["editor"].public.tuf, "targets")
    for role in ("snapshot", "timestamp"):
        root.add_key(keys["online"].public.tuf, role)
    metadata = Metadata(root)
    metadata.sign(keys["root"].signer)
    write_atomically(folder / "metadata" / "1.root.json", serialized(metadata))
