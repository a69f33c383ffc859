"""What lies beside the texts of an item: its pictures and the files of its editions."""

from __future__ import annotations

from pathlib import Path

from tocsin.errors import PictureError
from tocsin.ledger.sources import MAX_FILE, digest_of
from tocsin.library.faults import Findings, did_you_mean, one_of
from tocsin.library.folders import ItemFolder
from tocsin.library.frontmatter import Source
from tocsin.library.records import ItemRecord, group_of
from tocsin.model.report import MEDIA_TYPES
from tocsin.pictures import inspect, inspect_cover, refuse_weight


class Beside:
    """The files of one folder while its texts are read: each must be there, and each should be used."""

    def __init__(self, root: Path, folder: ItemFolder, record: ItemRecord, findings: Findings) -> None:
        self.root = root
        self.folder = folder
        self.record = record
        self.findings = findings
        self.used: set[str] = set()

    def take_picture(self, name: str, path: str, line: int) -> None:
        """Look at the head of a picture file: is it there, and is it one that can be published?"""
        if not self._is_there(name, "picture", path, line) or name in self.used:
            return
        self.used.add(name)
        place = f"{self.folder.path}/{name}"
        try:
            refuse_weight((self.root / place).stat().st_size)
            self.record.pictures[name] = inspect((self.root / place).read_bytes(), name=name)
        except PictureError as error:
            self.findings.error(place, 0, f"{error}", "picture")
        except OSError as error:
            self.findings.error(place, 0, f"cannot be read: {error.strerror}", "unreadable")

    def check(self, source: Source) -> None:
        """The item's own picture and editions exist and are described; nothing lies about unused.

        Where something is wrong with the item, what seems to be unused may only be named wrongly.
        """
        self._take_own_picture(source)
        editions = self.record.facts.get("editions")
        for number, edition in enumerate(editions if isinstance(editions, tuple) else ()):
            name = edition.get("file") if isinstance(edition, dict) else None
            line = source.line_of(("editions", number, "file"))
            if isinstance(name, str):
                self._take_document(name, str(edition.get("format")), source.path, line)
        for name in () if self.findings.failed else self.folder.others:
            if name not in self.used and name not in self.record.withdrawn_files:
                message = "is used by no text and will not be published; name it in a text, or delete it"
                self.findings.warn(f"{self.folder.path}/{name}", 0, message, "unused")

    def _take_own_picture(self, source: Source) -> None:
        file = group_of(self.record.facts, "picture").get("file")
        if not isinstance(file, str) or file != Path(file).name:
            return
        self.take_picture(file, source.path, source.line_of(("picture", "file")))
        if not self.record.words[self.record.original].get("picture_alt"):
            message = "'picture_alt' is missing; say what the picture shows, for those who do not see it"
            self.findings.error(source.path, source.line_of(("picture",)), message, "missing-alt")

    def _take_document(self, name: str, kind: str, path: str, line: int) -> None:
        """The file of an edition is there, and of a kind that can be cleaned."""
        if not self._is_there(name, "file", path, line):
            return
        self.used.add(name)
        if kind not in MEDIA_TYPES or not name.lower().endswith(f".{kind}"):
            known = one_of([f".{ending}" for ending in MEDIA_TYPES])
            message = f"file '{name}' cannot be published as '{kind}'; its name must end like its format"
            message += f", and only {known} can be cleaned of their makers' traces"
            self.findings.error(path, line, message, "unclean-file")
            return
        place = self.root / self.folder.path / name
        if (size := place.stat().st_size) > MAX_FILE:
            message = f"has {size / 1e6:.0f} MB; the limit is {MAX_FILE // 1_000_000} MB"
            self.findings.error(f"{self.folder.path}/{name}", 0, message, "too-large")
            return
        data = place.read_bytes()
        self.record.documents[name] = digest_of(data)
        # What is no PDF at all is told when it is to be cleaned.
        if data.startswith(b"%PDF") and not group_of(self.record.facts, "picture"):
            self._take_cover(name, data)

    def _take_cover(self, name: str, data: bytes) -> None:
        """The first page stands for the picture of a report that has none."""
        try:
            self.record.pictures[name] = inspect_cover(data)
        except PictureError as error:
            self.findings.error(f"{self.folder.path}/{name}", 0, f"{error}", "picture")

    def _is_there(self, name: str, what: str, path: str, line: int) -> bool:
        if name in self.folder.others:
            return True
        if "://" in name:
            hint = "; put the file beside the text, and write its name here"
        elif self.folder.others:
            hint = did_you_mean(name, self.folder.others) or f"; there is {one_of(self.folder.others)}"
        else:
            hint = "; put it there, beside the text"
        # A draft may wait for its pictures: it shows them when they come.
        tell = self.findings.warn if self.record.facts.get("draft") is True else self.findings.error
        tell(path, line, f"{what} '{name}' is not in {self.folder.path}/{hint}", f"missing-{what}")
        return False
