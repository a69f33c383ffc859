"""The archive of an offline edition: one ZIP with its list of digests and both signatures (F26, F27)."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from tocsin.signed.edition import About, Edition, File
from tocsin.signed.paths import EDITION_FILE, MINISIG, SSHSIG, SUMS, UNLISTED, fault_of_path
from tocsin.signed.sums import write_sums

# The first instant that a ZIP can state; a later one would tell when somebody worked.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16

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


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of the files, the same bytes for the same files, whatever machine or library writes it.

    Entries are stored as they are: what a compressor makes of them differs between the versions of zlib.
    """
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files, key=str.encode):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, files[path])
    return made.getvalue()


def edition_in(path: Path) -> Edition:
    """The offline edition in an archive that `pack` made; `OSError` or `ValueError` where there is none.

    All of it is held in memory.
    """
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    if EDITION_FILE not in held:
        raise ValueError(f"{path.name} holds no {EDITION_FILE}")
    files = {name: File(hashlib.sha256(data).hexdigest(), len(data)) for name, data in held.items()}
    return Edition(About.from_json(held[EDITION_FILE]), files, held.__getitem__)
