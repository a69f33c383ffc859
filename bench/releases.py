"""What releases cost: signing a site that was built, signing it again after an edit, and verifying it.

    .venv/bin/python -m bench.releases --documents 10000

Three editions are signed with demonstration keys. Each command runs as a whole process and holds its build,
its checks, the leak gate and the verification of what was signed. No peer signs what it makes; beside each
release stands the build alone, of the same edit.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.corpus import Corpus, make_corpus
from bench.dialects import make_dialects
from bench.dialects.dialect import Dialect
from bench.measure import measure
from bench.scenarios import SCENARIOS
from bench.tools import get_tools
from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.release.editions import editions_of
from tocsin.release.manifest import Manifest
from tocsin.reporting import SilentReporter
from tocsin.signed.edition import Edition
from tocsin.signed.paths import METADATA
from tocsin.verify.sources import FolderSource
from tocsin.verify.verdicts import Verdict
from tocsin.verify.verifying import Options, Trust, verify

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Step:
    """One thing that was done: seconds of the whole command, and what it made anew."""

    name: str
    build: float
    wall: float
    cpu: float
    largest: int
    blobs: int
    metadata: int
    metadata_bytes: int


def run(documents: int, repeat: int, work: Path) -> dict[str, object]:
    """Release a corpus, edit it and release it again; every number as plain data."""
    corpus = make_corpus(documents)
    (dialect,) = make_dialects(["tocsin"], work, get_tools(ROOT, ["tocsin"], SilentReporter()))
    dialect.begin(corpus)
    for item, texts in corpus.each():
        dialect.add(item, texts)
    dialect.forget()
    for name in ("releases", "demonstration"):
        shutil.rmtree(dialect.folder / name, ignore_errors=True)
    steps = [_step(dialect, "first release")]
    for name in ("body", "new"):
        tries = [_edited(dialect, corpus, name, number) for number in range(repeat)]
        steps.append(sorted(tries, key=lambda step: step.wall)[len(tries) // 2])
    refresh = [
        measure(_task(dialect, "refresh"), dialect.folder, dialect.environment()) for _ in range(repeat)
    ]
    return {
        "documents": documents,
        "steps": [asdict(step) for step in steps],
        "refresh": statistics.median(one.wall for one in refresh),
        **_verified(dialect),
    }


def _task(dialect: Dialect, *words: str) -> Sequence[str]:
    """A task in place of `build --at INSTANT`."""
    command = list(dialect.command())
    return [*command[: command.index("build")], *words]


def _edited(dialect: Dialect, corpus: Corpus, name: str, number: int) -> Step:
    SCENARIOS[name].apply(dialect, corpus, f"mark{number}{time.time_ns()}")
    return _step(dialect, SCENARIOS[name].title)


def _step(dialect: Dialect, name: str) -> Step:
    """Build, then release: the build stands alone so that what signing adds can be seen."""
    desk = _desk(dialect)
    before = _known(desk)
    build = measure(_task(dialect, "build"), dialect.folder, dialect.environment())
    found = measure(_task(dialect, "release"), dialect.folder, dialect.environment())
    desk = _desk(dialect)
    blobs, metadata = _known(desk), desk.workshop.state.newest()
    fresh = {name: data for name, data in metadata.items() if name not in before[1]}
    return Step(
        name,
        build.wall,
        found.wall,
        found.cpu,
        found.largest,
        len(blobs[0] - before[0]),
        len(fresh),
        sum(map(len, fresh.values())),
    )


def _desk(dialect: Dialect) -> Desk:
    return Desk(dialect.folder, the_site(dialect.folder), SilentReporter())


def _known(desk: Desk) -> tuple[set[str], set[str]]:
    """The digests in the store, and the names of the metadata."""
    names = {path.name for path in desk.workshop.state.metadata.glob("*.json")}
    return set(desk.workshop.blobs.known), names


def _verified(dialect: Dialect) -> dict[str, object]:
    """What a verifier downloads and parses, of a page and of everything."""
    desk = _desk(dialect)
    current = desk.workshop.state.current
    manifest = desk.workshop.manifest(current.release) if current else None
    if manifest is None:
        raise SystemExit("the release is not there")
    edition = next(iter(editions_of(manifest, desk.workshop.state.newest(), desk.workshop.blobs).values()))
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        place = Path(folder)
        for path in edition.files:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(edition.read(path))
        begun = time.perf_counter()
        trust = Trust((place / METADATA / "1.root.json").read_bytes())
        options = Options(at=datetime.now(UTC))
        report = verify(FolderSource(place), trust, options, SilentReporter())
        seconds = time.perf_counter() - begun
    if report.worst is not Verdict.AUTHENTIC:
        raise SystemExit(f"the edition does not verify: {report.found}")
    return {
        "files": len(edition.files),
        "bytes": sum(file.size for file in edition.files.values()),
        "verify_folder": seconds,
        "metadata": _sizes(edition, manifest),
    }


def _sizes(edition: Edition, manifest: Manifest) -> dict[str, int]:
    """Bytes of metadata: all of an edition, and what the pages of each language take."""
    size = {
        path.partition(".")[2]: file.size for path, file in edition.files.items() if path.startswith(METADATA)
    }
    fixed = edition.files[f"{METADATA}/timestamp.json"].size + size["snapshot.json"] + size["targets.json"]
    own = edition.about.edition
    sizes = {"all": sum(file.size for path, file in edition.files.items() if path.startswith(METADATA))}
    sizes[manifest.content.languages[0]] = fixed + size[f"{own}.json"] + size["site.json"]
    for code in manifest.content.languages[1:]:
        sizes[code] = fixed + size[f"{own}-{code}.json"] + size[f"{code}.json"]
    return sizes


def lines(found: dict[str, object]) -> list[str]:
    """The results as text."""
    said = []
    for step in found["steps"]:  # type: ignore[attr-defined]
        said.append(
            "{name}: {wall:.2f} s after a build of {build:.2f} s; {blobs} files kept, {metadata} lists "
            "signed ({metadata_bytes} bytes); largest process {mb:.0f} MB".format(
                **step, mb=step["largest"] / 1e6
            )
        )
    said.append(
        f"the timestamp again: {found['refresh']:.2f} s; verifying a folder of {found['files']} files "
        f"({found['bytes'] / 1e6:.0f} MB): {found['verify_folder']:.2f} s"  # type: ignore[operator]
    )
    sizes = found["metadata"]
    said.append("metadata, bytes: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))  # type: ignore[attr-defined]
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description="What releases cost.")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / ".work")
    options = parser.parse_args()
    work = options.work.resolve() / f"releases-{options.documents}"
    found = run(options.documents, options.repeat, work)
    results = Path(__file__).parent / "results" / f"releases-{options.documents}.json"
    results.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join([*lines(found), ""]))


if __name__ == "__main__":
    main()
