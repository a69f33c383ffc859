"""A little editors' office that makes signed editions by docs/release-format.md (F1 to F18) for verifiers.

Nothing here is the program's own but the form (`tocsin.signed`): metadata is python-tuf's, signatures of
lists are py-minisign's and `ssh-keygen`'s. A tree is bytes by path: an attack is an assignment.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

import minisign
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from tests.components import find
from tocsin.signed.edition import OFFLINE, About
from tocsin.signed.paths import EDITION_FILE, MINISIG, SSHSIG, SUMS, Roles, target_of
from tocsin.signed.sums import write_sums

SITE = "network.example"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE, THERE = "abcdefghij", "zyxwvutsrq"
Tree = dict[str, bytes]


class Person:
    """One Ed25519 key that makes all three forms of signatures."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.private = Ed25519PrivateKey.generate()
        self.raw = self.private.public_key().public_bytes_raw()

    @cached_property
    def signer(self) -> CryptoSigner:
        return CryptoSigner(self.private, SSlibKey.from_crypto(self.private.public_key()))

    @property
    def openssh(self) -> str:
        public = self.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return f"{public.decode()} {self.name}\n"

    @property
    def minisign_line(self) -> str:
        return base64.b64encode(b"Ed" + self.raw[:8] + self.raw).decode() + "\n"

    def minisign(self, data: bytes, comment: str, *, prehash: bool = True) -> bytes:
        body = self.raw[:8] + self.private.private_bytes_raw() + self.raw
        checksum = hashlib.blake2b(b"Ed" + body, digest_size=32).digest()
        form = base64.b64encode(b"Ed\0\0B2" + bytes(48) + body + checksum)
        with minisign.SecretKey.from_base64(form) as key:
            return bytes(key.sign(data, prehash=prehash, trusted_comment=comment)) + b"\n"

    def sshsig(self, data: bytes, namespace: str = "tocsin-release") -> bytes:
        """By the real program."""
        with TemporaryDirectory() as folder:
            key = Path(folder, "key")
            key.touch(0o600)
            key.write_bytes(self.private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
            command = [find("ssh-keygen"), "-Y", "sign", "-q", "-f", key, "-n", namespace]
            return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def pages(count: int = 1, **more: bytes) -> Tree:
    """The common files of a little site in three languages; `count` changes what some of them say."""
    tree = {
        "index.html": b"<p>Home</p>",
        "appeals/first/index.html": b"<p>An appeal, version %d</p>" % count,
        "appeals/second/index.html": b"<p>Another appeal</p>",
        "fr/appeals/first/index.html": b"<p>Un appel, version %d</p>" % count,
        "fr/index.html": b"<p>Accueil</p>",
        "ar/index.html": "<p>الصفحة</p>".encode(),
        "ar/appeals/first/index.html": b"<p>Version %d</p>" % count,
        "i/photo.avif": bytes(range(256)) * 20,
        "s/site-0a1b.css": b"p { color: black }",
        "404.html": b"<p>Not here</p>",
        "release/VERIFY.en.txt": b"How to verify.",
        f"appeals/only-{count}/index.html": b"<p>Only in this release</p>",
    }
    return tree | more


@dataclass
class Office:
    """Keys, versions and what was published last. `release` makes the next one."""

    addresses: dict[str, str] = field(
        default_factory=lambda: {HERE: "https://a.example/", THERE: "https://b.example/"}
    )
    keepers: list[Person] = field(default_factory=lambda: [Person(f"keeper-{n}") for n in range(3)])
    editors: list[Person] = field(default_factory=lambda: [Person("editor-a"), Person("editor-b")])
    online: Person = field(default_factory=lambda: Person("online"))
    threshold: int = 2
    now: datetime = NOW
    roots: dict[int, bytes] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    files: dict[str, Tree] = field(default_factory=dict)
    roles: Tree = field(default_factory=dict)
    number: str = ""

    def __post_init__(self) -> None:
        if not self.roots:
            self.rotate()

    def rotate(self, signers: list[Person] | None = None) -> bytes:
        """The next root, which names the present keepers, editors and online key."""
        version = len(self.roots) + 1
        root = Root(version, expires=self.now + timedelta(days=365), consistent_snapshot=True)
        for role, people in (("root", self.keepers), ("targets", self.editors)):
            for person in people:
                root.add_key(person.signer.public_key, role)
            root.roles[role].threshold = self.threshold
        root.add_key(self.online.signer.public_key, "snapshot")
        root.add_key(self.online.signer.public_key, "timestamp")
        self.roots[version] = signed(root, signers or self.keepers[:2])
        return self.roots[version]

    def release(
        self,
        common: Tree,
        number: str,
        *,
        days: int = 90,
        signers: list[Person] | None = None,
        sums: Callable[[Tree], Tree] = lambda digests: digests,
        more: Mapping[str, dict[str, bytes]] | None = None,
    ) -> dict[str, Tree]:
        """Make a release: the trees of all editions. `sums` may lie about digests, `more` plants in roles."""
        self.number = number
        signers = signers or self.editors
        roles = Roles(("fr", "ar"), self.addresses)
        lists: dict[str, dict[str, bytes]] = {name: {} for name, _ in roles.delegations()}
        for path, data in common.items():
            lists[roles.of_common(path)][path] = data
        self.files = {}
        for edition, address in self.addresses.items():
            own = self._stamped(edition, address, days)
            own |= self._lists(edition, {**common, **own}, signers, sums)
            for path, data in own.items():
                lists[roles.of_stamped(edition, path)][target_of(edition, path, is_stamped=True)] = data
            self.files[edition] = {**common, **own}
        for name, targets in (more or {}).items():
            lists[name] |= targets
        self._delegate(roles, lists, days, signers)
        return self.refresh()

    def _about(self, edition: str, address: str, days: int) -> About:
        until = self.now + timedelta(days=days)
        at, day = f"{self.now:%Y-%m-%dT%H:%M:%SZ}", f"{self.now:%Y-%m-%d}"
        return About(SITE, edition, address, self.number, at, day, f"{until:%Y-%m-%d}", ("en", "fr", "ar"))

    def _stamped(self, edition: str, address: str, days: int) -> Tree:
        return {
            "feed.atom": f"<id>{address}</id>".encode(),
            "fr/feed.atom": f"<id>{address}fr/</id>".encode(),
            "robots.txt": f"Sitemap: {address}sitemap.xml".encode(),
            EDITION_FILE: self._about(edition, address, days).as_json(),
        }

    def _lists(self, edition: str, tree: Tree, signers: list[Person], change: Callable[[Tree], Tree]) -> Tree:
        digests = {path: hashlib.sha256(data).hexdigest() for path, data in tree.items()}
        sums = write_sums(change(digests))
        comment = About.from_json(tree[EDITION_FILE]).comment
        return {SUMS: sums, MINISIG: signers[0].minisign(sums, comment), SSHSIG: signers[0].sshsig(sums)}

    def _delegate(
        self, roles: Roles, lists: dict[str, dict[str, bytes]], days: int, signers: list[Person]
    ) -> None:
        expires = self.now + timedelta(days=days)
        keyids = [person.signer.public_key.keyid for person in self.editors]
        keys = {person.signer.public_key.keyid: person.signer.public_key for person in self.editors}
        delegated = {
            name: DelegatedRole(name, keyids, self.threshold, terminating=True, paths=list(paths))
            for name, paths in roles.delegations()
        }
        self.roles = {}
        top = Targets(self._next("targets"), expires=expires, delegations=Delegations(keys, delegated))
        self.roles["targets"] = signed(top, signers)
        for name, files in lists.items():
            targets = {path: TargetFile.from_data(path, data, ["sha256"]) for path, data in files.items()}
            self.roles[name] = signed(Targets(self._next(name), expires=expires, targets=targets), signers)

    def _next(self, name: str) -> int:
        self.versions[name] = self.versions.get(name, 0) + 1
        return self.versions[name]

    def refresh(self, days: int = 14, *, skip: int = 0) -> dict[str, Tree]:
        """Sign snapshot and timestamp: the trees of all editions. `skip` so many versions."""
        self.versions["snapshot"] = self.versions.get("snapshot", 0) + skip
        self.versions["timestamp"] = self.versions.get("timestamp", 0) + skip
        expires = self.now + timedelta(days=days)
        meta = {f"{name}.json": _meta(self.versions[name], data) for name, data in self.roles.items()}
        snapshot = signed(Snapshot(self._next("snapshot"), expires=expires, meta=meta), [self.online])
        stated = _meta(self.versions["snapshot"], snapshot)
        timestamp = Timestamp(self._next("timestamp"), expires=expires, snapshot_meta=stated)
        timestamp.unrecognized_fields["signed"] = f"{expires - timedelta(days=days):%Y-%m-%d}"
        shared = {
            **{f"metadata/{version}.root.json": data for version, data in self.roots.items()},
            "metadata/timestamp.json": signed(timestamp, [self.online]),
            f"metadata/{self.versions['snapshot']}.snapshot.json": snapshot,
        }
        return {edition: {**tree, **shared, **self._own(edition)} for edition, tree in self.files.items()}

    def _own(self, edition: str) -> Tree:
        others = tuple(other for other in self.addresses if other != edition)
        return {
            f"metadata/{self.versions[name]}.{name}.json": data
            for name, data in self.roles.items()
            if not name.startswith(others)
        }


def offline(person: Person, tree: Tree, *, edition: str = OFFLINE, expires: str = "2027-02-19") -> Tree:
    """The offline edition (F26)."""
    sums = write_sums({path: hashlib.sha256(data).hexdigest() for path, data in tree.items()})
    comment = f"site={SITE} release=2026.11.21.1 edition={edition} date=2026-11-21 expires={expires}"
    return {**tree, SUMS: sums, MINISIG: person.minisign(sums, comment), SSHSIG: person.sshsig(sums)}


def signed(role: Signed, people: list[Person]) -> bytes:
    metadata = Metadata(role)
    for person in people:
        metadata.sign(person.signer, append=True)
    return metadata.to_bytes(JSONSerializer(compact=True))


def _meta(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def write_folder(tree: Tree, folder: Path) -> Path:
    for path, data in tree.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def write_zip(tree: Mapping[str, bytes], file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(tree.items()):
            archive.writestr(path, data)
    return file


class Mirror:
    """A web server of a tree on this machine. `hook` may answer instead; `asked` are the paths asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.asked: list[str] = []
        self.hook: Callable[[BaseHTTPRequestHandler, str], bool] = lambda handler, path: False
        self.address = ""


@contextmanager
def serving(tree: Tree) -> Iterator[Mirror]:
    """Serve a tree that may change meanwhile."""
    mirror = Mirror(tree)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece: two would wait for each other

        def do_GET(self) -> None:
            path = unquote(self.path.split("?")[0][1:])
            mirror.asked.append(path)
            if mirror.hook(self, path):
                return
            data = mirror.tree.get(f"{path}index.html" if path.endswith("/") or not path else path)
            answer(self, *((404, b"not here") if data is None else (200, data)))

        def log_message(self, *arguments: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever hangs up has had enough, which is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    mirror.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(handler: BaseHTTPRequestHandler, status: int, data: bytes, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)


def drip(handler: BaseHTTPRequestHandler, seconds: float) -> None:
    """Send a byte now and then, as a server does that wants to keep somebody waiting."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return
