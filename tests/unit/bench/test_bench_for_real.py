"""A whole run over a handful of documents, with the tools that are there without a network."""

import sys
from pathlib import Path

import pytest

from bench import report
from bench.corpus import make_corpus
from bench.dialects import Tools, make_dialects
from bench.run import run_bench
from bench.scenarios import SCENARIOS
from tocsin.reporting import BufferReporter

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bench reads /proc, as Linux has it")
def test_tocsin_writes_what_is_planned_and_shows_every_change(tmp_path):
    tools = Tools(ROOT, Path(sys.executable))

    run = run_bench(
        90,
        lambda folder: make_dialects(["tocsin", "pelican"], folder, tools),
        [*SCENARIOS],
        1,
        tmp_path,
        BufferReporter(),
    )

    assert [timed.scenario for timed in run.timed if timed.tool == "tocsin"] == [*SCENARIOS]
    assert [timed.scenario for timed in run.timed if timed.tool == "pelican"] == ["cold", "body"]
    kinds = run.counts["tocsin"].kinds
    assert (kinds["print"], kinds["item"]) == (90, 93)  # the page of other addresses has no print version
    assert "Pelican, stock: its simple theme shows the text" in report.markdown(run, [])


def test_tocsin_is_measured_with_what_its_users_have(tmp_path):
    users = tmp_path / "environment"
    users.mkdir()
    tools = Tools(ROOT, Path(sys.executable), environment=users)
    (dialect,) = make_dialects(["tocsin"], tmp_path / "work", tools)
    dialect.begin(make_corpus(12))

    assert (dialect.folder / ".venv").resolve() == users
    assert list(dialect.command())[1:3] == ["tasks.py", "build"]
