"""Three mirrors from the first release on, served and looked at by the real command.

Honest ones have no fault, also while they are updated. What each fault is called: tests/unit/probing/.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.components import find
from tests.integration.checkout import Checkout, copy_built, stop
from tests.integration.far_places import wait_until_open
from tests.integration.mirrors import write_mirrors
from tests.integration.servers import free_port
from tocsin.keys.people import read_people
from tocsin.mirrors.configured import load_mirrors
from tocsin.probing.faults import State

FIRST = "content/appeals/2026/first/en.md"
PAGE = "appeals/first/index.html"
KYIV = """
[mirrors.kyiv]
edition = "dddddddddd"
address = "http://127.0.0.1:{port}/"
kind = "directory"
"""
MIRRORS = ("oslo", "lima", "kyiv")
LEFT = """\
oslo
  In transit:
    appeals/first/: is that of release {release}
    appeals/first/index.html: is that of release {release}
    What this means: The mirror is being updated.
    What to do: Look again in an hour; nothing needs to be done now.
"""
BROKEN = """\
oslo
  Altered:
    appeals/first/: has {size:,} bytes, and {signed:,} were signed
    appeals/first/index.html: has {size:,} bytes, and {signed:,} were signed
    What this means: Files are not what the editors signed.
    What to do: Take the mirror off the list now, then ask whoever runs it what happened.
  Planted:
    wp-login.php: is given out and is not part of the release
    What this means: There are files that the editors did not publish. Whoever opens them takes them for \
the editors' own.
    What to do: Find out who put them there before you delete them: somebody may be able to write to this \
server.
"""
NOTHING = """\
MIRROR  STATE  RELEASE       LOOKED  FILES  FOUND
oslo    Works  {release}  {depth}      N  nothing
lima    Works  {release}  {depth}      N  nothing
kyiv    Works  {release}  {depth}      N  nothing
"""


@pytest.fixture
def site(built_small: Checkout, tmp_path: Path) -> Iterator[Checkout]:
    """A site that is released and published to three mirrors, each served as `serve --mirror` does."""
    site = copy_built(built_small, tmp_path / "checkout")
    write_mirrors(site, tmp_path / "quiet")
    facts = site.root / "mirrors.toml"
    facts.write_text(facts.read_text() + KYIV.format(port=free_port()))
    (site.root / "deploy.toml").unlink()
    update(site)
    with ExitStack() as servers:
        for mirror in load_mirrors(site.root):
            servers.callback(stop, site.start("serve", "--mirror", mirror.name))
            wait_until_open(int(mirror.address.rstrip("/").rpartition(":")[2]))
        yield site


def update(site: Checkout) -> None:
    for task in ("release", "publish"):
        told = site.run(task)
        assert told.code == 0, told.out + told.err


def release_of(site: Checkout, name: str = "oslo") -> str:
    about = json.loads((site.root / f"mirrors/{name}/release/edition.json").read_bytes())
    return str(about["release"])


def assert_honest(site: Checkout, depth: str) -> None:
    told = site.run("mirrors", f"--{depth}")
    table = re.sub(r" +(?=\n)", "", re.sub(r"  \d[\d,]*(?=  )", "  N", told.out))
    assert (told.code, table) == (0, NOTHING.format(release=release_of(site), depth=depth))
    assert [line for line in told.err.splitlines() if "WARNING" not in line] == ["* Looking at 3 mirrors"]
    assert_signed(site)
    assert states(site) == dict.fromkeys(MIRRORS, ("Works", []))


def assert_signed(site: Checkout) -> None:
    online = read_people(site.root / "demonstration/people", "people").by_name["online"]
    command = [str(find("minisign")), "-Vm", str(site.root / "status/status.json"), "-P", online.minisign]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def states(site: Checkout) -> Mapping[str, tuple[str, list[str]]]:
    record = json.loads((site.root / "status/status.json").read_bytes())
    return {one["name"]: (one["state"], one["faults"]) for one in record["mirrors"]}


@pytest.mark.real("minisign")
def test_from_the_first_release_over_a_correction_to_somebody_who_breaks_in(site: Checkout):
    assert_honest(site, "full")
    page = site.root / "mirrors/oslo" / PAGE
    old, past = page.read_bytes(), release_of(site)

    site.edit(FIRST, "A text with a [page](page:about).\n", "A text that was corrected.\n")
    assert site.run("release").code == 0
    told = site.run("mirrors", "--full")
    assert told.code == State.UPDATING
    assert states(site) == dict.fromkeys(MIRRORS, ("Is being updated", ["in transit"]))
    assert "metadata/timestamp.json: is of version 1; a newer release is known from" in told.out
    assert site.run("publish").code == 0
    assert_honest(site, "deep")

    new = page.read_bytes()
    assert len(new) < len(old)
    page.write_bytes(old)
    told = site.run("mirrors", "--full")
    assert (told.code, found(told.out)) == (State.UPDATING, LEFT.format(release=past))
    spoilt = new.replace(b"was corrected", b"was forged")
    page.write_bytes(spoilt)
    (site.root / "mirrors/oslo/wp-login.php").write_text("<?php")
    told = site.run("mirrors", "--full")
    broken = BROKEN.format(size=len(spoilt), signed=len(new))
    assert (told.code, found(told.out)) == (State.HARMFUL, broken)
    assert states(site) == {
        "oslo": ("Do not use", ["altered", "planted"]),
        "lima": ("Works", []),
        "kyiv": ("Works", []),
    }
    assert_signed(site)
    assert "wp-login" not in (site.root / "status/status.json").read_text()


def found(out: str) -> str:
    """What stands below the table."""
    return out.partition("\n\n")[2]
