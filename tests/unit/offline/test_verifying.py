"""`VERIFY.<language>.txt`: its commands are taken from it and really run (F18 of docs/release-format.md)."""

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.components import find
from tocsin.ledger.store import Store
from tocsin.library.shared import load_shared, load_site
from tocsin.offline.verifying import INDENT, verify_path, verify_text
from tocsin.render.languages import Speech, load_speeches
from tocsin.signed.sums import write_sums

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("en", "fr", "es", "ar", "ru")
PROGRAMS = pytest.mark.real("minisign", "ssh-keygen", "sha256sum", "shasum")
COMMENT = "site=bell.example release=2026.11.22.1 edition=offline date=2026-11-22 expires=2027-02-20"
PAGES = {"index.html": b"<p>Home", "fr/index.html": "<p>Le début".encode()}


@pytest.fixture(scope="module")
def speeches(tmp_path_factory) -> Mapping[str, Speech]:
    store = Store(tmp_path_factory.mktemp("words") / "words.sqlite")
    site, _ = load_site(ROOT)
    shared, _ = load_shared(ROOT)
    assert site is not None
    found = load_speeches(ROOT / "theme" / "locale", site, shared, store)
    store.close()
    return found


@pytest.fixture(scope="module")
def site():
    return load_site(ROOT)[0]


