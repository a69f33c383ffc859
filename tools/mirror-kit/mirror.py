#!/usr/bin/env python3
"""Keep a copy of a signed site: fetch it, check it, and only then put it in the place of the last one.

For whoever lends a host; docs/mirror-hosts.md says how to set it up. Needs Python 3.11 and `ssh-keygen` or
`minisign`, nothing else. `mirror.py pull` is for a timer, `mirror.py check` looks whether the copy is still
what was signed. Exit code 0: done, or there was nothing to do. 1: something is wrong, and the last copy is
still served. 2: wrong use.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import quote

SUMS, ABOUT, TIMESTAMP = "release/SHA256SUMS", "release/edition.json", "metadata/timestamp.json"
SSHSIG, MINISIG = f"{SUMS}.sig", f"{SUMS}.minisig"
NAMESPACE = "tocsin-release"
CURRENT, COPIES, INCOMING, LOCK = "current", "copies", "incoming", ".lock"
# Bytes that files may have of which no list tells the size (docs/release-format.md, F21).
MOST_SUMS, MOST_LIST, MOST_SMALL = 50_000_000, 50_000_000, 512_000
MOST_TIMESTAMP = 16_384
MOST_ROOTS = 1_000
EDITION = re.compile(r"[a-z2-7]{10}")
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
NUMBER = re.compile(r"\d{4}\.\d{2}\.\d{2}\.[1-9]\d*")
ROLE = re.compile(r"[a-z0-9][a-z0-9-]*")
SERVER, PAGE = "server/", "index.html"


class RefusedError(Exception):
    """Why a copy is not taken; the message is a sentence. What is served stays."""


@dataclass(frozen=True)
class Settings:
    """`mirror.toml`. `largest` bounds a file and `most` all of them, in megabytes."""

    site: str
    source: str
    folder: Path
    ssh_keys: list[str] = field(default_factory=list)
    minisign_keys: list[str] = field(default_factory=list)
    edition: str = ""
    verify: list[str] = field(default_factory=list)
    largest: int = 100
    most: int = 10_000


class Source(Protocol):
    """Where a copy comes from."""

    def read(self, path: str, most: int) -> bytes | None:
        """A file of at most so many bytes; None where there is none. Raise `RefusedError` otherwise."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *what: Any, **more: Any) -> None:
        return None


class Web:
    """An address. A file is at its path or it is not: nothing that leads elsewhere is followed."""

    def __init__(self, address: str) -> None:
        self.address = address if address.endswith("/") else f"{address}/"
        self._opener = urllib.request.build_opener(_NoRedirects)

    def read(self, path: str, most: int) -> bytes | None:
        """See `Source`."""
        status, data = self._ask(path, most)
        if status in {301, 302, 307, 308} and path.endswith(PAGE):  # some lead from a page to its folder
            status, data = self._ask(path.removesuffix(PAGE), most)
        # A page that was withdrawn is answered with 410, and what is said of that is shown all the same.
        if status == 200 or (status == 410 and path.endswith(PAGE)):
            return data
        if status in {404, 410}:
            return None
        raise RefusedError(f"{path}: the answer has status {status}")

    def _ask(self, path: str, most: int) -> tuple[int, bytes]:
        place = self.address + quote(path)  # begins with http, see `source_of`
        request = urllib.request.Request(place, headers={"Cache-Control": "no-cache"})  # noqa: S310
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, _bounded(answer.read(most + 1), path, most)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _bounded(error.read(most + 1), path, most) if error.code == 410 else b""
        except OSError as error:
            raise RefusedError(f"{path}: cannot be fetched: {error}") from None


