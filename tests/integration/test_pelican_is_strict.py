"""What Pelican passes over in silence stops a build of ours, with a reason, and leaves the old output alone.

Each row is something that was seen to go wrong unnoticed in a plain Pelican site.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from tests.integration.checkout import Checkout, Page, words

APPEAL = "content/appeals/2026/first/en.md"
READING = "* Reading content\n"
BUILDING = f"{READING}* Building\n"


def append(path: str, text: str) -> Callable[[Checkout], None]:
    def change(site: Checkout) -> None:
        site.write(path, (site.root / path).read_text(encoding="utf-8") + text)

    return change


def edit(path: str, old: str, new: str) -> Callable[[Checkout], None]:
    return lambda site: site.edit(path, old, new)


def delete(path: str) -> Callable[[Checkout], None]:
    return lambda site: (site.root / path).unlink()


def damage(path: str, data: bytes) -> Callable[[Checkout], None]:
    def change(site: Checkout) -> None:
        (site.root / path).write_bytes((site.root / path).read_bytes() + data)

    return change


CATALOGUE = "theme/locale/fr/LC_MESSAGES/tocsin.po"

COMPLAINING = """
import logging
from pelican import signals

def _complain(pelican):
    logging.getLogger("pelican.readers").error("Could not process %s", "a.md")

signals.initialized.connect(_complain)
"""
RAISING = """
from pelican import signals

def _fail(generators):
    raise RuntimeError("a receiver of a signal failed")

signals.all_generators_finalized.connect(_fail)
"""
DOUBLING = """
from dataclasses import replace
from pelican import signals

def _double(generators):
    for generator in (one for one in generators if hasattr(one, "build")):
        work = generator.build.work
        generator.build.work = replace(work, jobs=(*work.jobs, ("home", "fr")))

signals.all_generators_finalized.connect(_double)
"""
DYING = """
import os, signal

