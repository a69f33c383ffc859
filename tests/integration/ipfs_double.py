"""Stands in for the program `ipfs`, as far as publishing calls it: adds folders, reads, pins, forgets them.

Its addresses are digests of what is in a folder; they only look like CIDs. What it is told is in `calls`.
"""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path


def main(words: list[str]) -> int:
    store = Path(os.environ["IPFS_PATH"])
    store.mkdir(parents=True, exist_ok=True)
    with (store / "calls").open("a") as calls:
        calls.write(json.dumps(words) + "\n")
    pins = set((store / "pins").read_text().split()) if (store / "pins").exists() else set()
    options = [word for word in words if word.startswith("-")]
    command, *rest = [word for word in words if not word.startswith("-")]
    if command == "add" and "--recursive" in options and "--quieter" in options:
        folder = Path(rest[0])
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        told = hashlib.sha256()
        for path in files:
            told.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
        address = f"bafy{told.hexdigest()[:40]}"
        shutil.copytree(folder, store / address, dirs_exist_ok=True)
        pins.add(address)
        print(address)
    elif command == "cat":
        sys.stdout.buffer.write((store / rest[0]).read_bytes())
    elif [command, *rest[:1]] == ["pin", "rm"]:
        pins.discard(rest[1])
    elif [command, *rest[:1]] == ["repo", "gc"]:
        for path in store.glob("bafy*"):
            if path.name not in pins:
                shutil.rmtree(path)
    elif [command, *rest[:1]] != ["name", "publish"]:
        print(f"Error: unknown command {words}", file=sys.stderr)
        return 1
    (store / "pins").write_text("\n".join(sorted(pins)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
