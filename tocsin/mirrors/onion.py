"""An onion service of this machine: the tree, and what tor and nginx have to be told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.errors import BuildError
from tocsin.files import put_below
from tocsin.mirrors.directory import Tree
from tocsin.mirrors.place import PlaceError, disk_said
from tocsin.model.mirrors import OnionSettings
from tocsin.signed.edition import Edition, Turn

TREE, TOR, NGINX, POLICY = "site", "torrc", "nginx.conf", "policy.conf"
_POLICY_OF_RELEASE = "server/nginx.conf"

_TORRC = """\
# For tor: %include this file from /etc/tor/torrc. The folder holds the key of the address: keep a copy of it
# where nobody finds it, and never let it leave your hands.
HiddenServiceDir {service}
HiddenServiceVersion 3
HiddenServicePort 80 127.0.0.1:{port}
# Readers who want in while somebody floods the service prove some work (tor 0.4.8 and later).
HiddenServicePoWDefensesEnabled 1
"""
_SERVER = """\
# For nginx: include this file in the block http. It listens on this machine only; tor stands in front.
server {{
    listen 127.0.0.1:{port};
    server_name {host};
    root "{folder}/site";
    include "{folder}/policy.conf";
}}
"""


class Onion(Tree[OnionSettings]):
    """A folder whose settings lie beside the tree, so that whoever can change the tree cannot change them."""

    @property
    def _beside(self) -> Path:
        return self.path(self.settings.folder)

    @property
    def folder(self) -> Path:
        """Where the tree lies."""
        return self._beside / TREE

    def check(self) -> None:
        """The address is that of the key, where tor has written it down."""
        told = self.path(self.settings.service) / "hostname"
        host = urlsplit(self.reached.mirror.address).hostname or ""
        if not host.endswith(".onion"):
            raise PlaceError(
                f"has the address {self.reached.mirror.address}, which is no onion", is_final=True
            )
        try:
            own = told.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return  # tor makes it when it is first started, and lets few read it
        if own != host:
            raise PlaceError(f"the key that tor holds is that of {own}, not of {host}", is_final=True)

    def put(self, edition: Edition, paths: Sequence[str], turn: Turn) -> None:
        """Write files; with the pointer also what the servers are told."""
        super().put(edition, paths, turn)
        if turn is not Turn.POINTER:
            return
        folder, settings = self._beside.resolve(), self.settings
        host = urlsplit(self.reached.mirror.address).hostname or ""
        told = {
            TOR: _TORRC.format(service=self.path(settings.service), port=settings.port),
            NGINX: _SERVER.format(port=settings.port, host=host, folder=folder),
        }
        if _POLICY_OF_RELEASE in edition.files:
            told[POLICY] = edition.read(_POLICY_OF_RELEASE).decode()
        try:
            for name, text in told.items():
                put_below(folder, name, text.encode())
        except OSError as error:
            raise PlaceError(disk_said(error), is_final=True) from None
        except BuildError as error:
            raise PlaceError(str(error), is_final=True) from None
