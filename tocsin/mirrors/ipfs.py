"""A node of IPFS on this machine: permanent content only, since anybody may keep what is there for ever."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from tocsin.mirrors.place import Abilities, Place, PlaceError
from tocsin.mirrors.programs import Program
from tocsin.model.mirrors import IpfsSettings
from tocsin.signed.edition import Edition
from tocsin.signed.paths import SUMS

_LEFT = "other nodes may hold copies, which nobody can delete"
# The same bytes have the same address whoever adds them, if they are cut alike.
_ADD = (
    "add",
    "--recursive",
    "--quieter",
    "--cid-version=1",
    "--raw-leaves",
    "--chunker=size-1048576",
    "--pin",
)


class Ipfs(Place[IpfsSettings]):
    """The folder's address (CID) is what is remembered; an older one is let go."""

    abilities = Abilities(is_whole=True, recalls=False, left=_LEFT, is_served=False)

    @cached_property
    def program(self) -> Program:
        """The program of the node."""
        own = self.settings.repository
        told = {"IPFS_PATH": str(self.path(own))} if own else {}
        return Program(self.settings.program, told, stop=self.stop)

    def replace(self, edition: Edition, put: Sequence[str], gone: Sequence[str], note: str) -> str:
        """Add the folder, see that it can be read there, let go of the one before."""
        with self.staged(edition, list(edition.files)) as folder:
            told = self.program.run([*_ADD, str(folder)]).decode().split()
        if not told:
            raise PlaceError(f"{self.settings.program} did not say under which address the folder is")
        address = told[-1]
        if SUMS in edition.files and self.program.run(["cat", f"{address}/{SUMS}"]) != edition.read(SUMS):
            raise PlaceError(f"{address} is not what was added")
        if self.settings.name:
            self.program.run(
                ["name", "publish", "--quieter", f"--key={self.settings.name}", f"/ipfs/{address}"]
            )
        if note and note != address:
            self.program.run(["pin", "rm", note], fine=(0, 1))  # perhaps let go already
            self.program.run(["repo", "gc", "--quiet"])
        self.said += [f"its address is ipfs://{address}"]
        return address