class Folder:
    """A folder of this machine. Links in it are not followed."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def read(self, path: str, most: int) -> bytes | None:
        """See `Source`."""
        place = self.top
        try:
            for part in path.split("/"):
                place /= part
                if stat.S_ISLNK(place.lstat().st_mode):
                    raise RefusedError(f"{path}: leads elsewhere")
            if not stat.S_ISREG(place.lstat().st_mode):
                raise RefusedError(f"{path}: is no file")
            with place.open("rb") as file:
                return _bounded(file.read(most + 1), path, most)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise RefusedError(f"{path}: cannot be read: {error.strerror}") from None


def _bounded(data: bytes, path: str, most: int) -> bytes:
    if len(data) > most:
        raise RefusedError(f"{path}: is larger than the {most:,} bytes that it may have")
    return data


def need(source: Source, path: str, most: int) -> bytes:
    """A file that has to be there."""
    data = source.read(path, most)
    if data is None:
        raise RefusedError(f"{path}: is not there")
    return data


def source_of(settings: Settings) -> Source:
    """The source of the settings; what rsync and rclone bring lies beside the copies until it is checked."""
    told = settings.source
    if told.startswith(("http://", "https://")):
        return Web(told)
    limit = f"--max-size={settings.largest}M"
    incoming = settings.folder / INCOMING
    if told.startswith("rclone:"):
        fetch = ["rclone", "sync", limit, told.removeprefix("rclone:"), str(incoming)]
    elif told.startswith("rsync:") or re.match(r"[^/]+:", told):
        fetch = ["rsync", "--recursive", "--times", "--delete", limit, f"{told.rstrip('/')}/", str(incoming)]
    else:
        return Folder(Path(told))
    try:
        done = subprocess.run(fetch, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RefusedError(f"the program {fetch[0]} is missing; in Debian: apt install {fetch[0]}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise RefusedError(f"{fetch[0]} failed: {said[-1] if said else f'code {done.returncode}'}")
    return Folder(incoming)


def check_signature(settings: Settings, sums: bytes, source: Source) -> None:
    """One of the keys has signed the list; raise `RefusedError` where none has."""
    with tempfile.TemporaryDirectory(prefix="mirror-") as made:
        folder = Path(made)
        (folder / "SUMS").write_bytes(sums)
        for path, keys, command in (
            (SSHSIG, settings.ssh_keys, _ssh_command),
            (MINISIG, settings.minisign_keys, _minisign_command),
        ):
            if not keys:
                continue
            (folder / "sig").write_bytes(need(source, path, MOST_SMALL))
            for key in keys:
                if _runs(command(folder, key.strip()), sums):
                    return
    raise RefusedError(f"{SUMS}: is not signed by any of the keys in your settings")


def _ssh_command(folder: Path, key: str) -> list[str]:
    (folder / "signers").write_text(f'editors namespaces="{NAMESPACE}" {key}\n', encoding="utf-8")
    names = ["-f", str(folder / "signers"), "-I", "editors", "-n", NAMESPACE, "-s", str(folder / "sig")]
    return ["ssh-keygen", "-Y", "verify", *names]


def _minisign_command(folder: Path, key: str) -> list[str]:
    return ["minisign", "-V", "-q", "-P", key, "-x", str(folder / "sig"), "-m", str(folder / "SUMS")]


def _runs(command: list[str], given: bytes) -> bool:
    try:
        return subprocess.run(command, input=given, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        raise RefusedError(
            f"the program {command[0]} is missing; in Debian: apt install "
            f"{'openssh-client' if command[0] == 'ssh-keygen' else command[0]}"
        ) from None


def digests_of(sums: bytes) -> dict[str, str]:
    """SHA-256 by path (F14), with every path one that stays below the folder (F2)."""
    digests = {}
    for line in sums.decode("utf-8").split("\n")[:-1]:
        found = LINE.fullmatch(line)
        if found is None or not _is_plain(found[2]):
            raise RefusedError(f"{SUMS}: has a line that no list may have")
        digests[found[2]] = found[1]
    return digests


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    odd = any(char in "*?[]\\" or unicodedata.category(char) == "Cc" for char in path)
    is_own = parts[0] != "metadata" and path not in {SUMS, SSHSIG, MINISIG}
    return is_own and not odd and len(parts) <= 10 and not any(part in {"", ".", ".."} for part in parts)


def number_of(release: str) -> tuple[int, ...]:
    """A release's number to compare (F6)."""
    if not NUMBER.fullmatch(release):
        raise RefusedError(f"{ABOUT}: '{release}' is no number of a release")
    return tuple(map(int, release.split(".")))


def check_about(settings: Settings, about: dict[str, Any], digests: dict[str, str], served: str) -> None:
    """It is the release of this site, of this edition, and not older than what is served."""
    site, release, edition = (str(about.get(name, "")) for name in ("site", "release", "edition"))
    if site != settings.site:
        raise RefusedError(f"{ABOUT}: is a release of {site}, not of {settings.site}")
    if settings.edition and edition != settings.edition:
        raise RefusedError(f"{ABOUT}: is edition {edition}, not {settings.edition}, which is yours")
    if not EDITION.fullmatch(edition):
        raise RefusedError(f"{ABOUT}: '{edition}' is no edition that is served from an address")
    if served and number_of(release) < number_of(served):
        raise RefusedError(f"{ABOUT}: is release {release}, older than {served}, which you have")
    if not digests:
        raise RefusedError(f"{SUMS}: is empty")


