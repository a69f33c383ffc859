"""What a measure reports of real processes, and that a command which fails or hides work gives no number."""

import sys
import time
from pathlib import Path

import pytest

from bench.measure import MeasureError, measure

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the bench reads /proc, as Linux has it"
)
MEGABYTE = 1_000_000

IN_A_CHILD = """
import os
block = bytearray(60_000_000)
pid = os.fork()
if pid == 0:
    end = os.times().user + 0.3
    while os.times().user < end:
        sum(range(10_000))
    os._exit(0)
os.waitpid(pid, 0)
"""


def run(source: str, folder: Path):
    return measure([sys.executable, "-I", "-S", "-c", source], folder)


def test_wall_time_is_that_of_the_command_alone(tmp_path):
    begun = time.perf_counter()
    found = run("import time; time.sleep(0.3)", tmp_path)

    assert 0.3 <= found.wall < time.perf_counter() - begun
    assert found.cpu < found.wall
    assert found.reference > 0


def test_the_work_of_a_child_is_counted_and_shared_memory_counted_once(tmp_path):
    found = run(IN_A_CHILD, tmp_path)

    assert found.cpu >= 0.3
    assert found.processes == 2
    assert 60 * MEGABYTE < found.largest < 90 * MEGABYTE
    assert found.largest <= found.tree < 100 * MEGABYTE
    assert found.tree_resident > 110 * MEGABYTE


def test_the_memory_of_a_small_command_is_not_that_of_whoever_measures(tmp_path):
    ballast = bytearray(200 * MEGABYTE)

    assert measure(["true"], tmp_path).largest < 40 * MEGABYTE
    assert ballast


def test_the_command_runs_in_its_folder_with_the_given_variables(tmp_path):
    source = "import os, pathlib; pathlib.Path('told').write_text(os.environ['SAID'])"
    measure([sys.executable, "-c", source], tmp_path, {"SAID": "hello"})

    assert (tmp_path / "told").read_text() == "hello"


def test_a_command_that_fails_gives_no_number_but_its_last_words(tmp_path):
    with pytest.raises(MeasureError, match=r"failed:\n.*no such page"):
        run("print('no such page'); raise SystemExit(3)", tmp_path)


def test_a_program_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MeasureError, match=r"hugo-is-missing could not be measured: .*No such file"):
        measure(["hugo-is-missing"], tmp_path)


def test_a_command_that_leaves_a_process_at_work_gives_no_number(tmp_path):
    with pytest.raises(MeasureError, match="left 1 processes behind"):
        run("import os, time\nif os.fork() == 0:\n    time.sleep(20)\nos._exit(0)", tmp_path)


def test_a_command_that_never_ends_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.measure.LIMIT", 0.3)

    with pytest.raises(MeasureError, match="took longer than"):
        run("import time; time.sleep(60)", tmp_path)
