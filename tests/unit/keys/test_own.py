"""Where secret keys may lie, and which there are."""

import subprocess
from pathlib import Path

import pytest

from tests.components import find
from tests.unit.keys.people import key_of
from tocsin.errors import SigningError
from tocsin.keys.keyfile import write_key
from tocsin.keys.own import key_folder, own_keys

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "checkout").mkdir()
    return tmp_path / "checkout"


def refused(folder: Path, checkout: Path) -> str:
    with pytest.raises(SigningError) as error:
        key_folder({"TOCSIN_KEYS": str(folder)}, checkout)
    return str(error.value)


def test_keys_lie_in_the_home_of_whoever_holds_them(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert key_folder({}, checkout) == tmp_path / ".config/tocsin/keys"
    assert key_folder({"TOCSIN_KEYS": "~/stick"}, checkout) == tmp_path / "stick"


def test_a_folder_inside_the_checkout_is_refused(checkout: Path):
    assert refused(checkout / "keys", checkout) == (
        f"secret keys must not lie inside the repository, as {checkout / 'keys'} does; choose a folder "
        "elsewhere and name it in TOCSIN_KEYS"
    )


def test_a_link_into_the_checkout_is_no_way_around(checkout: Path, tmp_path: Path):
    (checkout / "hidden").mkdir()
    (tmp_path / "keys").symlink_to(checkout / "hidden")
    assert "secret keys must not lie inside the repository" in refused(tmp_path / "keys", checkout)


def test_a_folder_that_git_could_take_in_is_refused(checkout: Path, tmp_path: Path):
    other = tmp_path / "home"
    subprocess.run(["git", "init", "--quiet", other], check=True)
    keys = other / ".config/keys"
    assert refused(keys, checkout) == (
        f"secret keys must not lie where git could take them in: {keys} is inside the repository "
        f"{other}; choose a folder elsewhere and name it in TOCSIN_KEYS"
    )


def test_a_worktree_of_git_is_a_repository_too(checkout: Path, tmp_path: Path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/.git").write_text("gitdir: elsewhere\n")
    assert "is inside the repository" in refused(tmp_path / "tree", checkout)


def test_a_path_that_depends_on_where_one_stands_is_refused(checkout: Path):
    assert refused(Path("keys"), checkout) == "TOCSIN_KEYS has to be a whole path, not 'keys'"


def test_which_keys_there_are_is_known_without_a_passphrase(tmp_path: Path):
    for name in ("chen", "ana"):
        write_key(tmp_path / f"{name}.key", key_of(name), PASSPHRASE, rounds=1)
    (tmp_path / "notes.key").write_text("no key")
    (tmp_path / "cut.key").write_bytes((tmp_path / "ana.key").read_bytes()[:90])
    (tmp_path / "Not a name.key").write_bytes((tmp_path / "ana.key").read_bytes())
    (tmp_path / "folder.key").mkdir()
    found = own_keys(tmp_path)
    assert [key.path.name for key in found] == ["ana.key", "chen.key"]
    assert [key.public for key in found] == [key_of("ana").public, key_of("chen").public]
    assert own_keys(tmp_path / "none") == []


@pytest.mark.real("ssh-keygen")
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_keys_of_other_types_are_left_out(tmp_path: Path, kind: str):
    words = ["-q", "-t", kind, "-N", "", "-f", tmp_path / "ana.key"]
    subprocess.run([find("ssh-keygen"), *words], check=True)
    assert own_keys(tmp_path) == []