JINJA_GLOBALS = {"die": lambda: os.kill(os.getpid(), signal.SIGKILL)}
"""


# What is done to the site, and all that the build then says on standard error.
TRAPS: dict[str, tuple[Callable[[Checkout], None], str]] = {
    "a plugin that cannot be imported": (
        edit("plugins/site.py", "from pelican import Pelican, signals\n", "import nowhere_to_be_found\n"),
        BUILDING + "ERROR plugins/site.py:LINE: ModuleNotFoundError: No module named 'nowhere_to_be_found'\n",
    ),
    "a plugin that fails to register": (
        append("plugins/site.py", "\n\ndef register() -> None:\n    raise ValueError('not today')\n"),
        BUILDING + "ERROR Pelican stopped: Cannot register plugin `plugins.site` (ValueError: not today)\n",
    ),
    "a plugin that does not exist": (
        edit("pelicanconf.py", "PLUGINS = [site]", 'PLUGINS = [site, "nowhere"]'),
        BUILDING + "ERROR Pelican stopped: Cannot load plugin `nowhere`: Cannot import plugin `nowhere`\n",
    ),
    "our plugin left out": (
        edit("pelicanconf.py", "PLUGINS = [site]", "PLUGINS = []"),
        BUILDING + "ERROR Pelican made nothing: PLUGINS in pelicanconf.py must hold plugins.site\n",
    ),
    "a receiver of a signal that raises": (append("pelicanconf.py", RAISING), ""),
    "an unknown setting": (
        append("pelicanconf.py", 'OUTPTU_PATH = "elsewhere"\n'),
        BUILDING + "ERROR pelicanconf.py: unknown setting 'OUTPTU_PATH', did you mean 'OUTPUT_PATH'?\n",
    ),
    "a setting that is no Python": (
        append("pelicanconf.py", "PATH = \n"),
        BUILDING + "ERROR pelicanconf.py:LINE: SyntaxError: invalid syntax (pelicanconf.py, line LINE)\n",
    ),
    "an error that Pelican only logs": (
        append("pelicanconf.py", COMPLAINING),
        BUILDING + "ERROR Pelican stopped: Could not process a.md\n",
    ),
    "a misspelt variable of a template": (
        edit("theme/templates/404.html", "<body>", "<body>\n{{ pgae.title }}"),
        BUILDING + "ERROR theme/templates/404.html:LINE: 'pgae' is undefined\n",
    ),
    "a misspelt attribute in a template": (
        edit("theme/templates/404.html", "<body>", "<body>\n{{ page.titel }}"),
        BUILDING + "ERROR theme/templates/404.html:LINE: "
        "'tocsin.render.sheets.Page object' has no attribute 'titel'\n",
    ),
    "a template that is not closed": (
        append("theme/templates/404.html", "{% if page %}\n"),
        READING
        + "ERROR theme/templates/404.html:LINE: Unexpected end of template. Jinja was looking for the "
        "following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.\n",
    ),
    "an unknown filter in a template": (
        edit("theme/templates/404.html", "<body>", "<body>\n{{ page.title|shuot }}"),
        BUILDING + "ERROR theme/templates/404.html:LINE: No filter named 'shuot'.\n",
    ),
    "a template that is missing, of which Pelican has one of that name": (
        delete("theme/templates/page.html"),
        BUILDING + "ERROR theme/templates/page.html is missing\n",
    ),
    "a misspelt variable of an included template": (
        edit(
            "theme/templates/includes/dates.html",
            "{% if facts.issued %}",
            "{% if facts.issued %}\n{{ isued }}",
        ),
        BUILDING + "ERROR theme/templates/includes/dates.html:LINE: 'isued' is undefined\n",
    ),
    "a misspelt variable of a template that others extend": (
        edit("theme/templates/base.html", "<body>", "<body>\n{{ pgae.title }}"),
        BUILDING + "ERROR theme/templates/base.html:LINE: 'pgae' is undefined\n",
    ),
    "a misspelt variable in a block of a template between": (
        edit("theme/templates/item.html", '<div class="sheet">', '<div class="sheet">\n{{ fatcs.issued }}'),
        BUILDING + "ERROR theme/templates/item.html:LINE: 'fatcs' is undefined\n",
    ),
    "a template to extend that is missing": (
        delete("theme/templates/item.html"),
        BUILDING + "ERROR theme/templates/appeal.html:LINE: theme/templates/item.html is missing\n",
    ),
    "a part of a template that is missing": (
        edit("theme/templates/404.html", "<body>", '<body>\n{% include "includes/gone.html" %}'),
        BUILDING + "ERROR theme/templates/404.html:LINE: theme/templates/includes/gone.html is missing\n",
    ),
    "a theme without its style sheet": (
        delete("theme/static/site.css"),
        READING + "ERROR theme/static/site.css is missing; a theme has one style sheet\n",
    ),
    "a language without a catalogue": (
        delete(CATALOGUE),
        READING + f"ERROR {CATALOGUE} is missing; begin it with 'python3 tools/catalogues.py --add fr'\n",
    ),
    "a catalogue that is no catalogue": (
        append(CATALOGUE, "\nmsgid without quotes\n"),
        READING + f"ERROR {CATALOGUE}:LINE: REASON\n",
    ),
    "a catalogue that is not UTF-8": (
        damage(CATALOGUE, b'\nmsgid "x"\nmsgstr "\xe9t\xe9"\n'),
        READING + f"ERROR {CATALOGUE} is not UTF-8; save the file with the encoding UTF-8\n",
    ),
    "two outputs at one path": (
        append("pelicanconf.py", DOUBLING),
        BUILDING + "ERROR 'fr/index.html' is made twice: by home fr and by home fr\n",
    ),
    "a date that is no date": (
        edit(APPEAL, "2026-03-01", "1 March"),
        READING
        + f"ERROR {APPEAL}:5: 'issued': '1 March' is not a date; write year-month-day, such as 2013-02-12\n"
        "1 error. Nothing was written.\n",
    ),
    "keys that Pelican would obey or keep": (
        edit(APPEAL, "stage: first", "save_as: ../../evil.html\nTitel: x\nstatus_: published\nstage: first"),
        READING + f"ERROR {APPEAL}:6: unknown key 'save_as'REASON\n"
        f"ERROR {APPEAL}:7: unknown key 'Titel', did you mean 'title'?\n"
        f"ERROR {APPEAL}:8: unknown key 'status_', did you mean 'status'?\n"
        "3 errors. Nothing was written.\n",
    ),
    "a misspelt status": (
        edit(APPEAL, "status: closed-other", "status: publishde"),
        READING + f"ERROR {APPEAL}:11: 'status' cannot be 'publishde'; allowed: open, partly-resolved, "
        "closed-released, closed-died, closed-other, suspended\n1 error. Nothing was written.\n",
    ),
    "a link to what does not exist": (
        edit(APPEAL, "page:about", "page:abuot"),
        READING + f"ERROR {APPEAL}:16: the link 'page:abuot' leads nowhere, did you mean 'page:about'?\n"
        "1 error. Nothing was written.\n",
    ),
}


def masked(told: str, expected: str) -> str:
    """What was said, with numbers of lines and foreign reasons masked where the expected text masks them."""
    pattern = re.escape(expected).replace("LINE", r"\d+").replace("REASON", ".+")
    return expected if re.fullmatch(pattern, told) else told


@pytest.mark.parametrize("name", TRAPS)
def test_the_build_stops_says_why_and_leaves_the_old_output_alone(standing, name):
    spring, expected = TRAPS[name]
    before = standing.tree()
    spring(standing)
    told = standing.build("--jobs", "2")
    assert told.code == 1
    assert told.out == ""
    if expected:
        assert masked(told.err, expected) == expected
    else:
        assert "RuntimeError: a receiver of a signal failed" in told.err
    assert standing.tree() == before
    assert not (standing.root / ".output.stage").exists()


@pytest.mark.parametrize("name", ["a misspelt variable of a template", "two outputs at one path"])
def test_where_there_was_no_output_there_is_none_after_a_failure(small, name):
    TRAPS[name][0](small)
    assert small.build().code == 1
    assert not small.output.exists()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_one_process_says_the_same_as_many(standing_demo, jobs):
    spring, expected = TRAPS["a misspelt attribute in a template"]
    append("pelicanconf.py", "# so that everything is made anew\n")(standing_demo)
    before = standing_demo.tree()
    spring(standing_demo)
    told = standing_demo.build("--jobs", jobs)
    assert (told.code, told.out) == (1, "")
    assert masked(f"{told.said}\n", expected) == expected
    assert standing_demo.tree() == before


def test_a_worker_that_is_killed_stops_the_build(standing_demo):
    append("pelicanconf.py", DYING)(standing_demo)
    standing_demo.edit("theme/templates/themes.html", "{% block main %}", "{% block main %}{{ die() }}")
    before = standing_demo.tree()
    told = standing_demo.build("--jobs", "2")
    assert (told.code, told.out) == (1, "")
    reason = "a worker died (killed by signal 9); run the build again, with '--jobs 1' if it recurs"
    assert told.said == f"{BUILDING}ERROR {reason}"
    assert standing_demo.tree() == before
    assert not (standing_demo.root / ".output.stage").exists()


def test_after_the_fault_is_mended_the_build_goes_through(standing):
    standing.edit(APPEAL, "2026-03-01", "1 March")
    assert standing.build().code == 1
    standing.edit(APPEAL, "1 March", "2026-03-02")
    assert standing.build().code == 0
    page = Page("", (standing.output / "appeals/first/index.html").read_bytes())
    assert page.find("//dl//time/@datetime") == ["2026-03-02"]


def test_all_that_a_build_says_when_all_is_well(small):
    told = small.build()
    assert (told.code, told.err) == (0, BUILDING + "* Replacing the output\n")
    pages = len(list(small.output.rglob("*.html")))
    files = len([path for path in small.output.rglob("*") if path.is_file()])
    endings = {".rss", ".atom", ".json"}
    feeds = len([path for path in small.output.rglob("feeds/**/*") if path.suffix in endings])
    site = f"3 items, {pages} pages, 3 languages, {feeds} feeds"
    assert told.masked == f"{site}: {files} files written, 0 deleted (0.0 s)\n"
    again = small.build()
    assert (again.code, again.err, again.masked) == (0, "", f"{site}: nothing had changed (0.0 s)\n")


def test_a_warning_of_pelican_is_shown_and_does_not_stop_the_build(small):
    append("pelicanconf.py", COMPLAINING.replace(".error(", ".warning("))(small)
    told = small.build()
    assert told.code == 0
    assert "WARNING publishconf.py: Could not process a.md\n" in told.err


HOSTILE = "A <script>alert(1)</script> \"quoted\" & 'single' <b>title</b>"


def test_a_title_full_of_markup_is_text_wherever_it_stands(small):
    small.edit(APPEAL, "title: Threats against a defender", "title: |-\n  " + HOSTILE)
    small.edit(APPEAL, "summary: A summary.", "summary: |-\n  " + HOSTILE)
    assert small.build().code == 0
    shown = 0
    for path in small.output.rglob("*.html"):
        page = Page(path.as_posix(), path.read_bytes())
        # The page of the search has the site's one script, which is a file of its own.
        scripts = [(found.get("src"), found.text) for found in page.find("//script")]
        assert len(scripts) == (path.parent.name == "search"), path
        assert all(src and not text for src, text in scripts), path
        assert page.find("//b[text() = 'title']") == [], path
        shown += sum(HOSTILE in words(element) for element in page.find("//h1|//h2|//h3|//title|//p"))
        for attribute in page.find("//meta/@content"):
            shown += HOSTILE[:60] in attribute
    assert shown > 15
    for ending, path in {"rss": ".//item/title", "atom": ".//{*}entry/{*}title"}.items():
        titles = [
            t.text
            for t in etree.fromstring((small.output / f"feeds/all.{ending}").read_bytes()).findall(path)
        ]
        assert titles[:-1] == [f"Kenya: {HOSTILE}"]


def test_files_that_pelicans_other_readers_would_take_are_not_read(small):
    folder = (small.root / APPEAL).parent
    (folder / "evil.rst").write_text("Evil\n####\n\n.. include:: /etc/passwd\n", encoding="utf-8")
    (folder / "evil.html").write_text("<html><title>Evil</title><script>x</script></html>", encoding="utf-8")
    told = small.build()
    assert told.code == 0
    assert [line for line in told.err.splitlines() if line.startswith("WARNING")] == [
        f"WARNING {folder.relative_to(small.root)}/{name}: is used by no text and will not be published; "
        "name it in a text, or delete it"
        for name in ("evil.html", "evil.rst")
    ]
    assert not [path for path in small.output.rglob("*") if "evil" in path.name.lower()]
    assert not [path for path in small.output.rglob("*.html") if b"Evil" in path.read_bytes()]


def test_pelican_itself_refuses_to_build_this_site_without_the_checks(small):
    """`pelican` on the command line would put an empty site in place of the output."""
    code = (
        "import sys; from pelican import main; sys.exit(main(['-s', 'pelicanconf.py', '--fatal', 'errors']))"
    )
    command = [sys.executable, "-P", "-c", code]
    told = subprocess.run(
        command, cwd=small.root, env=small.environment(), capture_output=True, check=False, timeout=60
    )
    assert told.returncode == 1
    said = " ".join((told.stdout + told.stderr).decode().split())
    assert "this site is built by" in said
    assert not small.output.exists()


def test_plugins_are_modules_and_never_names_or_folders_to_search(snapshot: Path):
    tree = ast.parse((snapshot / "pelicanconf.py").read_text(encoding="utf-8"))
    settings = {
        t.id: n.value
        for n in tree.body
        if isinstance(n, ast.Assign)
        for t in n.targets
        if isinstance(t, ast.Name)
    }
    assert ast.unparse(settings["PLUGINS"]) == "[site]"
    assert "PLUGIN_PATHS" not in settings
