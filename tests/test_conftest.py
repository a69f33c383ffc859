"""What tests/conftest.py promises: no network, and no real program silently missing."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("address", ["192.0.2.1", "0.0.0.0", ""])
def test_a_test_that_binds_or_connects_beyond_this_machine_fails(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        with pytest.raises(pytest.fail.Exception, match="may reach this machine alone"):
            channel.bind((address, 0))
        with pytest.raises(pytest.fail.Exception, match="may reach this machine alone"):
            channel.connect((address, 9))
        with pytest.raises(pytest.fail.Exception, match="may reach this machine alone"):
            channel.sendto(b"", (address, 9))


def test_a_test_that_asks_for_the_address_of_a_name_fails():
    with pytest.raises(pytest.fail.Exception, match=r"may reach .* 'mirror\.example'"):
        socket.create_connection(("mirror.example", 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_test_may_talk_to_itself(host):
    with socket.create_server((host, 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.sendall(b"x")
        with server.accept()[0] as accepted:
            assert accepted.recv(1) == b"x"


NEEDY = """
import pytest

@pytest.mark.real("chromium", "java")
def test_pages(): pass

@pytest.mark.real("chromium")
def test_more_pages(): pass
"""


@pytest.fixture
def run_without_programs(tmp_path):
    """Run tests under the real conftest.py, on a machine where no program can be found."""
    (tmp_path / "tests").mkdir()
    for name in ["tests/conftest.py", "tests/components.py", "pyproject.toml"]:
        shutil.copy(ROOT / name, tmp_path / name)

    def run(source: str, ci: str) -> tuple[int, str]:
        (tmp_path / "tests" / "test_needy.py").write_text(source, encoding="utf-8")
        process = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env=os.environ | {"PATH": "", "CI": ci},
            capture_output=True,
            text=True,
            check=False,
        )
        return process.returncode, process.stdout + process.stderr

    return run


def test_on_a_laptop_missing_programs_are_skipped_and_listed_with_what_to_install(run_without_programs):
    code, output = run_without_programs(NEEDY, ci="")

    assert code == 0
    assert "chromium: 2 tests; to get it: apt install chromium\n" in output
    assert "java: 1 test; to get it: apt install default-jre-headless\n" in output
    assert "2 skipped" in output.splitlines()[-1]


def test_in_ci_a_missing_program_fails_the_test_and_names_the_package(run_without_programs):
    code, output = run_without_programs(NEEDY, ci="true")

    assert code == 1
    assert "chromium is missing, to get it: apt install chromium" in output
    assert "2 errors" in output.splitlines()[-1]
    assert "skipped" not in output.splitlines()[-1]


def test_a_program_that_nobody_knows_is_a_wrong_use_of_the_mark(run_without_programs):
    code, output = run_without_programs(NEEDY.replace("java", "jawa"), ci="")

    assert code == 4
    assert "needs 'jawa', which tests/components.py does not know" in output