def run(command: str, folder: Path) -> tuple[int, str]:
    """What a shell makes of a line that somebody copied into it."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@dataclass(frozen=True)
class Signer:
    """The public lines of a key, as other programs wrote them."""

    minisign: str
    openssh: str


ANA, BEN = Signer("RWQa", "ssh-ed25519 AAAA ana@desk"), Signer("RWQb", "ssh-ed25519 BBBB ben@desk")


@dataclass(frozen=True)
class Copy:
    """A copy that was signed with the real programs, and who signed it."""

    folder: Path
    signer: Signer


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> tuple[Path, Signer]:
    folder = tmp_path_factory.mktemp("keys")
    subprocess.run(
        [find("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "ana", "-f", folder / "ana"], check=True
    )
    subprocess.run(
        [find("minisign"), "-G", "-W", "-p", folder / "ana.minisign", "-s", folder / "ana.secret"],
        check=True,
        capture_output=True,
    )
    line = (folder / "ana.minisign").read_text(encoding="ascii").splitlines()[1]
    return folder, Signer(line, (folder / "ana.pub").read_text(encoding="ascii").strip())


@pytest.fixture
def copy(keys, tmp_path: Path) -> Copy:
    secret, signer = keys
    folder = tmp_path / "copy"
    for path, data in PAGES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "release").mkdir()
    sums = folder / "release" / "SHA256SUMS"
    sums.write_bytes(write_sums({path: sha256(data) for path, data in PAGES.items()}))
    subprocess.run(
        [find("ssh-keygen"), "-q", "-Y", "sign", "-f", secret / "ana", "-n", "tocsin-release", sums],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [find("minisign"), "-S", "-W", "-s", secret / "ana.secret", "-m", sums, "-t", COMMENT],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return Copy(folder, signer)


def commands(text: str) -> list[str]:
    """The lines to be copied, as somebody would: without their indent, and nothing else changed."""
    return [line[len(INDENT) :] for line in text.splitlines() if line.startswith(INDENT)]


def answers(text: str, copy: Copy) -> dict[str, tuple[int, str]]:
    """What each command of the text says that a Unix shell can run, by its program."""
    found: dict[str, tuple[int, str]] = {}
    for command in commands(text):
        program = command.split()[0]
        if program in {"sha256sum", "shasum", "echo", "ssh-keygen", "minisign"}:
            found[program] = run(command, copy.folder)
    return found


@PROGRAMS
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_commands_of_every_language_find_an_honest_copy_right(copy, speeches, site, language):
    told = answers(verify_text(speeches[language], site, [copy.signer]), copy)
    assert told["sha256sum"] == (0, "fr/index.html: OK\nindex.html: OK\n")
    assert told["shasum"] == (0, "fr/index.html: OK\nindex.html: OK\n")
    assert told["echo"] == (0, "")
    code, said = told["ssh-keygen"]
    assert (
        code,
        said.startswith('Good "tocsin-release" signature for editors with ED25519 key SHA256:'),
    ) == (0, True)
    code, said = told["minisign"]
    assert (code, said) == (0, f"Signature and comment signature verified\nTrusted comment: {COMMENT}\n")


@PROGRAMS
def test_a_changed_and_a_missing_file_are_named(copy, speeches, site):
    text = verify_text(speeches["en"], site, [copy.signer])
    (copy.folder / "index.html").write_bytes(b"<p>Hame")
    (copy.folder / "fr" / "index.html").unlink()
    told = answers(text, copy)
    for program in ("sha256sum", "shasum"):
        code, said = told[program]
        assert code != 0
        assert "index.html: FAILED\n" in said
        assert "fr/index.html: FAILED open or read\n" in said


@PROGRAMS
def test_a_list_that_somebody_else_made_is_refused(copy, speeches, site):
    text = verify_text(speeches["en"], site, [copy.signer])
    (copy.folder / "index.html").write_bytes(b"<p>Hame")
    forged = {**PAGES, "index.html": b"<p>Hame"}
    sums = copy.folder / "release" / "SHA256SUMS"
    sums.write_bytes(write_sums({path: sha256(data) for path, data in forged.items()}))
    told = answers(text, copy)
    assert told["sha256sum"][0] == 0
    assert told["ssh-keygen"][0] != 0
    assert "Good" not in told["ssh-keygen"][1]
    assert told["minisign"] == (1, "Signature verification failed\n")


@PROGRAMS
def test_nothing_is_added_to_the_copy_by_checking_it(copy, speeches, site):
    before = sorted(copy.folder.rglob("*"))
    answers(verify_text(speeches["en"], site, [copy.signer]), copy)
    assert sorted(copy.folder.rglob("*")) == before


@PROGRAMS
def test_what_windows_is_asked_to_do_is_what_unix_does(copy, speeches, site):
    """There is no PowerShell here: what is within `cmd /c` is run by a shell, its slashes turned round."""
    lines = commands(verify_text(speeches["en"], site, [copy.signer]))
    (key,) = (line for line in lines if line.startswith("Set-Content"))
    (asked,) = (line for line in lines if line.startswith("cmd /c"))
    found = re.fullmatch(r"Set-Content -Encoding ascii (\S+) '([^']+)'", key)
    assert found is not None
    (copy.folder / found[1].replace("\\", "/")).write_text(f"{found[2]}\r\n", encoding="ascii")
    inner = re.fullmatch(r'cmd /c "([^"]+)"', asked)
    assert inner is not None
    code, said = run(inner[1].replace("\\", "/"), copy.folder)
    assert (code, said.startswith('Good "tocsin-release" signature for editors')) == (0, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_for_a_plain_editor(speeches, site, language):
    text = verify_text(speeches[language], site, [ANA])
    assert text.endswith("\n")
    assert "\r" not in text
    prose = [line for line in text.splitlines() if line and not line.startswith(INDENT)]
    assert max(map(len, prose)) <= 79
    is_arabic = language == "ar"
    assert all(line.startswith("\u200f") is is_arabic for line in prose)
    assert all(command.isascii() for command in commands(text))
    assert verify_path(language) == f"release/VERIFY.{language}.txt"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_no_english_is_left_but_what_programs_answer(speeches, site, language):
    english = verify_text(speeches["en"], site, [ANA])
    other = verify_text(speeches[language], site, [ANA])
    shared = {line.lstrip("\u200f") for line in other.splitlines()} & set(english.splitlines())
    assert {line for line in shared if line.strip("-=") and not line.startswith(INDENT)} == set()
    for answer in ("OK", "FAILED", "END", "Good “tocsin-release” signature", "expires", "trusted comment"):
        assert re.sub(r"\s+\u200f?", " ", other).count(answer)


def test_any_of_several_people_may_have_signed_and_none_is_named(speeches, site):
    text = verify_text(speeches["en"], site, [ANA, BEN])
    lines = commands(text)
    for line in ("RWQa", "RWQb"):
        assert f"minisign -Vm release/SHA256SUMS -P {line}" in lines
    assert [line for line in lines if line.startswith("echo")] == [
        "echo 'editors ssh-ed25519 AAAA' > ../allowed_signers",
        "echo 'editors ssh-ed25519 BBBB' >> ../allowed_signers",
    ]
    assert [line for line in lines if "-Content -Encoding ascii" in line] == [
        "Set-Content -Encoding ascii ..\\allowed_signers 'editors ssh-ed25519 AAAA'",
        "Add-Content -Encoding ascii ..\\allowed_signers 'editors ssh-ed25519 BBBB'",
    ]
    assert sum("ssh-keygen -Y verify" in line for line in lines) == 2
    assert not {"ana", "ben"} & set(re.findall(r"\w+", text))


@PROGRAMS
def test_the_second_of_two_people_is_found_too(copy, speeches, site, tmp_path):
    subprocess.run(
        [find("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "ben", "-f", tmp_path / "ben"], check=True
    )
    ben = Signer("RWQb", (tmp_path / "ben.pub").read_text(encoding="ascii"))
    for people, is_found in (([ben, copy.signer], True), ([copy.signer, ben], True), ([ben], False)):
        lines = commands(verify_text(speeches["en"], site, people))
        told = [run(line, copy.folder) for line in lines if line.split()[0] in {"echo", "ssh-keygen"}]
        assert (told[-1][0] == 0) is is_found, told


def test_the_text_says_where_keys_are_printed_and_that_one_is_for_demonstrations(speeches):
    site = load_site(ROOT / "tests" / "sites" / "base")[0]
    assert site is not None
    text = verify_text(speeches["en"], site, [ANA])
    assert "– On every report.\n" in text
    assert "a key is for demonstrations only" in re.sub(r"\s+", " ", text)
    silent = verify_text(speeches["en"], site.model_copy(update={"keys": ()}), [ANA])
    assert "printed:" not in silent


def test_a_release_that_nobody_signs_has_no_such_text(speeches, site):
    with pytest.raises(ValueError, match=r"^somebody has to sign a release$"):
        verify_text(speeches["en"], site, [])
