"""Ways in which the law was broken, or could be, one by one: edits and accidents that a walk may miss."""

import os
import pickle
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.law.desk import FEW, ROOT, Thing
from tests.law.walk import Child, Walk, build, clean_build, tree_of
from tocsin import files
from tocsin.console import making
from tocsin.console.quick import nothing_to_do, state_path
from tocsin.errors import BuildError
from tocsin.ledger.store import Store
from tocsin.library import guarded, loader
from tocsin.make import engine, state
from tocsin.render import jobs
from tocsin.reporting import SilentReporter


@pytest.fixture(scope="module")
def pristine(folder: Path) -> tuple[Path, bytes]:
    """A site that was built, and a copy of everything beside it."""
    walk = Walk(folder / "walk", seed=1, kinds=FEW)
    assert walk.build().numbers
    shutil.copytree(walk.folder, walk.folder.with_name("copy"), symlinks=True)
    return walk.folder, pickle.dumps(walk)


@pytest.fixture
def walk(pristine: tuple[Path, bytes]) -> Walk:
    """The site as it was when it had been built."""
    place, held = pristine
    shutil.rmtree(place)
    shutil.copytree(place.with_name("copy"), place, symlinks=True)
    return pickle.loads(held)


def holds(walk: Walk) -> None:
    """Build, and compare with a clean build."""
    walk.build()
    walk.compare()


def of_kind(walk: Walk, kind: str) -> Thing:
    return next(thing for key, thing in sorted(walk.desk.things.items()) if thing.kind == kind)


def edit_text(walk: Walk, name: str, old: str, new: str) -> None:
    path = walk.desk.root / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# What pages read.


def test_a_country_that_is_renamed_in_data_is_renamed_in_feeds(walk):
    walk.desk.data["countries"]["KE"] = {"name": {"en": "Land of Bells", "fr": "Pays des cloches"}}
    walk.desk.write_data()
    holds(walk)
    assert "Land of Bells" in (walk.output / "feeds/all.atom").read_text("utf-8")


@pytest.mark.parametrize("table", ["series", "regions", "offices", "themes"])
def test_the_order_of_entries_in_data_is_an_input(walk, table):
    walk.desk.data[table] = dict(reversed(walk.desk.data[table].items()))
    walk.desk.write_data()
    holds(walk)


def test_a_rule_of_plurals_is_an_input_also_where_no_form_changes(walk):
    name = "theme/locale/ar/LC_MESSAGES/tocsin.po"
    edit_text(walk, name, "n%100>=3 && n%100<=10 ? 3", "n%100>=2 && n%100<=10 ? 3")
    edit_text(walk, name, "n==2 ? 2 :", "n==99 ? 2 :")
    holds(walk)


def test_a_message_that_spans_lines_is_found_in_the_catalogue(walk):
    edit_text(
        walk,
        "theme/templates/includes/end.html",
        "{% trans %}End",
        "{% trans %}\n  The\nend{% endtrans %}{% trans %}End",
    )
    catalogue = 'msgid "The\\nend"\nmsgstr "{}"\n'
    path = walk.desk.root / "theme/locale/fr/LC_MESSAGES/tocsin.po"
    text = path.read_text("utf-8")
    path.write_text(f'{text}\nmsgid "  The\\nend"\nmsgstr "Fin"\n', "utf-8")
    holds(walk)
    edit_text(walk, "theme/locale/fr/LC_MESSAGES/tocsin.po", '"Fin"', '"La fin"')
    holds(walk)
    assert catalogue
    assert "La fin" in (walk.output / "fr/index.html").read_text("utf-8")


def test_mirrors_are_an_input_when_they_come_change_and_go(walk):
    path, page = walk.desk.root / "mirrors.toml", walk.output / "network/addresses/index.html"
    for host in ("one.example", "two.example"):
        path.write_text(
            f'schema = 1\n[mirrors.one]\nedition = "abcdefghij"\naddress = "https://{host}/"\n'
            'kind = "directory"\n',
            "utf-8",
        )
        holds(walk)
        assert host in page.read_text("utf-8")
    path.unlink()
    holds(walk)
    assert "two.example" not in page.read_text("utf-8")


