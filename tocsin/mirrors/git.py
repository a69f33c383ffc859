"""A branch that a host serves: each release is one commit without a past, in the place of the last."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property

from tocsin.mirrors.place import Abilities, Place, PlaceError
from tocsin.mirrors.programs import Program, secret_of, ssh_command
from tocsin.model.mirrors import GitSettings
from tocsin.signed.edition import Edition

_LEFT = "the host keeps earlier commits for a time, for whoever knows their numbers; ask it to delete them"
_NEXT = "refs/heads/next"
SSH_PORT = 22


class Git(Place[GitSettings]):
    """The commit is made by `git fast-import` in a repository of ours, of which only the last is kept."""

    abilities = Abilities(is_whole=True, recalls=False, left=_LEFT, proxied=True)

    @property
    def _address(self) -> str:
        address = self.settings.repository
        is_remote = "://" in address or ":" in address.partition("/")[0]
        return address if is_remote else str(self.path(address))

    @cached_property
    def program(self) -> Program:
        """git without anybody's settings, and with the credentials of this mirror."""
        settings, proxy = self.settings, self.reached.proxy
        told = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
        own: list[tuple[str, str]] = [("safe.directory", "*")]
        secrets: list[str] = []
        if settings.key and settings.known_hosts:
            key, hosts = self.path(settings.key), self.path(settings.known_hosts)
            told["GIT_SSH_COMMAND"] = shlex.join(ssh_command(key, hosts, SSH_PORT, proxy)).replace(
                f" -p {SSH_PORT}", ""
            )
        if settings.password:
            password = secret_of(settings.password)
            word = base64.b64encode(f"{settings.user}:{password}".encode()).decode()
            own.append(("http.extraHeader", f"Authorization: Basic {word}"))
            secrets = [password, word]
        if proxy:
            own.append(("http.proxy", proxy))
        told["GIT_CONFIG_COUNT"] = str(len(own))
        for number, (name, value) in enumerate(own):
            told |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return Program("git", told, secrets, stop=self.stop)

    def check(self) -> None:
        """An ssh address needs a key and the host's; neither is taken from the user's own settings."""
        is_ssh = self._address.startswith("ssh://") or ("://" not in self._address and ":" in self._address)
        if is_ssh and not (self.settings.key and self.settings.known_hosts):
            raise PlaceError(
                "needs 'key' and 'known_hosts' in deploy.toml to be reached by ssh", is_final=True
            )

    def replace(self, edition: Edition, put: Sequence[str], gone: Sequence[str], note: str) -> str:
        """Commit and push; the commit's number is what is remembered."""
        folder = self.workshop / "repository"
        here = ["--git-dir", str(folder)]
        if not (folder / "HEAD").is_file():
            self.program.run(["init", "--quiet", "--bare", "--initial-branch=next", str(folder)])
        past = self.program.run(
            [*here, "rev-parse", "--verify", "--quiet", f"{note}^{{tree}}"], fine=(0, 1, 128)
        )
        based = past.decode().strip() if note else ""
        stream = b"".join(_stream(edition, put if based else sorted(edition.files), gone, based))
        self.program.run([*here, "fast-import", "--quiet", "--force"], given=stream)
        commit = self.program.run([*here, "rev-parse", _NEXT]).decode().strip()
        branch = f"refs/heads/{self.settings.branch}"
        self.program.run([*here, "push", "--quiet", "--force", self._address, f"{_NEXT}:{branch}"])
        served = self.program.run([*here, "ls-remote", self._address, branch]).split()
        if not served or served[0].decode() != commit:
            raise PlaceError(f"the branch {self.settings.branch} is not what was pushed to it")
        if gone:  # what was withdrawn stays in no repository of ours
            self.program.run([*here, "reflog", "expire", "--expire=now", "--all"])
            self.program.run([*here, "gc", "--quiet", "--prune=now"])
        return commit


def _stream(edition: Edition, put: Sequence[str], gone: Sequence[str], based: str) -> Iterator[bytes]:
    """What `git fast-import` reads: one commit without parents, of the tree `based` where there is one."""
    about = edition.about
    day = int(datetime.fromisoformat(about.date).replace(tzinfo=UTC).timestamp())
    who = f"{about.site} <>"
    message = f"Release {about.release}\n".encode()
    yield f"reset {_NEXT}\n".encode()
    yield f"commit {_NEXT}\nauthor {who} {day} +0000\ncommitter {who} {day} +0000\n".encode()
    yield b"data %d\n%s\n" % (len(message), message)
    yield f'M 040000 {based} ""\n'.encode() if based else b"deleteall\n"
    for path in gone if based else ():
        yield f"D {_quoted(path)}\n".encode()
    for path in put:
        data = edition.read(path)
        yield f"M 100644 inline {_quoted(path)}\ndata {len(data)}\n".encode() + data + b"\n"


def _quoted(path: str) -> str:
    quoted = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'
