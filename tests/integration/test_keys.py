"""`keys` as people give it: three of them, each with a machine of their own, sticks between them.

Throughout, nothing that is secret may be said, shown or left lying about.
"""

import base64
import json
import os
import pty
import select
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import icalendar
import pytest

from tests.small_sites import copy_of
from tests.unit.keys.people import folder, make_root_of, wanted
from tocsin.console import _parser, keys
from tocsin.console.own_keys import at_hand, opened
from tocsin.errors import SigningError
from tocsin.keys.folder import SigningFolder
from tocsin.keys.keyfile import read_key, write_key
from tocsin.reporting import BufferReporter

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "five words nobody will guess"
SIGNING = """
[signing.root]
people = ["ana", "bo", "chen"]
threshold = 2

[signing.targets]
people = ["ana", "dara"]
threshold = 1

[signing.online]
people = ["timer"]
"""

Give = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = copy_of("base", tmp_path)
    with (root / "site.toml").open("a") as file:
        file.write(SIGNING)
    return root


@pytest.fixture
def give(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Give:
    """Give a command as somebody, on their own machine; what was said on all channels."""
    # What a guess costs is measured in tests/unit/keys; here everybody would wait for it.
    monkeypatch.setattr(keys, "write_key", partial(write_key, rounds=1))

    def give(who: str, *words: object, status: int = 0, secret: str = PASSPHRASE, root: Path = site) -> str:
        monkeypatch.setenv("TOCSIN_KEYS", str(tmp_path / "machines" / who))
        monkeypatch.setenv("TOCSIN_PASSPHRASE", secret)
        options = _parser("keys").parse_args(["keys", *map(str, words)])
        reporter = BufferReporter()
        assert keys.run(root, options, reporter) == status
        said = capsys.readouterr()
        return "\n".join([*reporter.details, said.out, said.err])

    return give


def refused(give: Give, who: str, *words: object, secret: str = PASSPHRASE) -> str:
    with pytest.raises(SigningError) as error:
        give(who, *words, secret=secret)
    assert secret not in str(error.value)
    return str(error.value)


@pytest.fixture
def people(give: Give) -> str:
    """Everybody has a key; all that was said meanwhile."""
    return "".join(give(name, "new", name) for name in ("ana", "bo", "chen", "dara", "timer"))


def test_a_key_ceremony_with_sticks(give: Give, people: str, site: Path, tmp_path: Path):
    said = [people, give("ana", "rotate", "--yes"), give("ana", "carry", tmp_path / "stick")]
    assert "Commit signing/, so that the others can sign" in said[1]
    # Bo's machine has the program and his key, and neither site.toml nor a network.
    said.append(give("bo", "sign", tmp_path / "stick", "--yes", root=tmp_path / "program alone"))
    assert f"bo signed {tmp_path / 'stick'}/pending/1.root.json" in said[-1]
    said.append(give("ana", "fetch", tmp_path / "stick"))
    assert "Root 1 is the newest now." in said[-1]
    assert not list((site / "signing/pending").iterdir())

    # Next year: the same people again, and Chen is in Bo's place at the table.
    said += [give("chen", "rotate", "--renew", "--yes"), give("ana", "sign", "--yes")]
    assert "Root 2 is the newest now." in said[-1]
    said.append(give("dara", "status"))
    assert "sign the root of trust anew: 2 of ana, bo, chen ('keys rotate')" in said[-1]
    nothing_secret(tmp_path, "".join(said))


def nothing_secret(folder: Path, said: str) -> None:
    """No passphrase and no secret key was said or stands in any file, but for the encrypted key files."""
    secrets = [PASSPHRASE.encode()]
    for path in folder.glob("machines/*/*.key"):
        raw = read_key(path, PASSPHRASE).private.private_bytes_raw()
        secrets += [raw, raw.hex().encode(), base64.b64encode(raw)[:42]]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(secrets) > 15
    written = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    for secret in secrets:
        assert secret not in written
        assert secret not in said.encode()


def test_no_secret_key_lies_in_the_repository_or_on_a_stick(
    give: Give, people: str, site: Path, tmp_path: Path
):
    assert people
    give("ana", "rotate", "--yes")
    give("ana", "carry", tmp_path / "stick")
    for place in (site, tmp_path / "stick"):
        assert not [path for path in place.rglob("*") if path.is_file() and b"PRIVATE" in path.read_bytes()]


def test_what_a_new_key_s_owner_is_told(give: Give, site: Path, tmp_path: Path):
    said = give("ana", "new", "ana")
    path = tmp_path / "machines/ana/ana.key"
    public = read_key(path, PASSPHRASE).public
    assert (
        said
        == f"""\
The secret key is {path}.
Whoever has it and its passphrase signs as ana. What to do now:
 1. Copy ana.key onto two sticks, and keep them in two places that one fire or
    one search would not reach.
 2. Write the passphrase on paper, once, and keep it apart from the sticks.
    Nobody can find it out again.
 3. Add signing/people/ana.pub to the repository. Tell the others this
    fingerprint by telephone, so that they can compare it before they sign:
    {public.fingerprint}
 4. Who signs what stands in [signing] of site.toml. After a change there:
    python3 tasks.py keys rotate
signing/people/ana.pub

"""
    )
    assert (site / "signing/people/ana.pub").read_text() == f"{public.openssh}\n"


def test_a_name_that_is_taken_is_refused(give: Give, site: Path):
    give("ana", "new", "ana")
    assert refused(give, "bo", "new", "ana") == (
        f"{site / 'signing/people/ana.pub'} exists already; if ana needs another key, give it another name, "
        "such as ana-2"
    )


def test_keys_inside_the_repository_are_refused(
    give: Give, site: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines/ana").symlink_to(site)
    said = refused(give, "ana", "new", "ana")
    assert said.startswith("secret keys must not lie inside the repository, as ")
    assert not list(site.rglob("*.key"))
    assert not (site / "signing").exists()


def test_a_wrong_passphrase_signs_nothing(give: Give, people: str, site: Path, tmp_path: Path):
    assert people
    said = refused(give, "ana", "rotate", "--yes", secret="not what it was, surely")
    assert said == (
        f"{tmp_path / 'machines/ana/ana.key'} cannot be opened with this passphrase; type it again, "
        "and if it is right the file is damaged: take the copy on your stick"
    )
    waiting = json.loads((site / "signing/pending/1.root.json").read_bytes())
    assert waiting["signatures"] == []


def test_nobody_signs_without_having_been_asked(give: Give, people: str, site: Path):
    assert people
    assert refused(give, "ana", "rotate") == (
        "there is nobody to ask whether to sign; read what is written above, then add --yes"
    )
    assert json.loads((site / "signing/pending/1.root.json").read_bytes())["signatures"] == []


def test_who_has_no_key_that_is_needed_may_still_begin(give: Give, people: str):
    assert people
    assert "is needed for this, or it has signed already." in give("timer", "rotate", "--yes")


def test_there_may_be_nothing_to_sign(give: Give, tmp_path: Path):
    assert give("ana", "sign").strip() == "Nothing waits for a signature."
    assert refused(give, "ana", "sign", tmp_path / "none") == (
        f"{tmp_path / 'none'} is no folder; name the one on the stick that 'keys carry' made"
    )


def test_a_site_without_signing_says_how_to_begin(give: Give, site: Path):
    shutil.copy(ROOT / "tests/sites/base/site.toml", site / "site.toml")
    for action in ("status", "rotate"):
        assert refused(give, "ana", action) == (
            "site.toml has no [signing], so releases are signed by a throw-away key that nobody should "
            "trust; docs/keys.md says how to begin"
        )


def test_the_status_is_1_when_it_is_too_late(give: Give, site: Path):
    place = folder(site / "signing")
    make_root_of(place, wanted(), "ana", "bo", now=datetime.now(UTC) - timedelta(days=364))
    assert give("ana", "status").startswith("soon    by ")
    late = folder(site / "late")
    make_root_of(late, wanted(), "ana", "bo", now=datetime.now(UTC) - timedelta(days=366))
    shutil.copy(late.root_path(1), place.root_path(1))
    assert give("ana", "status", status=1).startswith("OVERDUE since ")
    (record,) = json.loads(give("ana", "status", "--json", status=1))
    assert (record["kind"], record["overdue"]) == ("root", True)


def test_the_status_writes_a_calendar(give: Give, site: Path, tmp_path: Path):
    make_root_of(folder(site / "signing"), wanted(), "ana", "bo")
    give("ana", "status", "--calendar", tmp_path / "signing.ics")
    (event,) = icalendar.Calendar.from_ical((tmp_path / "signing.ics").read_bytes()).walk("VEVENT")
    assert event["UID"] == "root@bell.example"


# Passphrases


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("TOCSIN_PASSPHRASE", raising=False)
    return monkeypatch


def test_a_timer_gets_its_passphrase_from_a_command(
    give: Give, site: Path, tmp_path: Path, without: pytest.MonkeyPatch
):
    give("timer", "new", "timer")
    without.delenv("TOCSIN_PASSPHRASE")
    command = tmp_path / "passphrase of"
    command.write_text(f'#!/bin/sh\ntest "$TOCSIN_KEY" = timer && echo "{PASSPHRASE}"\n')
    command.chmod(0o700)
    without.setenv("TOCSIN_PASSPHRASE_COMMAND", f"'{command}'")
    (key,) = at_hand(site, {read_key(tmp_path / "machines/timer/timer.key", PASSPHRASE).public.tuf.keyid})
    with opened(key) as secret:
        assert secret.public.name == "timer"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "gave no passphrase for timer: its exit status was 1"),
        ("true", "gave no passphrase for timer: its exit status was 0"),
        ("./no-such-program", "cannot be run: No such file or directory"),
        ("echo 'x", "cannot be run: it has a quote that is not closed"),
    ],
)
def test_a_command_that_prints_no_passphrase(
    give: Give, site: Path, without: pytest.MonkeyPatch, command: str, said: str
):
    without.setenv("TOCSIN_PASSPHRASE_COMMAND", command)
    assert refused(give, "timer", "new", "timer") == f"the command in TOCSIN_PASSPHRASE_COMMAND {said}"
    assert not (site / "signing").exists()


