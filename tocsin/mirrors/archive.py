"""One ZIP archive in a folder, on a stick perhaps: for a courier, or to be handed on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from tocsin.errors import BuildError
from tocsin.files import put_below, remove_below
from tocsin.mirrors.place import Abilities, Place, PlaceError, disk_said
from tocsin.model.mirrors import ArchiveSettings
from tocsin.signed.edition import Edition

_LEFT = "whoever was given an archive has it; tell them to delete it"
# The first instant that a ZIP can state, and what makes it the same on every machine (F27).
_DATE, _UNIX, _PLAIN_FILE = (1980, 1, 1, 0, 0, 0), 3, 0o100644 << 16


class Archive(Place[ArchiveSettings]):
    """The archive of the last release is deleted once the new one is written and read back."""

    abilities = Abilities(is_whole=True, recalls=False, left=_LEFT, is_served=False)

    def replace(self, edition: Edition, put: Sequence[str], gone: Sequence[str], note: str) -> str:
        """Write the archive; its name is what is remembered."""
        folder = self.path(self.settings.folder)
        about = edition.about
        name = f"{about.site}-{about.release}-{about.edition}.zip"
        try:
            data = packed(edition)
            put_below(folder, name, data)
            if (folder / name).read_bytes() != data:
                raise PlaceError(f"{name} is not what was written; the stick may be worn out")
            if note and note != name:
                remove_below(folder, note)
        except OSError as error:
            raise PlaceError(disk_said(error), is_final=True) from None
        except BuildError as error:
            raise PlaceError(str(error), is_final=True) from None
        self.said += [f"the archive is {name}"]
        return name


def packed(edition: Edition) -> bytes:
    """A ZIP of an edition, the same bytes on every machine: entries sorted, and stored as they are (F27)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(edition.files, key=str.encode):
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            archive.writestr(entry, edition.read(path))
    return made.getvalue()
