"""A run takes tools in turn, gives each the same edits, undoes them, and trusts no build that missed one."""

import json
from pathlib import Path

import pytest

from bench import report
from bench.corpus import LANGUAGES, PER_PAGE
from bench.counts import UnlikeWorkError
from bench.dialects.dialect import Dialect, Tools, address, front_matter, home
from bench.goals import Goal, goals
from bench.measure import Measure
from bench.run import run_bench
from bench.scenarios import SCENARIOS, MissedChangeError
from tocsin.reporting import BufferReporter

DOCUMENTS = 30


class Toy(Dialect):
    """A tool that copies titles and bodies: enough for a run, whose command is `build` below."""

    title = "Toy"

    def version(self):
        return f"{self.title} 1"

    def command(self):
        return [self.name]

    def prepare(self, corpus):
        self.write("theme.html", "<body></body>")

    def files(self, item, texts, languages=LANGUAGES):
        return {
            f"content/{address(item, code)}.md": front_matter({"title": texts[code].title}) + texts[code].body
            for code in languages
        }

    def theme_files(self):
        return [self.folder / "theme.html"]


class Quick(Toy):
    name = "quick"
    title = "Quick"
    incremental = True


class Whole(Toy):
    name = "whole"
    title = "Whole"


def build(dialect: Dialect, *, skips: str = "") -> None:
    """Write every page that the plan asks for."""
    plan, theme = dict(dialect.corpus.plan), (dialect.folder / "theme.html").read_text(encoding="utf-8")
    found, newest = [], dict.fromkeys(LANGUAGES, "")
    for path in sorted((dialect.folder / "content").rglob(".md")):
        where = path.relative_to(dialect.folder / "content").parent.as_posix()
        text = path.read_text(encoding="utf-8")
        code = next((code for code in LANGUAGES if where.startswith(f"{code}/")), "en")
        newest[code] += text.splitlines()[1]
        found.append(f"<loc>https://bench.example/{where}/</loc>")
        put(dialect, f"{where}/index.html", text + ("" if skips == "theme" else theme))
        put(dialect, f"{where}/print/index.html", text)
    put(dialect, "sitemap.xml", "".join(found))
    for code in LANGUAGES:
        put(dialect, f"{home(code)}appeals/index.html", "" if skips == "lists" else newest[code])
        for place in range(plan["list"] // 3 - 1):
            put(dialect, f"{home(code)}reports/page/{place + 1}/index.html", "")
        for kind, pattern in PATTERNS.items():
            for place in range(plan[kind] // 3):
                put(dialect, home(code) + pattern.format(place), "")


PATTERNS = {
    "year": "appeals/{:04d}/index.html",
    "country": "countries/aa/page/{}/index.html",
    "theme": "themes/women/page/{}/index.html",
    "case": "cases/case-{}/index.html",
    "index": "cases/page/{}/index.html",
    "feed": "feeds/{}.rss",
}


def put(dialect: Dialect, path: str, text: str) -> None:
    target = dialect.tree / path.replace("feeds/0", "feeds/a").replace("feeds/1", "feeds/b")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


class Bench:
    """A run with made-up measures; `order` tells who was built when."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.order: list[str] = []
        self.skips: dict[str, str] = {}
        self.seconds = {"quick": 1.0, "whole": 20.0}
        self.dialects: list[Dialect] = []

    def make(self, folder: Path) -> list[Dialect]:
        tools = Tools(folder, Path("python"))
        self.dialects = [Quick(folder / "quick", tools), Whole(folder / "whole", tools)]
        return self.dialects

    def measure(self, command, folder, environment):
        name = command[0]
        self.order.append(name)
        dialect = next(found for found in self.dialects if found.name == name)
        assert dialect.folder == folder
        build(dialect, skips=self.skips.get(name, ""))
        seconds = self.seconds[name] + len(self.order) / 100
        return Measure(seconds, seconds, 0.5, 10**7, 2 * 10**7, 3 * 10**7, 2, 0.1, 0.0)

    def run(self, *scenarios: str, rounds: int = 2):
        return run_bench(
            DOCUMENTS, self.make, scenarios, rounds, self.folder, BufferReporter(), measuring=self.measure
        )


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_tools_take_turns_and_the_whole_builder_does_only_what_tells_something(bench):
    run = bench.run("cold", "unchanged", "body")

    assert bench.order == ["quick", "whole", "quick", "quick", "whole"] * 2
    assert [timed.scenario for timed in run.timed[:5]] == ["cold", "cold", "unchanged", "body", "body"]
    assert [timed.round for timed in run.timed] == [1] * 5 + [2] * 5


def test_a_cold_build_comes_first_also_where_none_was_asked_for(bench):
    assert [timed.scenario for timed in bench.run("title").timed][:2] == ["cold", "cold"]


def test_every_scenario_is_applied_and_undone(bench):
    run = bench.run(*SCENARIOS)
    dialect = bench.dialects[0]
    sources = {path: path.read_bytes() for path in dialect.folder.rglob("*.md")}

    assert {timed.scenario for timed in run.timed if timed.tool == "quick"} == set(SCENARIOS)
    dialect.begin(run.corpus)
    for item, texts in run.corpus.each():
        dialect.add(item, texts)
    assert {path: path.read_bytes() for path in dialect.folder.rglob("*.md")} == sources


@pytest.mark.parametrize(("skips", "scenario"), [("theme", "theme"), ("lists", "title"), ("lists", "new")])
def test_a_build_that_misses_a_change_is_not_believed(bench, skips, scenario):
    bench.skips["quick"] = skips

    with pytest.raises(MissedChangeError, match=r"Quick, .*'Mark11' is not in"):
        bench.run(scenario)


def test_a_tool_that_writes_less_stops_the_run_at_its_first_build(bench, monkeypatch):
    monkeypatch.setitem(PATTERNS, "case", "nothing/{}")

    with pytest.raises(UnlikeWorkError, match=r"Quick did not write.*case: 0 written"):
        bench.run("cold")
    assert bench.order == ["quick"]


def test_results_hold_every_single_run_and_name_no_machine(bench, tmp_path):
    run = bench.run("cold", "unchanged")
    paths = report.write([run], tmp_path / "results")

    assert sorted(path.name for path in paths) == ["documents-30.json", "documents-30.md"]
    record = json.loads(paths[0].read_text(encoding="utf-8"))
    assert len(record["runs"]) == len(run.timed) == 6
    assert record["medians"]["quick"]["cold"]["wall"] == pytest.approx(1.025)
    assert record["counts"]["whole"]["kinds"]["item"] == DOCUMENTS
    text = paths[1].read_text(encoding="utf-8")
    assert "| nothing changed | 1.04 (1.03–1.06) | whole build |" in text
    assert str(tmp_path) not in text + paths[0].read_text(encoding="utf-8")


def timed(bench, **seconds: float):
    """A run that says it has 10,002 documents, its medians set."""
    run = bench.run("cold")
    run.corpus.__dict__["documents"] = 10_002
    run.median = lambda tool, scenario, name="wall": seconds.get(f"{tool}_{scenario}")
    return run


def test_goals_are_judged_by_ratio_and_by_seconds_and_what_was_not_measured_is_not_met(bench):
    run = timed(bench, tocsin_cold=12.0, hugo_cold=16.0, tocsin_body=0.9, tocsin_theme=5.0)
    found = {goal.what: goal for goal in goals([run])}

    assert found["cold build against Hugo's"].found == 0.75
    assert found["cold build against Hugo's"].met is True
    assert found["one body edited against Hugo's build"].met is False
    assert found["theme changed"].met is False
    assert found["nothing changed"].met is None


def test_other_sizes_have_no_goals(bench):
    assert goals([bench.run("cold")]) == []


def test_a_goal_says_what_was_found_and_what_may_be():
    rows = report.goal_rows([Goal("x", 0.75, 0.8, "times"), Goal("y", 2, 1, "s"), Goal("z", None, 1, "s")])

    assert rows == [
        ["x", "0.75 times", "0.8 times", "yes"],
        ["y", "2 s", "1 s", "NO"],
        ["z", "–", "1 s", "not measured"],
    ]


def test_twenty_items_a_page():
    assert PER_PAGE == 20
