"""Object stores, WebDAV, SFTP, FTP: whatever rclone knows (1.60 and later)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from tocsin.mirrors.place import Abilities, Place, PlaceError
from tocsin.mirrors.programs import Program, secret_of, upload_proxy
from tocsin.model.mirrors import RcloneSettings
from tocsin.signed.edition import Edition, Turn

_REMOTE = "mirror"
# Reached by https, so a proxy is kept; rclone goes past it for all others.
_BY_HTTP = frozenset({"s3", "b2", "webdav", "swift", "azureblob", "google cloud storage", "drive", "dropbox"})
_WITH_FOLDERS = frozenset({"sftp", "ftp", "webdav", "local", "smb", "drive", "dropbox"})
# Stores that keep nothing of a file that was replaced or deleted.
_FORGETFUL = frozenset({"sftp", "ftp", "webdav", "local", "smb"})
# Where rclone 1.60 writes into the file that it replaces: a transfer that breaks off would leave half of one.
_IN_PLACE = frozenset({"sftp", "ftp", "local", "smb"})
# What rclone wants obscured.
_PASSWORDS = frozenset({"pass", "password", "password2", "key_file_pass", "client_password"})
_COPY = ("--no-check-dest", "--no-traverse", "--transfers", "8")
_MOVE = ("--ignore-times", "--no-traverse", "--transfers", "8", "--delete-empty-src-dirs")
# Trying again is ours: rclone would go on for minutes and say nothing.
_PATIENCE = {
    "RCLONE_CONFIG": "/dev/null",
    "RCLONE_RETRIES": "1",
    "RCLONE_LOW_LEVEL_RETRIES": "2",
    "RCLONE_CONTIMEOUT": "30s",
    "RCLONE_TIMEOUT": "2m",
    "RCLONE_S3_NO_CHECK_BUCKET": "true",
}
_NOT_FOUND = 3
_VERSIONED = ("Enabled", "Suspended")


class Rclone(Place[RcloneSettings]):
    """Files go by name, so nothing is listed. Credentials are in the environment of rclone alone."""

    abilities = Abilities(lists=True, limits=True, proxied=True)

    @property
    def target(self) -> str:
        """The folder as rclone names it."""
        return f"{_REMOTE}:{self.settings.path}"

    @cached_property
    def program(self) -> Program:
        """rclone with the settings of this mirror."""
        settings = self.settings
        secrets = {name: secret_of(secret) for name, secret in settings.secrets.items()}
        hidden = {name: self._obscured(value) for name, value in secrets.items() if name in _PASSWORDS}
        told = {**_PATIENCE, f"RCLONE_CONFIG_{_REMOTE.upper()}_TYPE": settings.backend}
        for name, value in {**settings.options, **secrets, **hidden}.items():
            told[f"RCLONE_CONFIG_{_REMOTE.upper()}_{name.upper().replace('-', '_')}"] = value
        if settings.backend == "b2":
            told["RCLONE_B2_HARD_DELETE"] = "true"
        if settings.backend == "s3":  # in one piece: parts of what breaks off would stay, seen by nobody
            told[f"RCLONE_CONFIG_{_REMOTE.upper()}_UPLOAD_CUTOFF"] = "5G"
        if self.reached.proxy:
            proxy = upload_proxy(self.reached.proxy)
            told |= {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
        return Program("rclone", told, [*secrets.values(), *hidden.values()], stop=self.stop)

    def _obscured(self, value: str) -> str:
        told = Program("rclone", _PATIENCE, [value], stop=self.stop)
        return told.run(["obscure", "-"], given=value.encode()).decode().strip()

    def check(self) -> None:
        """Refuse what could not keep its word: a proxy that is passed by, a store that forgets nothing."""
        if self.reached.proxy and self.settings.backend not in _BY_HTTP:
            raise PlaceError(
                f"rclone would reach {self.settings.backend} past the proxy; publish there by rsync, "
                "or take the proxy out of deploy.toml",
                is_final=True,
            )
        _ = self.is_versioned

    @cached_property
    def is_versioned(self) -> bool:
        """Whether the store keeps what is replaced and deleted; refused where nobody can tell."""
        backend, bucket = self.settings.backend, self.settings.path.partition("/")[0]
        if self.settings.versions == "none" or backend in _FORGETFUL or backend == "b2":
            return False
        way = '; if you know that it keeps none, add versions = "none" to its table in deploy.toml'
        if backend != "s3":
            raise PlaceError(
                f"a store of the kind {backend} may keep old versions, which could not be withdrawn{way}",
                is_final=True,
            )
        program = self.program
        try:
            told = program.run(["backend", "versioning", f"{_REMOTE}:{bucket}"]).decode().strip()
        except PlaceError as error:
            raise PlaceError(
                f"the bucket cannot be asked whether it keeps old versions: {error}{way}"
            ) from None
        return told in _VERSIONED

    def put(self, edition: Edition, paths: Sequence[str], turn: Turn) -> None:
        """Copy files, without looking at what is there."""
        words = [*_COPY, "--files-from-raw", "-"]
        if self.reached.bandwidth:
            words += ["--bwlimit", f"{self.reached.bandwidth}k"]
        if turn is Turn.POINTER and self.settings.backend in _BY_HTTP:
            words += ["--header-upload", "Cache-Control: no-cache"]
        incoming = self._incoming if turn is not Turn.NEW else ""
        with self.staged(edition, paths) as folder:
            self.program.run(["copy", str(folder), incoming or self.target, *words], given=_lines(paths))
        if incoming:
            listed = [*_MOVE, "--files-from-raw", "-"]
            self.program.run(["move", incoming, self.target, *listed], given=_lines(paths))
            self.program.run(["purge", incoming], fine=(0, _NOT_FOUND))

    @property
    def _incoming(self) -> str:
        """A folder beside the mirror's, from which whole files are moved into it; empty where none is needed
        or there is no beside.
        """
        above, slash, name = self.settings.path.rstrip("/").rpartition("/")
        if self.settings.backend not in _IN_PLACE or name in {"", ".", "..", "~"}:
            return ""
        return f"{_REMOTE}:{above}{slash}.{name}.incoming"

    def delete(self, paths: Sequence[str], emptied: Sequence[str]) -> None:
        """Delete files by name, and folders where the store has such."""
        self.program.run(
            ["delete", self.target, "--no-traverse", "--files-from-raw", "-"],
            given=_lines(paths),
            fine=(0, _NOT_FOUND),
        )
        if self.settings.backend in _WITH_FOLDERS:
            for folder in emptied:
                where = (
                    f"{self.target.removesuffix('/')}/{folder}"
                    if self.settings.path
                    else self.target + folder
                )
                self.program.run(["rmdirs", where], fine=(0, _NOT_FOUND))

    def listed(self) -> Mapping[str, str]:
        """All files, with their MD5 where the store knows it."""
        words = ["lsjson", "-R", "--files-only", "--hash", "--no-modtime", "--no-mimetype", self.target]
        told = self.program.run(words, fine=(0, _NOT_FOUND)) or b"[]"
        found: list[dict[str, Any]] = json.loads(told) if told.strip().endswith(b"]") else []
        return {one["Path"]: _hash(one.get("Hashes") or {}) for one in found}

    def purge(self) -> str:
        """Delete old versions from a bucket that keeps them, and look whether any is left."""
        if not self.is_versioned:
            return ""
        self.program.run(["backend", "cleanup-hidden", self.target])
        left = self.program.run(["lsf", "-R", "--files-only", "--s3-versions", self.target])
        now = self.program.run(["lsf", "-R", "--files-only", self.target])
        old = set(left.splitlines()) - set(now.splitlines())
        if old:
            raise PlaceError(f"the bucket still keeps {len(old)} old versions after they were deleted")
        return "the bucket keeps old versions; they were deleted, and none is left"


def _hash(hashes: Mapping[str, str]) -> str:
    return f"md5:{hashes['md5']}" if hashes.get("md5") else ""


def _lines(paths: Sequence[str]) -> bytes:
    return "".join(f"{path}\n" for path in paths).encode()
