"""What every dialect has: a folder, a way to write the corpus there, a command, a version."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench.corpus import DEFAULT_LANGUAGE, LANGUAGES, Corpus, Item, Texts
from bench.counts import Difference


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the programs are. `checkout` holds Tocsin; `python` is the interpreter with its libraries.

    `environment` is one as Tocsin's users have it, without test tools; None for that of `checkout`.
    """

    checkout: Path
    python: Path
    hugo: Path | None = None
    eleventy: Path | None = None
    environment: Path | None = None


@dataclass
class Edits:
    """Files changed since the corpus was written, as they were; None for those that were not there."""

    before: dict[Path, bytes | None] = field(default_factory=dict)

    def write(self, path: Path, data: bytes) -> None:
        if path not in self.before:
            self.before[path] = path.read_bytes() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def undo(self) -> None:
        """Put every file back; folders that an edit made go with their last file."""
        for path, data in self.before.items():
            if data is not None:
                path.write_bytes(data)
                continue
            path.unlink(missing_ok=True)
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        self.before.clear()


class Dialect(ABC):
    """One tool and its copy of the corpus in `folder`."""

    name: str
    title: str
    # True for a tool that builds only what changed; others build everything at every run.
    incremental = False
    # The languages whose documents stand in its lists.
    lists_in: Sequence[str] = LANGUAGES
    # Why an item's page of this tool says less than Tocsin's, where it does.
    leaner = ""
    # Folders and files of `folder` that a build makes; without them the next build is a cold one.
    made: tuple[str, ...] = ()
    output = "output"

    def __init__(self, folder: Path, tools: Tools) -> None:
        self.folder = folder
        self.tools = tools
        self.edits = Edits()

    @property
    def tree(self) -> Path:
        """The folder of the built site."""
        return self.folder / self.output

    @abstractmethod
    def version(self) -> str:
        """The tool and its version, as it says itself."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What a user would type, as a list of words; run in `folder`."""

    def environment(self) -> Mapping[str, str]:
        """Variables that the command needs beside the ordinary ones."""
        return {}

    @abstractmethod
    def prepare(self, corpus: Corpus) -> None:
        """Write everything but the items: settings, templates, shared data."""

    @abstractmethod
    def files(self, item: Item, texts: Texts, languages: Sequence[str] = LANGUAGES) -> dict[str, str]:
        """The files of an item in the given languages: path below `folder`, text."""

    @abstractmethod
    def theme_files(self) -> list[Path]:
        """The templates that frame pages; a line added to each of them changes every page."""

    def differences(self, corpus: Corpus) -> Sequence[Difference]:
        """Where this tool writes other numbers of pages than the plan of the corpus, and why."""
        return ()

    # What every dialect does alike.

    def begin(self, corpus: Corpus) -> None:
        """Make the folder anew, with everything but the items."""
        self.corpus = corpus
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.prepare(corpus)

    def add(self, item: Item, texts: Texts) -> None:
        """Write an item of the corpus."""
        for path, text in self.files(item, texts).items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")

    def edit(self, item: Item, texts: Texts, languages: Sequence[str] = LANGUAGES) -> None:
        """Write an item as a scenario changes it; `restore` undoes that."""
        for path, text in self.files(item, texts, languages).items():
            self.edits.write(self.folder / path, text.encode())

    def edit_theme(self, mark: str) -> None:
        """Add a visible line to every template that frames pages."""
        for path in self.theme_files():
            text = path.read_text(encoding="utf-8")
            if "</body>" not in text:
                raise ValueError(f"{path.name} does not end a page; the theme cannot be changed there")
            self.edits.write(path, text.replace("</body>", f"<p>{mark}</p>\n</body>").encode())

    def restore(self) -> None:
        """Undo every edit since the corpus was written."""
        self.edits.undo()

    def forget(self) -> None:
        """Put aside whatever a build has left, so that the next one is cold.

        It is not deleted: for some minutes ext4 looks at every inode that was freed before it gives one out,
        which costs whoever builds next some seconds, and whoever builds after that less.
        """
        aside = self.folder.with_name(f"{self.folder.name}-aside")
        aside.mkdir(exist_ok=True)
        number = sum(1 for _ in aside.iterdir())
        for name in (self.output, *self.made):
            path = self.folder / name
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
            else:
                path.rename(aside / f"{number}-{name.replace('/', '-')}")

    def end(self) -> None:
        """Delete what was put aside."""
        shutil.rmtree(self.folder.with_name(f"{self.folder.name}-aside"), ignore_errors=True)

    def page(self, item: Item, language: str) -> Path:
        """The output file of an item."""
        return self.tree / address(item, language) / "index.html"


def home(language: str) -> str:
    return "" if language == DEFAULT_LANGUAGE else f"{language}/"


def address(item: Item, language: str) -> str:
    """Where an item stands; the same in every tool: `fr/appeals/<slug>/`."""
    return f"{home(language)}{item.section}/{item.slug}/"


def front_matter(values: Mapping[str, Any]) -> str:
    """YAML front matter. JSON is YAML, so every value but a day is written as JSON writes it."""
    lines = [
        f"{key}: {value if isinstance(value, date) else json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
    ]
    return "---\n" + "\n".join(lines) + "\n---\n\n"