def typed(folder: Path, *answers: str) -> tuple[int, str]:
    """Run the real command in a terminal and type; its exit status and all that the terminal showed."""
    (folder / "machine").mkdir(exist_ok=True)
    program = folder / "program"
    shutil.copytree(ROOT / "tocsin", program / "tocsin", ignore=shutil.ignore_patterns("__pycache__"))
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TOCSIN_KEYS": str(folder / "machine")}
    environment.pop("TOCSIN_PASSPHRASE", None)
    words = [sys.executable, "-m", "tocsin", "keys", "new", "ana"]
    process = subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=program,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    for prompt, answer in zip((b"of ana:", b"again:"), answers, strict=True):
        while prompt not in shown:
            shown += heard(ours)
        os.write(ours, f"{answer}\n".encode())
    try:
        while more := heard(ours):
            shown += more
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(), shown.decode()


def heard(terminal: int) -> bytes:
    """What the terminal shows next; nothing for a minute is a failure, not an eternity."""
    assert select.select([terminal], [], [], 60)[0], "the program waits for something else"
    return os.read(terminal, 1000)


def test_a_passphrase_that_is_typed_is_not_shown(tmp_path: Path):
    status, shown = typed(tmp_path, PASSPHRASE, PASSPHRASE)
    assert status == 0, shown
    assert PASSPHRASE not in shown
    assert "The same again:" in shown
    assert read_key(tmp_path / "machine/ana.key", PASSPHRASE).public.name == "ana"


@pytest.mark.parametrize("words", [["new", "ana", "--passphrase", "x"], ["new", "ana", "x"]])
def test_a_passphrase_is_never_an_argument(words: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as error:
        _parser("keys").parse_args(["keys", *words])
    assert error.value.code == 2
    assert "unrecognized arguments" in capsys.readouterr().err


def test_two_passphrases_that_differ_make_no_key(tmp_path: Path):
    status, shown = typed(tmp_path, PASSPHRASE, f"{PASSPHRASE}!")
    assert status == 1
    assert "ERROR the two passphrases differ; nothing was written, begin again" in shown
    assert list((tmp_path / "machine").iterdir()) == []
    assert not (tmp_path / "program/signing").exists()


def test_the_chain_that_people_made_is_read_again(give: Give, people: str, site: Path):
    assert people
    give("ana", "rotate", "--yes")
    give("bo", "sign", "--yes")
    (root,) = SigningFolder(site / "signing", "signing").roots
    assert root.signed.roles["root"].threshold == 2
