"""One ZIP archive in a folder, on a stick perhaps: for a courier, or to be handed on."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.errors import BuildError
from tocsin.files import put_below, remove_below
from tocsin.mirrors.place import Abilities, Place, PlaceError, disk_said
from tocsin.model.mirrors import ArchiveSettings
from tocsin.signed.archive import pack
from tocsin.signed.edition import Edition

_LEFT = "whoever was given an archive has it; tell them to delete it"


class Archive(Place[ArchiveSettings]):
    """The archive of the last release is deleted once the new one is written and read back."""

    abilities = Abilities(is_whole=True, recalls=False, left=_LEFT, is_served=False)

    def replace(self, edition: Edition, put: Sequence[str], gone: Sequence[str], note: str) -> str:
        """Write the archive; its name is what is remembered."""
        folder = self.path(self.settings.folder)
        about = edition.about
        name = f"{about.site}-{about.release}-{about.edition}.zip"
        try:
            data = pack(edition.files, edition.read)
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
