"""Mirrors: what `mirrors.toml` states of them, for everybody, and `deploy.toml`, for those who publish."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from tocsin.model.record import Fault, Record
from tocsin.model.text import Key, Line, OnionHost, web_address
from tocsin.proxies import proxy_fault

PublicTier = Literal["public", "collateral"]
Tier = Literal["public", "collateral", "reserve"]
PlaceKind = Literal["directory", "rclone", "rsync", "git", "onion", "ipfs", "archive"]
PLACE_KINDS: tuple[PlaceKind, ...] = get_args(PlaceKind)

_EDITION = re.compile(r"[a-z2-7]{10}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


def edition_id(value: str) -> str:
    """What an edition is called: drawn at random once (docs/release-format.md, F4)."""
    if not _EDITION.fullmatch(value):
        raise ValueError(
            f"'{value}' is not the id of an edition; draw ten characters of a-z and 2-7 at random"
        )
    return value


def base_address(value: str) -> str:
    """Where a mirror serves its tree, with `/` at the end. Without TLS only as onion or on this machine."""
    found = urlsplit(web_address(value))
    if found.query or found.fragment or not value.endswith("/"):
        raise ValueError(f"'{value}' is not the address of a folder; write it with '/' at its end")
    host = found.hostname or ""
    if found.scheme == "http" and not host.endswith(".onion") and not is_loopback(host):
        raise ValueError(f"'{value}' can be read and changed on its way; use an address with 'https://'")
    return value


def is_loopback(host: str) -> bool:
    """True for names and numbers of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_address(value: str) -> str:
    """A proxy that also asks for names, so that nobody on the way learns which mirror is meant."""
    if fault := proxy_fault(value):
        raise ValueError(fault)
    return value


def variable_name(value: str) -> str:
    """The name of an environment variable."""
    if not _VARIABLE.fullmatch(value):
        raise ValueError("must be the name of an environment variable, such as 'S3_SECRET'; not its value")
    return value


EditionId = Annotated[str, AfterValidator(edition_id)]
BaseAddress = Annotated[str, AfterValidator(base_address)]
ProxyAddress = Annotated[str, AfterValidator(proxy_address)]
VariableName = Annotated[str, AfterValidator(variable_name)]


class _Facts(Record):
    """What is said of every mirror, whoever may know of it."""

    edition: EditionId | None = Field(
        None, description="id of its edition: ten characters of `a-z` and `2-7`, drawn once; none for ipfs"
    )
    address: BaseAddress = Field(description="address that it is reached at, with `/` at its end")
    kind: PlaceKind = Field(description="how it is published to")
    label: Line | None = Field(None, description="what readers are told it is, such as who runs it")
    onion: OnionHost | None = Field(None, description="host of an onion service with the same edition")

    def faults(self) -> Iterator[Fault]:
        if self.kind == "ipfs" and self.edition:
            yield "edition", "belongs to kinds other than ipfs, which gets the offline edition; delete it"
        if self.kind != "ipfs" and not self.edition:
            yield "edition", "is missing; add ten characters of a-z and 2-7, drawn at random"


class MirrorFacts(_Facts):
    """A mirror that readers are told of. `collateral`: on a host that a censor does not like to block."""

    tier: PublicTier = Field(
        "public", description="`public`, or `collateral`: on a host that many others use"
    )


class MirrorsFile(Record):
    """The whole of `mirrors.toml`."""

    schema_: Literal[1] = Field(alias="schema", description="version of the form of this file")
    mirrors: dict[Key, MirrorFacts] = Field(description="mirrors by name, one table each")


class Secret(Record):
    """A secret: never written here, but where it is found."""

    environment: VariableName | None = Field(None, description="environment variable that holds it")
    command: tuple[Line, ...] = Field((), description="program with its arguments that prints it")

    def faults(self) -> Iterator[Fault]:
        if bool(self.environment) == bool(self.command):
            yield "environment", "or 'command' must be given, and only one of them"


class DirectorySettings(Record):
    """A folder of this machine, or one that is mounted here."""

    folder: Line = Field(description="the folder; relative to the checkout")