class Copy:
    """A new copy on its way. Nothing of it is served before `switch`."""

    def __init__(self, settings: Settings, source: Source) -> None:
        self.settings = settings
        self.source = source
        self.folder = settings.folder
        self.served = self.folder / CURRENT
        self.part = self.folder / COPIES / "part"
        self.fetched = 0

    def pull(self) -> str:
        """Fetch, check, switch; what to tell of it."""
        sums = need(self.source, SUMS, MOST_SUMS)
        check_signature(self.settings, sums, self.source)
        digests = digests_of(sums)
        data = need(self.source, ABOUT, MOST_SMALL)
        self._compare(ABOUT, data, digests.get(ABOUT, ""))
        about = json.loads(data)
        check_about(self.settings, about, digests, served_release(self.folder))
        timestamp = need(self.source, TIMESTAMP, MOST_TIMESTAMP)
        if self._is_served(sums, timestamp):
            return f"release {about['release']} is what you have"
        try:
            return self._taken(sums, digests, about, timestamp)
        finally:
            shutil.rmtree(self.part, ignore_errors=True)

    def _taken(self, sums: bytes, digests: dict[str, str], about: dict[str, Any], timestamp: bytes) -> str:
        """The same from where it is known whose release it is."""
        shutil.rmtree(self.part, ignore_errors=True)
        self._put(SUMS, sums)
        for path in (SSHSIG, MINISIG):
            self._put(path, need(self.source, path, MOST_SMALL))
        self._files(digests)
        self._metadata(str(about["edition"]), timestamp, hashlib.sha256(sums).hexdigest())
        self._ask_more()
        changed = self._changed_servers(digests)
        self._switch(f"{about['release']}-{hashlib.sha256(timestamp).hexdigest()[:10]}")
        told = f"release {about['release']} is served now: {len(digests)} files, {self.fetched} fetched"
        return told + "".join(f"\n{path} is another one now: look at it, then copy it" for path in changed)

    def _is_served(self, sums: bytes, timestamp: bytes) -> bool:
        served = Folder(self.served.resolve())
        return (served.read(SUMS, MOST_SUMS), served.read(TIMESTAMP, MOST_TIMESTAMP)) == (sums, timestamp)

    def _compare(self, path: str, data: bytes, digest: str) -> None:
        if hashlib.sha256(data).hexdigest() != digest:
            raise RefusedError(f"{path}: is not what was signed")

    def _put(self, path: str, data: bytes) -> None:
        place = self.part / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        place.chmod(0o644)

    def _files(self, digests: dict[str, str]) -> None:
        """Every file that is listed: from the copy that is served where it is the same, else fetched."""
        served, largest = Folder(self.served.resolve()), self.settings.largest * 1_000_000
        left = self.settings.most * 1_000_000
        for path, digest in digests.items():
            data = served.read(path, largest)
            if data is None or hashlib.sha256(data).hexdigest() != digest:
                data = need(self.source, path, largest)
                self._compare(path, data, digest)
                self.fetched += 1
                self._put(path, data)
            else:
                place = self.part / path
                place.parent.mkdir(parents=True, exist_ok=True)
                os.link(served.top / path, place)
            left -= len(data)
            if left < 0:
                raise RefusedError(f"all files are larger than {self.settings.most:,} megabytes, your limit")

    def _metadata(self, edition: str, timestamp: bytes, sums: str) -> None:
        """What programs read that know TUF (F7, F11, F13). It has to lead to the list that was signed."""
        snapshot_name = "snapshot.json"
        told = _meta(timestamp, TIMESTAMP)[snapshot_name]
        snapshot = self._numbered(snapshot_name, told)
        for name, said in sorted(_meta(snapshot, snapshot_name).items()):
            role = name.removesuffix(".json")
            first = role.partition("-")[0]
            if not ROLE.fullmatch(role):
                raise RefusedError(f"metadata: '{name}' is no name of a role")
            if role != "targets" and EDITION.fullmatch(first) and first != edition:
                continue
            data = self._numbered(name, said)
            if role == edition:
                targets = json.loads(data)["signed"]["targets"]
                listed = targets.get(f"editions/{edition}/{SUMS}", {}).get("hashes", {}).get("sha256")
                if listed != sums:
                    raise RefusedError("metadata: is of another release, perhaps on its way; try again later")
        for number in range(1, MOST_ROOTS):
            root = self.source.read(f"metadata/{number}.root.json", MOST_SMALL)
            if root is None:
                break
            self._put(f"metadata/{number}.root.json", root)
        self._put(TIMESTAMP, timestamp)

    def _numbered(self, name: str, said: dict[str, Any]) -> bytes:
        path = f"metadata/{int(said['version'])}.{name}"
        data = need(self.source, path, MOST_LIST)
        self._compare(path, data, said["hashes"]["sha256"])
        self._put(path, data)
        return data

    def _ask_more(self) -> None:
        """A further judge, such as `python3 -m tocsin verify`; the folder is its last word."""
        if not self.settings.verify:
            return
        command = [*self.settings.verify, str(self.part)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise RefusedError(f"the program {command[0]} is missing") from None
        if done.returncode:
            raise RefusedError(f"'{command[0]}' does not accept it:\n{done.stdout}{done.stderr}")

    def _changed_servers(self, digests: dict[str, str]) -> list[str]:
        """Settings of servers that differ from those of the last copy: nobody takes them over unseen."""
        served = Folder(self.served.resolve())
        if served.read(SUMS, MOST_SUMS) is None:
            return []
        old = digests_of(need(served, SUMS, MOST_SUMS))
        return [
            path for path in sorted(digests) if path.startswith(SERVER) and old.get(path) != digests[path]
        ]

    def _switch(self, name: str) -> None:
        """From one moment to the next; then earlier copies go, for what is withdrawn may not stay in them."""
        for place in [self.part, *self.part.rglob("*")]:
            if place.is_dir():
                place.chmod(0o755)
        new = self.folder / COPIES / name
        if new.exists():  # a copy that was found damaged, or not served any more
            new.rename(self.folder / COPIES / "old")
        self.part.rename(new)
        link = self.folder / f".{CURRENT}"
        link.unlink(missing_ok=True)
        link.symlink_to(f"{COPIES}/{name}")
        link.replace(self.served)
        for other in (self.folder / COPIES).iterdir():
            if other != new:
                shutil.rmtree(other)


def _meta(data: bytes, name: str) -> dict[str, dict[str, Any]]:
    """What a file of metadata says of others; raise `RefusedError` where it is not of that form."""
    try:
        told: dict[str, dict[str, Any]] = json.loads(data)["signed"]["meta"]
        for one in told.values():
            int(one["version"]), str(one["hashes"]["sha256"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RefusedError(f"{name}: is no metadata") from None
    return told


def served_release(folder: Path) -> str:
    """The number of the release that is served, "" where none is."""
    data = Folder((folder / CURRENT).resolve()).read(ABOUT, MOST_SMALL)
    return str(json.loads(data)["release"]) if data else ""


def check(settings: Settings) -> str:
    """Look whether the copy that is served is what was signed, and nothing else; what to tell of it."""
    served = Folder((settings.folder / CURRENT).resolve())
    sums = need(served, SUMS, MOST_SUMS)
    check_signature(settings, sums, served)
    digests = digests_of(sums)
    for path, digest in digests.items():
        if hashlib.sha256(need(served, path, settings.largest * 1_000_000)).hexdigest() != digest:
            raise RefusedError(f"{path}: is not what was signed; 'pull' makes a new copy")
    for place in sorted(served.top.rglob("*")):
        path = place.relative_to(served.top).as_posix()
        is_own = path in digests or path in {SUMS, SSHSIG, MINISIG} or path.startswith("metadata/")
        if place.is_symlink() or (not place.is_dir() and not is_own):
            raise RefusedError(
                f"{path}: was planted; nobody has signed it. Delete it, and ask how it came there"
            )
    about = json.loads(need(served, ABOUT, MOST_SMALL))
    told = f"release {about['release']}: all {len(digests)} files are what was signed"
    if str(about["expires"]) < f"{datetime.now(UTC):%Y-%m-%d}":
        told += f"\nits signatures ended on {about['expires']}, and nothing newer came: ask the editors"
    return told


def read_settings(file: Path) -> Settings:
    """`mirror.toml`; end the program where it is wrong."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        _wrong(f"{file.name}: {error}")
    known = {
        "site": str, "source": str, "folder": str, "edition": str, "ssh_keys": list, "minisign_keys": list,
        "verify": list, "largest": int, "most": int,
    }  # fmt: skip
    for name, value in values.items():
        if name not in known or not isinstance(value, known[name]):
            _wrong(f"{file.name}: '{name}' is unknown or of a wrong form")
    for name in ("site", "source", "folder"):
        if not values.get(name):
            _wrong(f"{file.name}: '{name}' is missing")
    if not values.get("ssh_keys") and not values.get("minisign_keys"):
        _wrong(f"{file.name}: 'ssh_keys' is missing: the editors' keys, which tell their copies from others")
    return Settings(**{**values, "folder": Path(values["folder"])})


def _wrong(message: str) -> NoReturn:
    print(f"ERROR {message}", file=sys.stderr)
    raise SystemExit(2)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time: timers overlap."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / COPIES).mkdir(exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusedError("another one is at work here") from None
        yield


def main() -> int:
    """Run the command; its exit code."""
    parser = argparse.ArgumentParser(description="keep a copy of a signed site")
    parser.add_argument("task", choices=("pull", "check"))
    parser.add_argument("settings", type=Path, nargs="?", default=Path("mirror.toml"))
    options = parser.parse_args()
    settings = read_settings(options.settings)
    try:
        with alone(settings.folder):
            if options.task == "check":
                print(check(settings))
            else:
                print(Copy(settings, source_of(settings)).pull())
    except RefusedError as error:
        print(f"ERROR {error}", file=sys.stderr)
        if options.task == "pull":
            served = served_release(settings.folder)
            print(f"Release {served} is still served." if served else "Nothing is served.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
