"""The archive of an offline edition: one ZIP with its list of digests and both signatures (F26, F27)."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tocsin.signed.edition import About, Edition, File
from tocsin.signed.paths import EDITION_FILE, MINISIG, SSHSIG, SUMS, UNLISTED, fault_of_path
from tocsin.signed.sums import write_sums

Minisign = Callable[[bytes, str], bytes]
Sshsig = Callable[[bytes], bytes]


def signed_files(
    files: Mapping[str, bytes], about: About, minisign: Minisign, sshsig: Sshsig
) -> dict[str, bytes]:
    """The files of an edition with what proves them: `edition.json`, the list, and its two signatures.

    `minisign` gives a whole signature file for data and trusted comment, `sshsig` an armoured signature.
    Raise `ValueError` for a path that no release has (F2).
    """
    for path in files:
        if fault := fault_of_path(path):
            raise ValueError(f"{path} {fault}")
    if known := sorted({*UNLISTED, EDITION_FILE} & files.keys()):
        raise ValueError(f"{known[0]} is made here")
    listed = {**files, EDITION_FILE: about.as_json()}
    sums = write_sums({path: hashlib.sha256(data).hexdigest() for path, data in listed.items()})
    return {**listed, SUMS: sums, MINISIG: minisign(sums, about.comment), SSHSIG: sshsig(sums)}


def edition_in(path: Path) -> Edition:
    """The offline edition in a ZIP; raise `OSError` or `ValueError` where there is none.

    All of it is held in memory.
    """
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    if EDITION_FILE not in held:
        raise ValueError(f"{path.name} holds no {EDITION_FILE}")
    files = {name: File.of(data) for name, data in held.items()}
    return Edition(About.from_json(held[EDITION_FILE]), files, held.__getitem__)