class RcloneSettings(Record):
    """An object store, WebDAV, SFTP, FTP: whatever rclone knows."""

    backend: Line = Field(description="rclone's name for the kind of store, such as `s3`, `webdav`, `sftp`")
    path: Line = Field("", description="bucket and folder, or folder")
    options: dict[Line, Line] = Field(
        default_factory=dict, description="rclone's options of the store, such as `endpoint`"
    )
    secrets: dict[Line, Secret] = Field(
        default_factory=dict, description="options that are secret, and where they are found"
    )
    versions: Literal["ask", "none"] = Field(
        "ask", description="`none`: you know that the store keeps no old versions, and it cannot be asked"
    )


class RsyncSettings(Record):
    """A server that is reached by ssh.

    With a shell each release lies in a folder of its own and a link is switched; a key that may only write
    (`rrsync -wo`) puts files into the one folder.
    """

    host: Line = Field(description="host")
    user: Line = Field(description="name to log in by")
    port: int = Field(22, ge=1, le=65535, description="port")
    folder: Line = Field("", description="folder on the server; within that of `rrsync`, where that is used")
    key: Line = Field(description="file of the ssh key, without passphrase or held by an agent")
    known_hosts: Line = Field(description="file with the server's public key, as `ssh-keyscan` writes it")
    shell: bool = Field(False, description="the key may run commands")


class GitSettings(Record):
    """A branch of a repository, from which a host serves pages."""

    repository: Line = Field(description="address of the repository: `ssh://`, `https://` or a folder")
    branch: Line = Field("main", description="branch that is served; it is replaced every time")
    key: Line | None = Field(None, description="file of the ssh key")
    known_hosts: Line | None = Field(None, description="file with the host's public key")
    user: Line = Field("git", description="name that goes with the password, for `https://`")
    password: Secret | None = Field(None, description="token or password, for `https://`")


class OnionSettings(Record):
    """A folder of this machine that is served as an onion service, with settings for tor and nginx."""

    folder: Line = Field(description="folder for the tree and, beside it, the settings")
    service: Line = Field(description="tor's folder of the service, with its key: `HiddenServiceDir`")
    port: int = Field(8199, ge=1, le=65535, description="port on 127.0.0.1 between tor and nginx")


class IpfsSettings(Record):
    """An IPFS node of this machine, asked by its program."""

    repository: Line | None = Field(None, description="folder of the node (`IPFS_PATH`)")
    program: Line = Field("ipfs", description="name or path of the program")
    name: Key | None = Field(None, description="key of the node under which the newest is announced (IPNS)")


class ArchiveSettings(Record):
    """ZIP archives, on a stick perhaps."""

    folder: Line = Field(description="folder for the archive")


Settings = (
    DirectorySettings
    | RcloneSettings
    | RsyncSettings
    | GitSettings
    | OnionSettings
    | IpfsSettings
    | ArchiveSettings
)


class _Ways(Record):
    """How a mirror is reached: settings of its kind, in a table that bears the kind's name."""

    proxy: ProxyAddress | None = Field(None, description="way to the mirror: `socks5h://127.0.0.1:9050`")
    bandwidth: int | None = Field(None, ge=1, description="kilobytes a second, at most")
    attempts: int = Field(4, ge=1, le=20, description="how often a step is tried")
    directory: DirectorySettings | None = Field(None, description="for a folder")
    rclone: RcloneSettings | None = Field(None, description="for whatever rclone knows")
    rsync: RsyncSettings | None = Field(None, description="for a server reached by ssh")
    git: GitSettings | None = Field(None, description="for a repository")
    onion: OnionSettings | None = Field(None, description="for an onion service")
    ipfs: IpfsSettings | None = Field(None, description="for an IPFS node")
    archive: ArchiveSettings | None = Field(None, description="for ZIP archives")

    @property
    def settings(self) -> Mapping[PlaceKind, Settings]:
        """The tables that there are."""
        found = {kind: getattr(self, kind) for kind in PLACE_KINDS}
        return {kind: value for kind, value in found.items() if value is not None}


class Deployment(_Ways):
    """How to reach a mirror of `mirrors.toml`."""


class Reserve(_Facts, _Ways):
    """A mirror that nobody is told of yet: its facts, and how to reach it."""

    def faults(self) -> Iterator[Fault]:
        yield from _Facts.faults(self)


class DeployFile(Record):
    """The whole of `deploy.toml`, which is not in the repository."""

    schema_: Literal[1] = Field(alias="schema", description="version of the form of this file")
    mirrors: dict[Key, Deployment] = Field(default_factory=dict, description="how to reach mirrors, by name")
    reserve: dict[Key, Reserve] = Field(
        default_factory=dict, description="mirrors that stand in no output, by name"
    )
