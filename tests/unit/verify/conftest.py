"""A site with two releases, made once: tests take copies of its trees."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulator import HERE, NOW, Office, Tree, pages, serving, write_folder
from tocsin.reporting import SilentReporter
from tocsin.verify.sources import FolderSource, Source
from tocsin.verify.trusted import Accepted
from tocsin.verify.verdicts import Report, Verdict
from tocsin.verify.verifying import Options, Trust, verify
from tocsin.verify.web import WebSource

FIRST, SECOND = "2026.11.21.1", "2026.11.22.1"


@dataclass
class History:
    """An office after two releases, and the trees of both by edition."""

    office: Office
    first: dict[str, Tree]
    second: dict[str, Tree]

    @property
    def root(self) -> bytes:
        return self.office.roots[1]


@pytest.fixture(scope="session")
def history() -> History:
    office = Office()
    first = office.release(pages(1), FIRST)
    office.now = NOW + timedelta(days=1)
    return History(office, first, office.release(pages(2), SECOND))


@pytest.fixture
def first(history: History) -> Tree:
    return dict(history.first[HERE])


@pytest.fixture
def second(history: History) -> Tree:
    return dict(history.second[HERE])


@dataclass
class Desk:
    """Somebody who verifies, and remembers."""

    folder: Path
    root: bytes
    count: int = 0
    options: dict[str, object] = field(default_factory=dict)
    accepted: Accepted = field(default_factory=Accepted)

    def judge(self, source: Source, *, root: bytes | None = None, **options: object) -> Report:
        chosen = {"at": NOW + timedelta(hours=1), "memory": self.folder / "trust", **self.options, **options}
        others = (chosen.pop("witnesses", ()), chosen.pop("signers", ()))
        trust = Trust(root or self.root, *others, self.accepted)  # type: ignore[arg-type]
        return verify(source, trust, Options(**chosen), SilentReporter())  # type: ignore[arg-type]

    def place(self, tree: Tree, name: str = "") -> Path:
        """A folder that holds a tree and nothing else; of the same name it is the same place."""
        self.count += 1
        folder = self.folder / (name or f"copy-{self.count}")
        if folder.exists():
            folder.rename(self.folder / f"old-{self.count}")
        return write_folder(tree, folder)

    def folder_of(self, tree: Tree, name: str = "", **options: object) -> Report:
        return self.judge(FolderSource(self.place(tree, name)), **options)


@pytest.fixture
def desk(tmp_path: Path, history: History) -> Desk:
    return Desk(tmp_path, history.root)


Judge = Callable[..., Report]


@pytest.fixture(params=["folder", "web", "after-honest-copies"])
def judged(request: pytest.FixtureRequest, desk: Desk, history: History) -> Judge:
    """Judge a tree as a folder, as what a server gives out, and where honest copies of both releases were
    verified before, so that their lists were accepted. The edition is for another address than loopback, so
    that is told of a server, and taken for granted here."""

    def of_folder(tree: Tree, **options: object) -> Report:
        return desk.folder_of(tree, **options)

    def of_web(tree: Tree, **options: object) -> Report:
        with serving(tree) as mirror:
            report = desk.judge(WebSource(mirror.address, patience=10), **options)
        return without(report, Verdict.NOT_THIS_EDITION)

    if request.param == "after-honest-copies":
        for trees in (history.first, history.second):
            assert desk.folder_of(dict(trees[HERE]), memory=None).release
    return of_web if request.param == "web" else of_folder


def without(report: Report, verdict: Verdict) -> Report:
    found = tuple(one for one in report.found if one.verdict is not verdict)
    return Report(report.place, report.at, found, report.notes, report.release, report.files, report.bytes)
