"""People, their keys and a signing folder, for tests; and a client of TUF that reads from memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from tocsin.keys.folder import SigningFolder
from tocsin.keys.pending import accept, read_pending, sign
from tocsin.keys.root import Signers, serialized
from tocsin.keys.rotating import Wanted, rotate
from tocsin.keys.secret import SecretKey

NOW = datetime.now(UTC).replace(microsecond=0)
UNTIL = NOW + timedelta(days=10)
# One day for texts that are compared; clients have a clock of their own and get NOW.
THEN = datetime(2026, 11, 22, 12, tzinfo=UTC)


def key_of(name: str) -> SecretKey:
    """The same key for a name every time."""
    return SecretKey(name, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def signers(*names: str, threshold: int = 1) -> Signers:
    return Signers(tuple(key_of(name).public for name in names), threshold)


def wanted(
    root: tuple[str, ...] = ("ana", "bo", "chen"),
    threshold: int = 2,
    targets: tuple[str, ...] = ("ana", "dara"),
    of_targets: int = 1,
    online: tuple[str, ...] = ("timer",),
) -> Wanted:
    return Wanted(
        signers(*root, threshold=threshold), signers(*targets, threshold=of_targets), signers(*online), 365
    )


def folder(path: Path, *names: str, shown: str = "signing") -> SigningFolder:
    """A signing folder that knows these people."""
    (path / "people").mkdir(parents=True, exist_ok=True)
    for name in names or ("ana", "bo", "chen", "dara", "timer", "timer-2", "eve"):
        (path / "people" / f"{name}.pub").write_text(f"{key_of(name).public.openssh}\n")
    return SigningFolder(path, shown)


def make_root_of(place: SigningFolder, wants: Wanted, *names: str, now: datetime = NOW) -> list[int]:
    """Rotate, and let people sign; the versions that are complete then."""
    rotate(place, wants, now, renew=True)
    for name in names:
        sign(read_pending(place), key_of(name).signer, name)
    return accept(place)


def wait_for_release(place: SigningFolder, *names: str) -> None:
    """Two lists of a release, one of a language, and what says which release it is."""
    for role, page in (("targets", b"one"), ("pt-BR", b"two")):
        made = Metadata(Targets(4, expires=THEN + timedelta(days=90), targets=dict(target_of(page))))
        for name in names:
            made.sign(key_of(name).signer, append=True)
        place.pending.mkdir(exist_ok=True)
        (place.pending / f"4.{role}.json").write_bytes(serialized(made))
    about = {"numbers": {"number": "2026.11.22.1", "date": "2026-11-22", "expires": "2027-02-20"}}
    (place.pending / "release").mkdir(exist_ok=True)
    (place.pending / "release/release.json").write_text(json.dumps(about))


class Repository(FetcherInterface):
    """What a mirror serves: metadata by name and files by path, from memory."""

    def __init__(self, place: SigningFolder) -> None:
        super().__init__()
        self.place = place
        self.files: dict[str, bytes] = {}

    def publish(self, editors: tuple[str, ...], online: str, page: bytes, *, version: int) -> None:
        """Sign a release of one page."""
        made = Targets(version, expires=UNTIL, targets=target_of(page))
        data = self._put(f"{version}.targets.json", made, editors)
        self.files["index.html"] = page
        self.point(online, online, version=version, meta=MetaFile(version, len(data)))

    def point(self, snapshot: str, timestamp: str, *, version: int, meta: MetaFile) -> None:
        """Say by the keys of the online roles which targets are the newest; a thief says what he likes."""
        made = Snapshot(version, expires=UNTIL, meta={"targets.json": meta})
        data = self._put(f"{version}.snapshot.json", made, (snapshot,))
        stamp = Timestamp(version, expires=UNTIL, snapshot_meta=MetaFile(version, len(data)))
        self._put("timestamp.json", stamp, (timestamp,))

    def _put(self, name: str, signed: Targets | Snapshot | Timestamp, names: tuple[str, ...]) -> bytes:
        metadata = Metadata(signed)
        for one in names:
            metadata.sign(key_of(one).signer, append=True)
        self.files[f"metadata/{name}"] = serialized(metadata)
        path = self.place.path / "metadata" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(serialized(metadata))
        return serialized(metadata)

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix("https://mirror.invalid/")
        own = self.place.path / path
        if path.endswith(".root.json") and own.exists():
            return iter([own.read_bytes()])
        if path not in self.files:
            raise DownloadHTTPError("not there", 404)
        return iter([BytesIO(self.files[path]).read()])


def target_of(page: bytes) -> Mapping[str, TargetFile]:
    return {"index.html": TargetFile(len(page), {"sha256": hashlib.sha256(page).hexdigest()}, "index.html")}


class Reader:
    """A reader's program: python-tuf's own client, which keeps what it has seen."""

    def __init__(self, home: Path, bootstrap: bytes) -> None:
        self.home = home
        self.bootstrap = bootstrap

    def read(self, mirror: Repository) -> bytes:
        """The page, if everything is as it should be; python-tuf raises otherwise."""
        store, kept = self.home / "store", self.home / "kept"
        store.mkdir(parents=True, exist_ok=True)
        kept.mkdir(exist_ok=True)
        client = Updater(
            str(store),
            "https://mirror.invalid/metadata/",
            str(kept),
            "https://mirror.invalid/",
            fetcher=mirror,
            config=UpdaterConfig(prefix_targets_with_hash=False),
            bootstrap=self.bootstrap,
        )
        client.refresh()
        info = client.get_targetinfo("index.html")
        assert info is not None
        return Path(client.download_target(info)).read_bytes()
