"""Git, as far as releases need it: what the sources are, and who was first."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tocsin.errors import ReleaseError

# What a build is made from. What else lies in a checkout, such as a draft of a letter, hinders no release.
SOURCES = (
    "content",
    "data",
    "theme",
    "plugins",
    "tocsin",
    "site.toml",
    "requirements.lock",
    ":(glob)*conf.py",
)


class Repository:
    """The repository that a checkout is of; `is_there` is False outside of any, and without git."""

    def __init__(self, root: Path) -> None:
        self.root = root
        top = self._run("rev-parse", "--show-toplevel")
        self.is_there = top is not None and Path(top) == root.resolve()

    def _run(self, *words: str) -> str | None:
        """What git says; None where it fails."""
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        try:
            done = subprocess.run(
                ["git", "-C", str(self.root), *words],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
            )
        except FileNotFoundError:
            return None
        return done.stdout.rstrip("\n") if done.returncode == 0 else None

    @property
    def commit(self) -> str:
        """The commit of the checkout; "" where there is none."""
        return (self._run("rev-parse", "HEAD") or "") if self.is_there else ""

    def changed(self) -> list[str]:
        """Sources that are not as the commit has them, sorted."""
        said = self._run("status", "--porcelain", "--no-renames", "--untracked-files=all", "--", *SOURCES)
        return sorted(line[3:] for line in (said or "").splitlines())

    def has_sources_of(self, commit: str) -> bool:
        """True where the sources here are those of a commit."""
        return not self.changed() and self._run("diff", "--quiet", commit or "-", "--", *SOURCES) is not None

    @property
    def upstream(self) -> str | None:
        """The branch of other editors that this one follows; None where it follows none."""
        return self._run("rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}")

    def check_is_newest(self, folder: str) -> bool:
        """Ask the others; raise `ReleaseError` where they have released meanwhile.

        False where they could not be asked, as without a network.
        """
        upstream = self.upstream
        if upstream is None:
            return True
        asked = self._run("fetch", "--quiet") is not None
        theirs = self._run("rev-list", "--count", f"HEAD..{upstream}", "--", folder)
        if theirs not in {None, "0"}:
            raise ReleaseError(
                "another editor has released meanwhile; get that first by 'git pull', look at it with "
                "'python3 tasks.py diff', then run 'release' again"
            )
        return asked

    def record(self, folder: str, message: str) -> bool:
        """Commit a folder and push it; True where it was pushed, `ReleaseError` where others were first.

        The push is what decides between two editors: of two, the second is refused by the repository.
        """
        upstream = self.upstream
        before = self.commit
        self._must("add", "--all", "--", folder)
        if self._run("diff", "--cached", "--quiet", "--", folder) is not None:
            return upstream is not None
        self._must("commit", "--quiet", "--message", message, "--", folder)
        if upstream is None:
            return False
        remote, _, branch = upstream.partition("/")
        if self._run("push", "--quiet", remote, f"HEAD:{branch}") is not None:
            return True
        self._run("fetch", "--quiet")
        theirs = self._run("rev-list", "--count", f"HEAD..{upstream}")
        if theirs in {None, "0"}:
            return False
        self._must("reset", "--quiet", "--soft", before)
        self._must("reset", "--quiet", "--", folder)
        self._must("checkout", "--quiet", "--force", "HEAD", "--", folder)
        self._run("clean", "--quiet", "--force", "-d", "--", folder)
        raise ReleaseError(
            "another editor was first while this release was being made: it is taken back, and nothing of it "
            "is public; get theirs by 'git pull', then run 'release' again"
        )

    def _must(self, *words: str) -> None:
        if self._run(*words) is None:
            raise ReleaseError(
                f"git could not '{words[0]}'; type 'git status' to see why, mend it and run the command again"
            )
