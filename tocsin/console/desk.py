"""Whose keys sign a release, and where its public metadata lies.

Where `site.toml` says nothing of signing, keys are thrown together for demonstration: they prove nothing, and
nothing that they sign goes with the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from securesystemslib.signer import Signer

from tocsin.console.facts import DEMONSTRATION, RELEASES, signing_folder
from tocsin.console.own_keys import at_hand, opened
from tocsin.console.repository import Repository
from tocsin.errors import Finding, Severity
from tocsin.files import remove_folder, write_atomically
from tocsin.keys.folder import PENDING, PEOPLE
from tocsin.keys.keyfile import key_path, read_key, write_key
from tocsin.keys.own import own_keys
from tocsin.keys.public import PublicKey
from tocsin.keys.root import Signers, make_root, serialized
from tocsin.keys.secret import SecretKey, new_key
from tocsin.mirrors.configured import load_mirrors
from tocsin.model.site import Site
from tocsin.release.making import Workshop
from tocsin.release.metadata import Lifetimes
from tocsin.release.state import TARGETS, State
from tocsin.reporting import Reporter
from tocsin.signed.paths import METADATA

SCHEDULED, KEYS = "scheduled", "keys"
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
        self.folder = signing_folder(root, site)
        self.releases = root / RELEASES
        self.repository = Repository(root)
        self._opened: tuple[SecretKey, ...] = ()

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
        mirrors = load_mirrors(self.root)
        editions = {one.edition: one.address for one in mirrors if one.has_own_edition}
        return Workshop(self.releases, State(self.folder), editions, self.lifetimes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *what: object) -> None:
        """Let go of all secrets."""
        for key in self._opened:
            key.forget()

    def ready(self, now: datetime) -> None:
        """Make keys for demonstration where they are needed and missing; say so."""
        if not self.is_demonstration:
            return
        self.reporter.finding(Finding(DEMONSTRATION, 0, LOUD, "demonstration", Severity.WARNING))
        if not list((self.folder / "metadata").glob("*.root.json")):
            _demonstrate(self.folder, now)

    @cached_property
    def editors(self) -> Sequence[SecretKey]:
        """The keys at hand of those who may sign releases, opened: passphrases are asked for once."""
        return self._at_hand("targets")

    @cached_property
    def online_key(self) -> SecretKey | None:
        """The key that signs snapshot and timestamp, opened; None where it lies on another machine."""
        found = self._at_hand("timestamp")
        return found[0] if found else None

    @property
    def online(self) -> Signer | None:
        """The same, as what signs metadata."""
        return self.online_key.signer if self.online_key else None

    @property
    def people(self) -> list[PublicKey]:
        """The keys of all who may sign a release, in a fixed order and without names."""
        root = self.workshop.state.root.signed
        keys = (root.keys[keyid] for keyid in sorted(root.roles[TARGETS].keyids))
        return [PublicKey("", bytes.fromhex(key.keyval["public"])) for key in keys]

    def _at_hand(self, role: str) -> tuple[SecretKey, ...]:
        keyids = self.workshop.state.root.signed.roles[role].keyids
        if self.is_demonstration:
            keys = (read_key(one.path, _PASSPHRASE) for one in own_keys(self.folder / KEYS))
            found = tuple(key for key in keys if key.public.tuf.keyid in keyids)
        else:
            found = tuple(opened(key) for key in at_hand(self.root, keyids))
        self._opened += found
        return found

    def record(self, message: str) -> None:
        """Commit the public metadata and push it; raise `ReleaseError` where another editor was first."""
        if self.is_demonstration:
            return
        if not self.repository.record(self.folder.name, message) and self.repository.upstream:
            self.reporter.detail(
                "recorded here, but the other editors' repository cannot be reached: type 'git push' later"
            )


def _demonstrate(folder: Path, now: datetime) -> None:
    """Three keys and a root that names them."""
    keys = {name: new_key(name) for name in _PEOPLE}
    remove_folder(folder)
    for name, key in keys.items():
        write_key(key_path(folder / KEYS, name), key, _PASSPHRASE, rounds=1)
        write_atomically(folder / PEOPLE / f"{name}.pub", f"{key.public.openssh}\n".encode())
    root, targets, online = (Signers((keys[name].public,)) for name in _PEOPLE)
    expires = (now + timedelta(days=365)).replace(microsecond=0)
    metadata = make_root(root, targets, online, version=1, expires=expires)
    metadata.sign(keys["root"].signer)
    write_atomically(folder / METADATA / "1.root.json", serialized(metadata))
