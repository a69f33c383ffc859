"""The keys of this machine, and where their passphrases come from: people, or for a timer a command.

A passphrase is never an argument, which other programs could read, and stands in no message.
"""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from tocsin.errors import SigningError
from tocsin.keys.keyfile import read_key
from tocsin.keys.own import OwnKey, key_folder, own_keys
from tocsin.keys.secret import SecretKey

COMMAND, PASSPHRASE = "TOCSIN_PASSPHRASE_COMMAND", "TOCSIN_PASSPHRASE"
# The command may want to know whose passphrase it is.
NAME = "TOCSIN_KEY"


def at_hand(checkout: Path, wanted: Collection[str]) -> list[OwnKey]:
    """The keys on this machine among those `wanted`, which are ids of TUF; nothing is opened."""
    return [key for key in own_keys(key_folder(os.environ, checkout)) if key.public.tuf.keyid in wanted]


def opened(key: OwnKey) -> SecretKey:
    """Open a key file with its passphrase; raise `SigningError` where that fails."""
    return read_key(key.path, passphrase(key.public.name))


def passphrase(name: str, *, is_new: bool = False) -> str:
    """The passphrase of a key: by the command, from the environment, or asked for without an echo."""
    if command := os.environ.get(COMMAND):
        return _by_command(command, name)
    if given := os.environ.get(PASSPHRASE):
        return given
    if not sys.stdin.isatty():
        raise SigningError(
            f"there is nobody who could type the passphrase of {name}; run this in a terminal, or name in "
            f"{COMMAND} a command that prints it"
        )
    typed = getpass.getpass(f"Passphrase of {name}: ")
    if is_new and getpass.getpass("The same again: ") != typed:
        raise SigningError("the two passphrases differ; nothing was written, begin again")
    return typed


def _by_command(command: str, name: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command), stdout=subprocess.PIPE, env={**os.environ, NAME: name}, check=False
        )
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it has a quote that is not closed"
        raise SigningError(f"the command in {COMMAND} cannot be run: {said}") from None
    printed = done.stdout.decode(errors="replace").split("\n")[0].removesuffix("\r")
    if done.returncode or not printed:
        raise SigningError(
            f"the command in {COMMAND} gave no passphrase for {name}: its exit status was {done.returncode}"
        )
    return printed
