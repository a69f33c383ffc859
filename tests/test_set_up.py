"""tasks.py makes the environment it runs in: tried on copies of it, which make real ones without a network.

Each copy has a stub in place of `tocsin`, and locks that list packages made here.
"""

import ast
import base64
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

STUB = """\
import importlib.util, json, os, sys

found = [name for name in ("bell", "chime") if importlib.util.find_spec(name)]
told = {"arguments": sys.argv[1:], "folder": os.getcwd(), "prefix": sys.prefix, "found": found}
if "bell" in found:
    import bell
    told["bell"] = bell.VERSION
print(json.dumps(told))
raise SystemExit(int(os.environ.get("EXIT_CODE", "0")))
"""


class Checkout:
    """A copy of tasks.py with what it needs around it."""

    def __init__(self, folder: Path, packages: Path) -> None:
        self.folder = folder
        self.packages = packages
        self.environment = folder / ".venv"

    def start(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        offline = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.packages)}
        return subprocess.Popen(
            [sys.executable, str(self.folder / "tasks.py"), *arguments],
            cwd=cwd or self.folder,
            env=clean | offline | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # As in tests/integration/checkout.py: ignored in whatever runs in the background.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> "Run":
        return Run(self.start(*arguments, cwd=cwd, **variables))

    def begins_set_up(self, *arguments: str) -> bool:
        """Tell whether a task begins to make the environment anew; stop it there, as making takes seconds."""
        process = self.start(*arguments)
        assert process.stderr
        first = process.stderr.readline()
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return "making .venv" in first

    def lock(self, name: str, *pins: tuple[str, str]) -> None:
        """Write a lock of packages and versions, with the digests that their wheels have."""
        lines = [
            f"{package}=={version} --hash=sha256:{self.digest(package, version)}" for package, version in pins
        ]
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def digest(self, package: str, version: str) -> str:
        wheel = self.packages / f"{package}-{version}-py3-none-any.whl"
        return hashlib.sha256(wheel.read_bytes()).hexdigest() if wheel.exists() else "0" * 64

    def stamps(self) -> list[str]:
        return sorted(path.name for path in self.environment.glob("made-from-*"))


class Run:
    """What a run of tasks.py came to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.output, self.talk = process.communicate(timeout=300)
        self.code = process.returncode
        self.set_up = "making .venv" in self.talk

    @property
    def told(self) -> dict[str, object]:
        """What the stub wrote to stdout, where nobody else may write."""
        assert self.output, self.talk
        return dict(json.loads(self.output))


def make_wheel(folder: Path, package: str, version: str) -> None:
    about = f"{package}-{version}.dist-info"
    files = {
        f"{package}.py": f"VERSION = {version!r}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    with zipfile.ZipFile(folder / f"{package}-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            record += f"{name},sha256={digest},{len(text)}\n"
            wheel.writestr(name, text)
        wheel.writestr(f"{about}/RECORD", f"{record}{about}/RECORD,,\n")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for package, version in [("bell", "1.0"), ("bell", "2.0"), ("chime", "1.0"), ("chime", "2.0")]:
        make_wheel(folder, package, version)
    return folder


def new_checkout(folder: Path, packages: Path) -> Checkout:
    (folder / "tocsin").mkdir(parents=True)
    (folder / "tocsin" / "__init__.py").touch()
    (folder / "tocsin" / "__main__.py").write_text(STUB, encoding="utf-8")
    shutil.copy(ROOT / "tasks.py", folder)
    checkout = Checkout(folder, packages)
    checkout.lock("requirements.lock", ("bell", "1.0"))
    checkout.lock("requirements-test.lock", ("chime", "1.0"))
    return checkout


@pytest.fixture
def fresh(tmp_path: Path, packages: Path) -> Checkout:
    """A checkout in which nothing ran yet."""
    return new_checkout(tmp_path / "fresh", packages)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, packages: Path) -> tuple[Checkout, Run]:
    """A checkout and its first run, called from a folder full of modules with the names of others."""
    trap = tmp_path_factory.mktemp("trap")
    (trap / "tocsin").mkdir()
    for name in ["tocsin/__init__.py", "tocsin/__main__.py", "pip.py", "ensurepip.py", "venv.py", "json.py"]:
        (trap / name).write_text("raise SystemExit('trapped')\n", encoding="utf-8")
    checkout = new_checkout(tmp_path_factory.mktemp("first") / "checkout", packages)
    return checkout, checkout.run("build", "--clean", cwd=trap)


@pytest.fixture
def ready(tmp_path: Path, first: tuple[Checkout, Run]) -> Checkout:
    """A checkout whose environment is made; being a moved copy spares each test the making."""
    shutil.copytree(first[0].folder, tmp_path / "moved", symlinks=True)
    return Checkout(tmp_path / "moved", first[0].packages)


# The first run and the next ones


def test_the_first_run_makes_the_environment_and_then_runs_the_task_in_it(first):
    checkout, run = first

    assert run.set_up
    assert run.code == 0
    assert run.told["arguments"] == ["build", "--clean"]
    assert run.told["prefix"] == str(checkout.environment)
    assert run.told["found"] == ["bell"]


def test_modules_in_the_folder_of_the_caller_are_never_taken_for_ours(first):
    assert "trapped" not in first[1].talk + first[1].output


def test_a_second_run_sets_nothing_up(ready):
    run = ready.run("build")

    assert run.talk == ""
    assert run.told["found"] == ["bell"]


def test_a_moved_checkout_runs_its_own_code_without_another_set_up(ready):
    (ready.folder / "tocsin" / "__main__.py").write_text("print('moved')\n", encoding="utf-8")

    run = ready.run("build")

    assert (run.output, run.talk) == ("moved\n", "")


def test_a_run_with_nothing_to_set_up_imports_os_and_sys_alone(ready):
    probe = """if True:
        import os, sys
        source = compile(open(sys.argv[1]).read(), sys.argv[1], "exec")
        before = set(sys.modules)
        os.execv = lambda *command: sys.exit(repr(sorted(set(sys.modules) - before)))
        exec(source, {"__name__": "__main__", "__file__": sys.argv[1]})
    """
    command = [sys.executable, "-c", probe, str(ready.folder / "tasks.py"), "build"]

    assert subprocess.run(command, capture_output=True, text=True, check=False).stderr == "[]\n"


def test_a_changed_lock_makes_the_environment_anew(ready):
    (ready.environment / "leftover").touch()
    ready.lock("requirements.lock", ("bell", "2.0"))

    run = ready.run("build")

    assert run.set_up
    assert run.told["bell"] == "2.0"
    assert not (ready.environment / "leftover").exists()


def test_an_environment_made_by_another_python_is_made_anew(ready):
    stamp = ready.environment / "made-from-requirements.lock"
    stamp.write_bytes(stamp.read_bytes().replace(b"cpython-", b"cpython-x"))

    assert ready.begins_set_up("build")


def test_an_environment_whose_python_has_gone_is_made_anew(ready):
    for program in ready.environment.glob("bin/python*"):
        program.unlink()

    assert ready.begins_set_up("build")


# Arguments, folders, exit codes


def test_a_link_to_the_environment_of_another_checkout_is_replaced_and_never_cleared(ready, tmp_path):
    ready.environment.rename(tmp_path / "others")
    ready.environment.symlink_to(tmp_path / "others", target_is_directory=True)
    ready.lock("requirements.lock", ("bell", "2.0"))

    run = ready.run("build")

    assert run.code == 0
    assert run.told["found"] == ["bell"]
    assert not ready.environment.is_symlink()
    assert list((tmp_path / "others").glob("lib/*/site-packages/bell-1.0.dist-info"))


def test_relative_arguments_stay_relative_to_the_folder_of_the_caller(ready, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    run = ready.run("verify", "../release", cwd=elsewhere)

    assert run.told["arguments"] == ["verify", "../release"]
    assert run.told["folder"] == str(elsewhere)


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_of_the_task_is_passed_through(ready, code):
    assert ready.run("build", EXIT_CODE=str(code)).code == code


def test_invoke_gets_the_same_tasks_and_arguments(ready):
    invoke = "import sys; sys.modules['invoke'] = sys; sys.argv[0] = 'invoke'; import tasks"
    command = [sys.executable, "-c", invoke, "build", "--clean", "content/x"]

    told = subprocess.run(command, cwd=ready.folder, capture_output=True, text=True, check=True).stdout

    assert json.loads(told)["arguments"] == ["build", "--clean", "content/x"]


# A Python that was compiled without optimisation


SYSTEM_PYTHON = """\
#!/bin/sh
if [ "$2" = -c ]; then exit {code}; fi
exec "{python}" "$@"
"""
UNOPTIMISED = """\
import sys, sysconfig

if sys.argv[:1] != ["-m"]:  # the task itself
    sysconfig.get_config_vars()["CONFIG_ARGS"] = "--enable-shared"
    sys.base_prefix = "/opt/own"
"""


def run_unoptimised(checkout: Checkout, folder: Path, *, code: int) -> Run:
    """Run a task by a Python that was compiled without optimisation, beside a system's that says `code`."""
    system = folder / "system-python"
    system.write_text(SYSTEM_PYTHON.format(code=code, python=sys.executable), encoding="utf-8")
    system.chmod(0o755)
    (folder / "sitecustomize.py").write_text(UNOPTIMISED, encoding="utf-8")
    tasks = checkout.folder / "tasks.py"
    text = tasks.read_text(encoding="utf-8")
    assert '"/usr/bin/python3"' in text
    tasks.write_text(text.replace('"/usr/bin/python3"', repr(str(system))), encoding="utf-8")
    return checkout.run("build", PYTHONPATH=str(folder))


def test_the_python_of_the_system_makes_the_environment_in_place_of_one_without_optimisation(fresh, tmp_path):
    run = run_unoptimised(fresh, tmp_path, code=0)

    assert f"not optimised; .venv is made of {tmp_path / 'system-python'}, which is quicker" in run.talk
    assert run.told["found"] == ["bell"]


def test_a_python_without_optimisation_is_taken_where_the_system_has_none_that_will_do(fresh, tmp_path):
    run = run_unoptimised(fresh, tmp_path, code=1)

    assert "is made of" not in run.talk
    assert run.told["found"] == ["bell"]


# Interruptions and rivals


def test_a_set_up_killed_halfway_is_noticed_and_made_again(fresh):
    process = fresh.start("build")
    wait_for(fresh.environment, "pyvenv.cfg")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert fresh.stamps() == []

    run = fresh.run("build")

    assert run.set_up
    assert run.told["found"] == ["bell"]


def test_the_installer_of_a_killed_set_up_never_meets_the_next_one(fresh):
    process = fresh.start("build")
    wait_for(fresh.environment, "lib/*/site-packages/pip")
    process.kill()  # tasks.py alone: what it started goes on installing

    run = fresh.run("build")
    process.communicate()

    assert "waiting for another set-up" in run.talk
    assert run.told["found"] == ["bell"]


def test_of_two_set_ups_at_once_the_second_waits_and_finds_the_work_done(fresh):
    processes = [fresh.start("build"), fresh.start("build")]

    runs = [Run(process) for process in processes]

    assert [run.code for run in runs] == [0, 0]
    assert sorted(run.set_up for run in runs) == [False, True]


def test_an_interruption_from_the_keyboard_is_answered_in_one_line(fresh):
    process = fresh.start("build")
    wait_for(fresh.environment, "pyvenv.cfg")
    os.killpg(process.pid, signal.SIGINT)

    run = Run(process)

    assert run.code == 1
    assert run.talk.splitlines()[-1].startswith("tasks.py: the set-up was interrupted")


def wait_for(folder: Path, pattern: str) -> None:
    end = time.monotonic() + 60
    while not any(folder.glob(pattern)):
        assert time.monotonic() < end, f"{pattern} did not appear in {folder}"
        time.sleep(0.01)


# Test tools


@pytest.mark.parametrize("task", ["test", "lint", "bench"])
def test_the_tasks_for_developers_add_the_test_tools_to_what_is_there(ready, task):
    (ready.environment / "kept").touch()

    run = ready.run(task)

    assert not run.set_up
    assert run.told["found"] == ["bell", "chime"]
    assert (ready.environment / "kept").exists()
    assert ready.run(task).talk == ""


def test_changed_test_tools_make_the_environment_anew_for_the_tasks_that_need_them(ready):
    ready.run("lint")
    ready.lock("requirements-test.lock", ("chime", "2.0"))

    assert ready.run("build").talk == ""
    assert ready.begins_set_up("lint")


def test_test_tools_that_cannot_be_had_cost_nobody_the_environment(ready):
    ready.lock("requirements-test.lock", ("chime", "3.0"))

    for _ in range(2):
        run = ready.run("lint")
        assert run.code == 1
        assert run.talk.splitlines()[-1].startswith("tasks.py: could not install requirements-test.lock")
        assert ready.run("build").talk == ""


# What can be wrong with a machine


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_in_one_line_with_the_package_to_install(fresh, tmp_path, module):
    lacking = f"raise ModuleNotFoundError(\"No module named '{module}'\", name='{module}')\n"
    (tmp_path / f"{module}.py").write_text(lacking, encoding="utf-8")

    run = fresh.run("build", PYTHONPATH=str(tmp_path))

    assert run.code == 1
    assert len(run.talk.splitlines()) == 1
    assert f"lacks its module {module}" in run.talk
    assert "apt install python3-venv" in run.talk
    assert not fresh.environment.exists()


def test_without_a_network_the_last_line_says_what_failed_and_that_it_continues(fresh):
    fresh.lock("requirements.lock", ("bell", "3.0"))

    run = fresh.run("build")

    assert run.code == 1
    last = run.talk.splitlines()[-1]
    assert last.startswith("tasks.py: could not install requirements.lock")
    assert last.endswith("run the same command again: it continues.")


def test_a_package_that_is_not_the_one_of_the_lock_is_refused_until_it_is(fresh):
    lock = fresh.folder / "requirements.lock"
    lock.write_text(f"bell==1.0 --hash=sha256:{fresh.digest('bell', '2.0')}\n", encoding="utf-8")

    run = fresh.run("build")

    assert run.code == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in run.talk
    assert fresh.stamps() == []

    fresh.lock("requirements.lock", ("bell", "1.0"))
    assert fresh.run("build").told["bell"] == "1.0"


def test_a_folder_that_cannot_be_written_is_told_in_one_line(fresh):
    fresh.environment.write_text("in the way", encoding="utf-8")

    run = fresh.run("build")

    assert run.code == 1
    assert run.talk.splitlines()[-1].startswith("tasks.py: could not make .venv; the reason stands above.")
    assert "Traceback" not in run.talk


@pytest.mark.parametrize("version", [(3, 7, 16), (3, 10, 13)])
def test_an_older_python_is_turned_away_in_one_line(version):
    source = (ROOT / "tasks.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=version[:2])
    pretend = (
        f"import runpy, sys; sys.version_info = {version}; runpy.run_path('tasks.py', run_name='__main__')"
    )

    run = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 1
    assert (
        run.stderr
        == f"tasks.py: this is Python {version[0]}.{version[1]}; run it with Python 3.11 or newer.\n"
    )


# The locks of this checkout


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-test.lock",
        "requirements-verify.lock",
        "tests/tools/package-lock.json",
        "tests/tools/lighthouse/package-lock.json",
    ],
)
def test_a_lock_names_no_address(name):
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock", "requirements-verify.lock"])
def test_every_package_of_a_lock_has_a_version_and_a_digest(name):
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", "")

    for line in re.findall(r"^[^#\s].*", text, re.MULTILINE):
        assert re.match(r"[a-z0-9-]+==[^ ]+ (; .+? )? +--hash=sha256:[0-9a-f]{64}", line), line[:80]


@pytest.mark.parametrize("name", ["requirements-test.lock", "requirements-verify.lock"])
def test_locks_agree_where_they_meet(name):
    run, test = pins("requirements.lock"), pins(name)

    assert {name: run[name] for name in run.keys() & test.keys()} == {
        name: test[name] for name in run.keys() & test.keys()
    }


@pytest.mark.parametrize("name", ["requirements", "requirements-test", "requirements-verify"])
def test_everything_asked_for_is_locked(name):
    asked = re.findall(r"^[A-Za-z][\w.-]*", (ROOT / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE)

    assert {package.lower() for package in asked} <= pins(f"{name}.lock").keys()


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))