def test_a_template_that_is_named_by_an_expression_is_an_input(walk):
    (walk.desk.root / "theme/templates/includes/by-page.html").write_text("<p>one</p>\n", "utf-8")
    edit_text(
        walk,
        "theme/templates/base.html",
        "<main>",
        '<main>{% set name = "by-page" %}{% include "includes/" ~ name ~ ".html" %}',
    )
    holds(walk)
    (walk.desk.root / "theme/templates/includes/by-page.html").write_text("<p>two</p>\n", "utf-8")
    holds(walk)
    assert "<p>two</p>" in (walk.output / "index.html").read_text("utf-8")


def test_a_template_that_may_be_missing_is_an_input_when_it_appears(walk):
    edit_text(
        walk,
        "theme/templates/base.html",
        "<main>",
        '<main>{% include "includes/perhaps.html" ignore missing %}',
    )
    holds(walk)
    (walk.desk.root / "theme/templates/includes/perhaps.html").write_text("<p>here</p>\n", "utf-8")
    holds(walk)


def test_a_catalogue_for_the_source_language_is_noticed_where_no_folder_of_catalogues_was(walk):
    for code in ("fr", "ar"):
        del walk.desk.site["languages"][code]
    for thing in list(walk.desk.things.values()):
        if set(thing.words) != {"en"}:
            walk.desk.remove(walk.desk.things.pop(thing.key))
    walk.desk.write_site()
    walk.desk.settle()
    shutil.rmtree(walk.desk.root / "theme/locale")
    holds(walk)
    path = walk.desk.root / "theme/locale/en/LC_MESSAGES/tocsin.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "A list"\nmsgstr "One"\n',
        "utf-8",
    )
    holds(walk)


def test_a_broken_template_that_no_page_uses_stops_neither_kind_of_build(walk):
    (walk.desk.root / "theme/templates/unused.html").write_text("{% if %}", "utf-8")
    holds(walk)
    assert walk.last is not None
    assert walk.last.numbers


def test_links_to_nowhere_that_editors_programs_make_disturb_nobody(walk):
    (walk.desk.root / "theme/templates/.#base.html").symlink_to("someone@somewhere.1:1")
    holds(walk)
    assert walk.last is not None
    assert walk.last.numbers


# The output.


def test_a_strangers_file_stays_until_a_clean_build(walk):
    for name in ("stranger.txt", "appeals/stranger/index.html", "back\\slash"):
        path = walk.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not ours", "utf-8")
    before = tree_of(walk.output)
    edit_text(walk, "data/themes.toml", "Women (en)", "Women and girls")
    walk.build()
    assert {path for path in before if "stranger" in path or "slash" in path} <= tree_of(walk.output).keys()
    assert build(walk.desk.root, walk.output, walk.desk, clean=True).numbers
    assert tree_of(walk.output) == clean_build(walk.desk, walk.folder / "clean", drafts=False)[1]


def test_an_altered_file_is_made_again_whatever_its_size_and_time_say(walk):
    path = walk.output / "appeals/index.html"
    status, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    holds(walk)
    assert path.read_bytes() == data


def test_a_link_in_the_place_of_a_file_is_replaced_even_where_it_leads_to_the_same_bytes(walk):
    path = walk.output / "appeals/index.html"
    path.rename(walk.folder / "elsewhere.html")
    path.symlink_to(walk.folder / "elsewhere.html")
    holds(walk)
    assert not path.is_symlink()


def test_files_that_were_only_given_to_somebody_are_not_made_again(walk):
    walk.build()
    for path in walk.output.rglob("*.html"):
        path.chmod(0o664)
    made = []
    put = files.Output.put
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_do_one", lambda *arguments: made.append(arguments))
        patch.setattr(files.Output, "put", put)
        told = walk.build()
    assert made == []
    assert told.numbers is not None
    assert told.numbers["changed"] == 0


def test_a_pipe_in_the_place_of_a_file_is_replaced(walk):
    path = walk.output / "appeals/index.html"
    path.unlink()
    os.mkfifo(path)
    holds(walk)


def test_two_checkouts_that_write_one_output_do_not_leave_each_others_files(walk):
    other = Walk(walk.folder / "other", seed=2, kinds=FEW)
    ours = tree_of(walk.output)
    for _ in range(2):
        assert build(other.desk.root, walk.output, other.desk).numbers
        assert build(walk.desk.root, walk.output, walk.desk).numbers
        assert tree_of(walk.output) == ours


# What is remembered.


