"""Servers reached by ssh: a key that may only write fills one folder; with a shell a link is switched."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from tocsin.mirrors.configured import Reached
from tocsin.mirrors.place import Abilities, Place
from tocsin.mirrors.programs import Program, ssh_command
from tocsin.model.mirrors import RsyncSettings
from tocsin.signed.edition import Edition, Turn
from tocsin.signed.paths import TIMESTAMP

# Files are made anew beside and renamed; nothing is read there, and no time of this machine is told.
_WAY = ("--whole-file", "--ignore-times", "--perms", "--chmod=D755,F644", "--timeout=120", "--from0")
RELEASES, CURRENT = "releases", "current"


class Rsync(Place[RsyncSettings]):
    """Without a shell nothing can be read or listed there, by us or by whoever steals the key."""

    def __init__(self, reached: Reached, root: Path, workshop: Path) -> None:
        super().__init__(reached, root, workshop)
        self.abilities = Abilities(is_whole=self.settings.shell, limits=True, proxied=True)

    @cached_property
    def _ssh(self) -> list[str]:
        settings = self.settings
        key, hosts = self.path(settings.key), self.path(settings.known_hosts)
        return ssh_command(key, hosts, settings.port, self.reached.proxy)

    @cached_property
    def _rsync(self) -> Program:
        return Program("rsync", {"RSYNC_RSH": shlex.join(self._ssh)}, stop=self.stop)

    def _send(self, folder: Path, target: str, words: Sequence[str], paths: Sequence[str]) -> None:
        settings = self.settings
        limit = [f"--bwlimit={self.reached.bandwidth}"] if self.reached.bandwidth else []
        where = f"{settings.user}@{settings.host}:{target}"
        listed = "\0".join(paths).encode()
        self._rsync.run([*_WAY, *limit, *words, "--files-from=-", f"{folder}/", where], given=listed)

    def put(self, edition: Edition, paths: Sequence[str], turn: Turn) -> None:
        """Send files into the folder."""
        with self.staged(edition, paths) as folder:
            self._send(folder, self._target(), (), paths)

    def delete(self, paths: Sequence[str], emptied: Sequence[str]) -> None:
        """Have the server delete what the list names and we do not have."""
        self._delete(self._target(), paths, emptied)

    def _delete(self, target: str, paths: Sequence[str], emptied: Sequence[str]) -> None:
        inside = tuple(f"{one}/" for one in emptied)
        kept = [path for path in paths if not path.startswith(inside)]
        with self.emptiness({path.rpartition("/")[0] for path in (*kept, *emptied)}) as folder:
            self._send(folder, target, ["--delete-missing-args", "--force"], [*kept, *emptied])

    def _target(self) -> str:
        return f"{self.settings.folder.removesuffix('/')}/" if self.settings.folder else "./"

    # With a shell: a folder for each release, and a link that servers follow.

    def replace(self, edition: Edition, put: Sequence[str], gone: Sequence[str], note: str) -> str:
        """Make a folder of the release beside the last one, from it where that is still there, and switch."""
        pointer = edition.read(TIMESTAMP) if TIMESTAMP in edition.files else b""
        name = f"{shlex.quote(edition.about.release)}-{hashlib.sha256(pointer).hexdigest()[:8]}"
        past = shlex.quote(note or "-")
        is_there = self._shell(f"mkdir -p {RELEASES}; test -d {RELEASES}/{past} && echo yes || true")
        is_based = bool(note) and is_there.strip() == b"yes"
        part = f"{RELEASES}/{name}.part"
        copied = f"cp -al {RELEASES}/{past} {part}" if is_based else f"mkdir {part}"
        self._shell(f"rm -rf {part} && {copied}")
        target = f"{self._target()}{part}/"
        paths = put if is_based else list(edition.files)
        with self.staged(edition, paths) as folder:
            self._send(folder, target, (), paths)
        if is_based and gone:
            self._delete(target, gone, ())
            self._shell(f"find {part} -mindepth 1 -type d -empty -delete")
        self._shell(
            f"rm -rf {RELEASES}/{name} && mv -T {part} {RELEASES}/{name} "
            f"&& ln -sfn {RELEASES}/{name} {CURRENT}.new && mv -T {CURRENT}.new {CURRENT}"
        )
        self._shell(f'cd {RELEASES} && for old in *; do [ "$old" = {name} ] || rm -rf -- "$old"; done')
        return name

    def _shell(self, line: str) -> bytes:
        settings = self.settings
        ssh = Program("ssh", {}, stop=self.stop)
        words = [*self._ssh[1:], "--", f"{settings.user}@{settings.host}"]
        folder = shlex.quote(settings.folder or ".")
        return ssh.run([*words, f"mkdir -p {folder} && cd {folder} && {{ {line}; }}"])
