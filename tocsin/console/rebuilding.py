"""`verify --rebuild`: does a commit make what was signed? By a second build, elsewhere, from nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tocsin.console.content import content_of, left_by_build
from tocsin.console.facts import the_site
from tocsin.errors import VerifyError
from tocsin.release.manifest import Content
from tocsin.render.stamps import restamp
from tocsin.reporting import Reporter
from tocsin.signed.edition import File
from tocsin.signed.paths import METADATA, RELEASE
from tocsin.verify.release import VerifiedRelease
from tocsin.verify.verdicts import Found, Note, Report, Verdict

_COMMIT = re.compile(r"[\w./~^@-]+")


def rebuild_and_compare(root: Path, report: Report, commit: str, reporter: Reporter) -> Report:
    """The report, with what the release has otherwise than a build of a commit; nothing to add without one.

    Raises `VerifyError` where the commit cannot be built.
    """
    release = report.release
    if release is None:
        return report
    if not release.about.as_of or not release.about.address:
        raise VerifyError("an edition for handing on is part of a release; rebuild the release itself")
    full = _commit(root, commit)
    with tempfile.TemporaryDirectory(prefix="tocsin-rebuild-") as folder:
        clone = Path(folder) / "clone"
        reporter.step(f"Building {commit} anew, as of {release.about.as_of}")
        _git(root, "clone", "--quiet", "--shared", "--no-checkout", ".", str(clone))
        _git(clone, "checkout", "--quiet", "--detach", full)
        built = _build(clone, release, full)
        found = tuple(_differences(_files(clone, built, release), release, full))
    own = sum(not _is_apart(path) for path in release.files)
    made = "made here again, byte for byte" if not found else "compared with what it makes"
    text = f"Commit {full[:12]} was built here from nothing; {own} files of the site were {made}."
    note = Note("rebuild", text)
    return replace(report, found=(*report.found, *found), notes=(*report.notes, note))


def _commit(root: Path, commit: str) -> str:
    """The whole name of a commit of the repository."""
    if commit.startswith("-") or not _COMMIT.fullmatch(commit):
        raise VerifyError(f"'{commit}' is not the name of a commit")
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    except VerifyError:
        raise VerifyError(f"git knows no commit '{commit}' here; 'git fetch' may bring it") from None


def _git(folder: Path, *words: str) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except FileNotFoundError:
        raise VerifyError("to rebuild a commit takes git: apt install git") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise VerifyError(f"'git {words[0]}' failed: {said[-1] if said else 'no reason given'}")
    return done.stdout.strip()


def _build(clone: Path, release: VerifiedRelease, commit: str) -> Content:
    """Build with the program as that commit has it; what came of it."""
    command = [sys.executable, "-P", "-X", "utf8", "-m", "tocsin", "build", "--clean"]
    command += ["--at", release.about.as_of]
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    done = subprocess.run(
        command, cwd=clone, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        reason = said[-1] if said else "no reason given"
        raise VerifyError(f"commit {commit[:12]} does not build here: {reason}")
    with closing(left_by_build(clone, clone / "output")) as state:
        return content_of(state, the_site(clone), release.about.as_of, commit)


def _files(clone: Path, content: Content, release: VerifiedRelease) -> dict[str, File]:
    """What the build makes, stamped for the address of the edition."""
    files = dict(content.common)
    for path, file in content.stamped.items():
        data = (clone / "output" / path).read_bytes()
        data = restamp(data, file.stamps, content.base, release.about.address)
        files[path] = File.of(data)
    return files


def _is_apart(path: str) -> bool:
    """What a release adds to what was built."""
    return path.startswith((f"{METADATA}/", f"{RELEASE}/"))


def _differences(built: Mapping[str, File], release: VerifiedRelease, commit: str) -> Iterator[Found]:
    name = commit[:12]
    signed = {path: file for path, file in release.files.items() if not _is_apart(path)}
    for path in sorted(built.keys() | signed.keys()):
        if path not in built:
            yield Found(Verdict.ALTERED, path, f"was signed, and commit {name} does not make it")
        elif path not in signed:
            yield Found(Verdict.ALTERED, path, f"was not signed, and commit {name} makes it")
        elif built[path] != signed[path]:
            yield Found(Verdict.ALTERED, path, f"is not what commit {name} makes")