def _names_in(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM item ORDER BY name")]


def _withdraw_one_add_one(walk: Walk) -> None:
    gone = of_kind(walk, "report")
    walk.desk.remove(walk.desk.things.pop(gone.key))
    for thing in (of_kind(walk, "page"), of_kind(walk, "statement")):
        thing.words[thing.original]["title"] = "Another title"
    walk.desk.settle()


WHOLES = (
    "head",
    "sources",
    "entries",
    "warnings",
    "checked",
    "referents",
    "plan",
    "files",
    "facets:lists",
    "format",
)


@pytest.mark.parametrize("name", [*WHOLES, "jobs", "facets"])
def test_a_piece_of_the_state_that_is_lost_is_not_taken_for_empty(walk, name):
    path = state_path(walk.desk.root, walk.output)
    with sqlite3.connect(path) as connection:
        if name in WHOLES:
            connection.execute("DELETE FROM item WHERE name = ?", (name,))
        else:
            connection.execute(
                "DELETE FROM item WHERE name LIKE ? AND name != 'facets:lists'", (f"{name}:%",)
            )
    connection.close()
    _withdraw_one_add_one(walk)
    holds(walk)


def test_pieces_of_the_state_that_changed_places_are_not_believed(walk):
    path = state_path(walk.desk.root, walk.output)
    shards = [name for name in _names_in(path) if name.startswith("facets:")]
    with sqlite3.connect(path) as connection:
        rows = dict(connection.execute("SELECT name, data FROM item").fetchall())
        for name, other in zip(shards, reversed(shards), strict=True):
            connection.execute("UPDATE item SET data = ? WHERE name = ?", (rows[other], name))
    connection.close()
    _withdraw_one_add_one(walk)
    holds(walk)


def test_a_piece_of_the_state_from_an_older_build_is_not_believed(walk):
    path = state_path(walk.desk.root, walk.output)
    with sqlite3.connect(path) as connection:
        old = connection.execute("SELECT name, data FROM item WHERE name LIKE 'facets:%'").fetchall()
    _withdraw_one_add_one(walk)
    walk.build()
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT OR REPLACE INTO item VALUES (?, ?)", old)
    connection.close()
    walk.desk.add("report", random.Random(5))
    walk.desk.settle()
    holds(walk)


@pytest.mark.parametrize("what", ["entry", "record", "text", "catalogue", "template"])
def test_a_piece_of_the_cache_that_is_lost_costs_time_alone(walk, what):
    path = walk.desk.root / ".tocsin/items.sqlite"
    with sqlite3.connect(path) as connection:
        assert connection.execute("DELETE FROM item WHERE name LIKE ?", (f"{what}:%",)).rowcount > 0
    connection.close()
    walk.desk.site["lists"]["per_page"] = 3
    walk.desk.write_site()
    holds(walk)


def test_a_build_that_died_before_it_could_remember_leaves_nothing_for_ever(walk):
    """The withdrawn item's page must not stay because the state does not know of it."""
    thing = walk.desk.add("report", random.Random(1))
    walk.desk.settle()

    def build_and_die() -> None:
        state.State.save = lambda *arguments: os._exit(9)  # type: ignore[method-assign]
        build(walk.desk.root, walk.output, walk.desk)

    Child(build_and_die).answer()
    assert any(thing.slug in path for path in tree_of(walk.output))
    walk.desk.remove(walk.desk.things.pop(thing.key))
    holds(walk)
    assert not any(thing.slug in path for path in tree_of(walk.output))


def test_the_quick_answer_is_not_given_for_the_output_of_another_build(walk):
    walk.build()
    assert nothing_to_do(walk.desk.root, walk.output, walk.desk.at, drafts=False)
    files.Output(walk.output).set_mark("somebody else's")
    assert nothing_to_do(walk.desk.root, walk.output, walk.desk.at, drafts=False) is None


def test_a_source_that_becomes_a_link_to_the_same_bytes_is_a_fault_for_every_build(walk):
    walk.build()
    path = walk.desk.root / of_kind(walk, "appeal").folder / f"{of_kind(walk, 'appeal').original}.md"
    path.rename(walk.folder / "kept.md")
    path.symlink_to(walk.folder / "kept.md")
    told = walk.build()
    assert "is a link" in told.fault


@pytest.mark.parametrize("name", ["content/appeals/2026/x", "data/themes.toml", "theme/templates/base.html"])
def test_a_folder_in_the_place_of_a_source_is_told_and_not_overlooked(walk, name):
    path = walk.desk.root / name
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)
    before = tree_of(walk.output)
    walk.build()
    walk.compare()
    assert tree_of(walk.output) == before


# Edits during a build.


def _at_a_moment(
    patch: pytest.MonkeyPatch, place: object, name: str, what: Callable[[], None], *, after: bool
) -> None:
    """Do `what` once, before or after the first call of a function."""
    original, waiting = getattr(place, name), [what]

    def call(*arguments: object, **named: object) -> object:
        if waiting and not after:
            waiting.pop()()
        result = original(*arguments, **named)
        if waiting and after:
            waiting.pop()()
        return result

    patch.setattr(place, name, call)


MOMENTS = {
    "after data was read": (loader, "load_shared", True),
    "while an item is read": (guarded, "take_in", False),
    "after everything was read": (making, "load_speeches", False),
    "after the first page": (jobs, "do", True),
    "before the output is replaced": (files.Output, "commit", False),
    "after the output was replaced": (files.Output, "commit", True),
}
SAVED = {
    "site.toml": ("The Bell (en)", "The Clapper"),
    "data/organisations.toml": ("The Bell (en)", "The Clapper"),
    "theme/templates/base.html": ("<main>", "<main class='new'>"),
    "theme/locale/fr/LC_MESSAGES/tocsin.po": ("A list in fr", "Une liste"),
}


@pytest.mark.parametrize("name", [*SAVED, "an item"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_saved_during_a_build_is_in_the_next(walk, monkeypatch, moment, name):
    place, function, after = MOMENTS[moment]
    first, second = of_kind(walk, "report"), of_kind(walk, "statement")
    first.words[first.original]["title"] = "Changed before the build"
    walk.desk.settle()

    def save() -> None:
        if name == "an item":
            for thing in (first, second):
                thing.words[thing.original]["title"] = "Changed meanwhile"
            walk.desk.settle()
        else:
            edit_text(walk, name, *SAVED[name])

    before = pickle.dumps(walk.desk.things)
    with monkeypatch.context() as patch:
        _at_a_moment(patch, place, function, save, after=after)
        walk.build()
    holds(walk)
    if name == "an item":  # and back: nothing may have been kept under a digest that is not its own
        walk.desk.things = pickle.loads(before)
        walk.desk.settle()
        holds(walk)


def test_sources_that_never_come_to_rest_stop_the_build_and_nothing_is_replaced(walk, monkeypatch):
    before = tree_of(walk.output)
    number = iter(range(1000))
    do = jobs.do

    def save_and_do(*arguments: object) -> object:
        (walk.desk.root / "theme/static/site.css").write_text(f"main {{ margin: {next(number)}px }}", "utf-8")
        return do(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "do", save_and_do)
    walk.desk.data["themes"]["women"]["name"]["en"] = "Changed"
    walk.desk.write_data()
    assert "was changed during the build" in walk.build().fault
    assert tree_of(walk.output) == before


# Faults that appear late.


def test_a_template_that_fails_on_one_page_leaves_the_output_as_it_was(walk):
    before = tree_of(walk.output)
    edit_text(walk, "theme/templates/report.html", "{{ body }}", "{{ nowhere }}")
    assert "nowhere" in walk.build().fault
    assert tree_of(walk.output) == before
    edit_text(walk, "theme/templates/report.html", "{{ nowhere }}", "{{ body }} ")
    holds(walk)


def test_a_needed_template_that_is_missing_leaves_the_output_as_it_was(walk):
    before = tree_of(walk.output)
    edit_text(walk, "theme/templates/report.html", "{{ body }}", '{% include "includes/lost.html" %}')
    assert "lost.html" in walk.build().fault
    assert tree_of(walk.output) == before


def test_a_store_that_cannot_be_written_is_told_and_never_thrown_away(walk, monkeypatch):
    store = Store(walk.desk.root / ".tocsin/items.sqlite")
    assert store.names("")
    with sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        impatient = Store(store.path)
        monkeypatch.setattr(
            sqlite3, "connect", lambda path, **options: _connect(path, **{**options, "timeout": 0})
        )
        with pytest.raises(BuildError, match="in use by another build"):
            impatient.get("x")
        other.execute("ROLLBACK")
    other.close()
    assert store.names("")


_connect = sqlite3.connect


# The program itself.


def _run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "LANG": "C.UTF-8", "PYTHONPATH": str(root)}
    command = [
        sys.executable,
        "-P",
        "-X",
        "utf8",
        "-m",
        "tocsin",
        "build",
        "--at",
        "2026-06-15T12:00Z",
        *words,
    ]
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.fixture
def checkout(folder: Path) -> Path:
    """A site with a program of its own, so that the program can be changed."""
    walk = Walk(folder / "checkout", seed=4, real_theme=True, kinds=FEW)
    for name in ("tocsin", "plugins"):
        shutil.copytree(ROOT / name, walk.desk.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert _run(walk.desk.root).returncode == 0
    return walk.desk.root


def test_a_changed_program_or_setting_makes_everything_anew(checkout):
    _edit(checkout / "pelicanconf.py", '"trim_blocks": True', '"trim_blocks": False')
    _equals_clean(checkout)
    _edit(checkout / "tocsin/render/labels.py", '"Urgent appeals"', '"Alarms"')
    _equals_clean(checkout)
    assert "Alarms" in (checkout / "output/appeals/index.html").read_text("utf-8")


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _equals_clean(root: Path) -> None:
    told = _run(root)
    assert told.returncode == 0, told.stderr
    told = _run(root, "--clean", "--output", str(root / "again"))
    assert told.returncode == 0, told.stderr
    assert tree_of(root / "output") == tree_of(root / "again")


def test_a_process_that_goes_on_does_not_claim_to_run_what_was_saved_since(walk, monkeypatch):
    """`serve` runs the code that it began with; the next `build` must not take its output for new."""
    (walk.desk.root / "tocsin").mkdir()
    (walk.desk.root / "tocsin/code.py").write_text("ONE = 1\n", "utf-8")
    monkeypatch.setattr(making, "_CODE_OF_THIS_PROCESS", {})
    walk.build()
    (walk.desk.root / "tocsin/code.py").write_text("ONE = 2\n", "utf-8")
    assert walk.build().numbers
    assert nothing_to_do(walk.desk.root, walk.output, walk.desk.at, drafts=False) is None
    monkeypatch.setattr(making, "_CODE_OF_THIS_PROCESS", {})  # another process
    done = []
    monkeypatch.setattr(jobs, "do", lambda job, *rest: done.append(job) or ([], set()))
    walk.build()
    assert len(done) > 100


# Several processes at once.


def _all(works: list[Callable[[], object]]) -> list[object]:
    return [child.answer() for child in [Child(work) for work in works]]


def test_output_preview_and_the_translators_list_share_one_cache_at_once(walk):
    """As with `serve`, `build` and `translations` in three windows, the cache being empty."""
    root = walk.desk.root
    (root / ".tocsin/items.sqlite").unlink()
    for thing in walk.desk.things.values():
        thing.words[thing.original]["title"] = f"Retitled {thing.slug}"
    walk.desk.settle()

    def titles() -> list[str]:
        library = loader.load_once(root, walk.desk.at, SilentReporter(), root / ".tocsin", drafts=True)
        return sorted(library.item(key).words[library.item(key).original].title for key in library.entries)

    def built(name: str, *, drafts: bool) -> Callable[[], object]:
        return lambda: build(root, root / name, walk.desk, drafts=drafts).site

    told = _all([built("output", drafts=False), built("preview", drafts=True), titles, titles])
    assert told[0]
    assert told[1]
    assert told[2] == told[3] == sorted(f"Retitled {thing.slug}" for thing in walk.desk.things.values())
    holds(walk)
    walk.place, walk.drafts, walk.desk.drafts = "preview", True, True
    holds(walk)


def test_a_clean_build_beside_others_spoils_nothing(walk):
    root = walk.desk.root
    for thing in walk.desk.things.values():
        thing.words[thing.original]["title"] = f"Retitled {thing.slug}"
    walk.desk.settle()
    works = [
        lambda: build(root, root / "output", walk.desk, clean=True),
        lambda: build(root, root / "preview", walk.desk, drafts=True),
        lambda: build(root, root / "third", walk.desk),
    ]
    assert all(told is not None and told.site for told in _all(works))  # type: ignore[attr-defined]
    assert tree_of(root / "third") == tree_of(root / "output")
    holds(walk)


def test_the_translators_list_is_read_again_where_the_cache_is_damaged(walk):
    root = walk.desk.root
    with sqlite3.connect(root / ".tocsin/items.sqlite") as connection:
        connection.execute("UPDATE item SET data = 'damaged' WHERE name LIKE 'record:%'")
    connection.close()
    library = loader.load_once(root, walk.desk.at, SilentReporter(), root / ".tocsin", drafts=True)
    assert library.item(next(iter(library.entries)))
