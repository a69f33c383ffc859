"""The command line as editors use it: what tasks print where, how they end, and what survives a crash."""

import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.checkout import AT, ROOT, Checkout, Page, copy_built, stop, tree_of

APPEAL = "content/appeals/2026/first/en.md"
ONE_LINE_OF_JSON = re.compile(r"\{.*\}\n")


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["biuld"], "invalid choice: 'biuld'"),
        (["build", "--fast"], "unrecognized arguments: --fast"),
        (["build", "--jobs", "0"], "argument --jobs: must be a whole number from 1"),
        (["build", "--jobs", "two"], "argument --jobs: must be a whole number from 1"),
        (
            ["build", "--at", "tomorrow"],
            "argument --at: 'tomorrow' is not an instant; write date, time and zone",
        ),
        (["build", "--at", "2026-01-31T12:00"], "argument --at: '2026-01-31T12:00' has no time zone"),
        (["new", "apeal", "x"], "invalid choice: 'apeal'"),
        (["new", "appeal"], "the following arguments are required: slug"),
        (["serve", "--port", "70000"], "argument --port: must be a number from 0 to 65535"),
    ],
)
def test_wrong_use_ends_with_2_and_shows_the_usage(built_small, arguments, reason):
    told = built_small.run(*arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("usage: tasks.py")
    assert reason in told.err


def test_without_a_task_the_tasks_are_listed(built_small):
    told = built_small.run()
    assert (told.code, told.out) == (2, "")
    for task in ("build", "check", "serve", "new", "translations", "schema", "test", "lint"):
        assert re.search(rf"^    {task}\b", told.err, re.MULTILINE)


def test_help_goes_to_standard_output_and_is_no_wrong_use(built_small):
    told = built_small.run("build", "--help")
    assert (told.code, told.err) == (0, "")
    assert "--at INSTANT" in told.out


def test_colours_are_for_those_who_want_them(small):
    small.edit(APPEAL, "title:", "titel:")
    plain = f"ERROR {APPEAL}:12: unknown key 'titel', did you mean 'title'?"
    coloured = plain.replace("ERROR", "\x1b[1;31mERROR\x1b[0m")
    assert plain in small.build().err
    assert plain in small.run("build", env={"NO_COLOR": "1", "FORCE_COLOR": "1"}).err
    assert coloured in small.run("build", env={"FORCE_COLOR": "1"}).err


# build


def test_a_result_for_machines_is_one_line_of_json_on_standard_output(small):
    told = small.build("--json")
    assert told.code == 0
    assert ONE_LINE_OF_JSON.fullmatch(told.out)
    result = json.loads(told.out)
    assert result["items"] == 3
    assert result["languages"] == 3
    assert result["files"] == result["changed"] == len(small.tree())
    assert result["as_of"] <= "2026-11-21T12:00:00+00:00" < result["next_change"]


def test_faults_for_machines_are_one_line_of_json_too(small):
    small.edit(APPEAL, "title:", "titel:")
    told = small.build("--json")
    assert told.code == 1
    assert ONE_LINE_OF_JSON.fullmatch(told.out)
    found = json.loads(told.out)
    assert found["error"] == "1 error. Nothing was written."
    assert [(f["path"], f["line"], f["severity"], f["rule"]) for f in found["findings"]] == [
        (APPEAL, 12, "ERROR", "unknown-key")
    ]


def test_an_output_can_be_made_anywhere(built_small, tmp_path):
    assert built_small.build("--output", str(tmp_path / "new" / "place")).code == 0
    assert tree_of(tmp_path / "new" / "place") == built_small.tree()
    relative = built_small.run("build", "--at", AT, "--output", "here", cwd=tmp_path)
    assert relative.code == 0
    assert tree_of(tmp_path / "here") == built_small.tree()


def test_clean_makes_the_same_again(standing):
    before = standing.tree()
    told = standing.build("--clean", "--json")
    assert told.code == 0
    assert json.loads(told.out)["changed"] == 0
    assert standing.tree() == before


def test_what_was_tampered_with_in_the_output_is_put_right(standing):
    before = standing.tree()
    (standing.output / "index.html").write_text("<p>Somebody else's words", encoding="utf-8")
    (standing.output / "about").mkdir()
    (standing.output / "network/about/index.html").unlink()
    (standing.output / "about").rmdir()
    assert standing.build().code == 0
    assert standing.tree() == before


def test_clean_takes_away_what_others_put_into_the_output(standing):
    before = standing.tree()
    (standing.output / "planted").mkdir()
    (standing.output / "planted/page.html").write_text("<script>", encoding="utf-8")
    assert standing.build("--clean").code == 0
    assert standing.tree() == before


# check


def test_check_finds_nothing_wrong_with_the_demonstration_and_touches_nothing(demo):
    before = demo.checkout.tree()
    told = demo.checkout.run("check", "--json", "--at", AT)
    assert told.code == 0, told.out
    assert ONE_LINE_OF_JSON.fullmatch(told.out)
    result = json.loads(told.out)
    assert result["pages"] == demo.told["pages"]
    assert result["links"] > 20 * result["pages"]
    assert {finding["severity"] for finding in result["findings"]} <= {"WARNING"}
    assert demo.checkout.tree() == before


def test_check_tells_people_how_much_it_looked_at(built_small):
    told = built_small.run("check", "--at", AT)
    pages = len(list(built_small.output.rglob("*.html")))
    assert told.code == 0
    files = sum(path.is_file() for path in built_small.output.rglob("*"))
    assert re.fullmatch(
        rf"Checked {pages} pages, \d+ links and \d+ feeds, and {files} files for leaks "
        r"\(no data/withheld.toml\): 0 errors, 0 warnings\n",
        told.out,
    )
    assert told.err == ""


def test_check_reports_a_link_of_the_theme_that_leads_nowhere(small):
    small.edit(
        "theme/templates/themes.html", "{% block main %}", '{% block main %}<a href="../nowhere/">x</a>'
    )
    told = small.run("check", "--json")
    assert told.code == 1
    found = [(f["path"], f["rule"], f["message"]) for f in json.loads(told.out)["findings"]]
    message = "'../nowhere/' leads to {}nowhere/index.html, which does not exist"
    assert found == [
        ("ar/themes/index.html", "dead-link", message.format("ar/")),
        ("fr/themes/index.html", "dead-link", message.format("fr/")),
        ("themes/index.html", "dead-link", message.format("")),
    ]
    assert not small.output.exists()


def test_check_reports_every_fault_of_the_sources_at_once_and_leaves_nothing_behind(small):
    small.edit(APPEAL, "2026-03-01", "1 March")
    small.edit("content/network/about/en.md", "title:", "titel:")
    told = small.run("check")
    assert (told.code, told.out) == (1, "")
    assert {line.split(":")[0] for line in told.err.splitlines() if line.startswith("ERROR")} == {
        f"ERROR {APPEAL}",
        "ERROR content/network/about/en.md",
    }
    assert told.err.splitlines()[-1] == "2 errors. Nothing was written."
    assert not list((small.root / ".tocsin").glob("output-*"))


# new

PLACES = {
    "appeal": "content/appeals/{year}/a-new-one/en.md",
    "report": "content/reports/{year}/a-new-one/en.md",
    "statement": "content/statements/{year}/a-new-one/en.md",
    "portrait": "content/portraits/{year}/a-new-one/en.md",
    "page": "content/network/a-new-one/en.md",
    "member": "content/network/members/a-new-one/en.md",
}
# What has to be filled in before the item can be public, beside the words that are '…': messages begin so.
TO_FILL_IN = {
    "appeal": ["unknown country 'XX'", "unknown addressee 'unknown'"],
    "report": ["unknown country 'XX'"],
    "statement": ["unknown country 'XX'"],
    "portrait": ["picture 'portrait.jpg' is not in"],
    "page": [],
    "member": ["unknown country 'XX'"],
}


def begin(site: Checkout, kind: str, *options: str) -> str:
    told = site.run("new", kind, "a-new-one", *options)
    assert told.code == 0, told.err
    path = told.out.strip()
    assert re.fullmatch(
        re.escape(PLACES[kind]).replace(r"\{year\}", r"\d{4}").replace("en", "[a-z]{2}"), path
    )
    assert "fill in" in told.err
    return path


def publish(site: Checkout, path: str) -> None:
    """Take out the line that keeps an item a draft."""
    text = (site.root / path).read_text(encoding="utf-8")
    assert "\ndraft: true" in text
    site.write(path, re.sub(r"^draft: true.*\n", "", text, flags=re.MULTILINE))


def errors(site: Checkout) -> dict[str, list[tuple[int, str]]]:
    """What `check` calls errors: line and message, by file."""
    found: dict[str, list[tuple[int, str]]] = {}
    for finding in json.loads(site.run("check", "--json").out)["findings"]:
        if finding["severity"] == "ERROR":
            found.setdefault(finding["path"], []).append((finding["line"], finding["message"]))
    return found


def test_items_that_were_begun_complain_only_about_what_has_to_be_filled_in(small):
    kinds = {begin(small, kind): kind for kind in PLACES}
    for path in kinds:
        text = (small.root / path).read_text(encoding="utf-8")
        assert re.search(r"^id: [0-9a-hjkmnp-tv-z]{10}$", text, re.MULTILINE)
        publish(small, path)
    unwritten = errors(small)
    assert set(unwritten) == set(kinds)
    for path in kinds:
        text = (small.root / path).read_text(encoding="utf-8")
        lines = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith(": …")]
        told = [(number, message) for number, message in unwritten[path] if "is still '…'" in message]
        assert [number for number, message in told if message.startswith("'")] == lines
        assert len(told) == len(lines) + 1, "and the text itself"
        small.write(path, text.replace("…", "Words."))
    unchosen = errors(small)
    assert set(unchosen) == {path for path, kind in kinds.items() if TO_FILL_IN[kind]}
    for path, found in unchosen.items():
        messages = [message for _, message in found]
        assert len(messages) == len(TO_FILL_IN[kinds[path]]), messages
        for message, start in zip(sorted(messages), sorted(TO_FILL_IN[kinds[path]]), strict=True):
            assert message.startswith(start)


def test_drafts_that_were_begun_do_not_keep_the_site_from_being_built(small):
    for kind in PLACES:
        begin(small, kind)
    assert small.build().code == 0
    assert not [path for path in small.output.rglob("*") if path.name == "a-new-one"]


def test_an_item_can_be_begun_in_another_language(small):
    path = begin(small, "statement", "--language", "fr")
    assert path.endswith("/fr.md")
    assert small.build().code == 0


def test_two_items_that_are_begun_have_different_ids(small):
    first = small.run("new", "page", "one").out.strip()
    second = small.run("new", "page", "two").out.strip()
    ids = [(small.root / path).read_text(encoding="utf-8").splitlines()[1] for path in (first, second)]
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["appeal", "first"], "ERROR content/appeals/2026/first: exists already; choose another name"),
        (["page", "about"], "ERROR content/network/about: exists already; choose another name"),
        (["page", "About_Us"], "ERROR 'About_Us' cannot be an address; use a-z, 0-9 and single hyphens"),
        (["page", "../../evil"], "ERROR '../../evil' cannot be an address; use a-z, 0-9 and single hyphens"),
        (["page", "print"], "ERROR 'print' is an address that the site uses itself; choose another"),
        (["page", "new", "--language", "de"], "ERROR unknown language 'de'; known: ar, en, fr"),
    ],
)
def test_an_item_is_not_begun_at_an_impossible_or_taken_address(small, arguments, message):
    before = tree_of(small.root / "content")
    told = small.run("new", *arguments)
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines()[0] == message
    assert tree_of(small.root / "content") == before


# translations, schema

TRANSLATION = """\
---
source_rev: "000000000000"
title: Qui nous sommes
---

Voilà.
"""


def test_translations_lists_what_is_behind_before_what_is_missing(small):
    small.write("content/network/about/fr.md", TRANSLATION)
    rows = json.loads(small.run("translations", "--json").out)
    assert rows[0] == {
        "state": "stale",
        "language": "fr",
        "path": "content/network/about/fr.md",
        "title": "About us",
    }
    assert {(row["state"], row["language"], row["path"]) for row in rows[1:]} == {
        ("missing", language, f"{folder}/{language}.md")
        for folder in ("content/appeals/2026/first", "content/network/about", "content/network/support")
        for language in ("fr", "ar")
        if (folder, language) != ("content/network/about", "fr")
    }
    told = small.run("translations", "--language", "fr")
    assert told.out.splitlines()[0] == "stale    fr     content/network/about/fr.md  About us"
    assert told.out.splitlines()[-1] == "1 out of date, 3 in all"
    assert len(told.out.splitlines()) == 4


def test_a_translation_is_approved_as_current_by_naming_its_file(small):
    path = small.write("content/network/about/fr.md", TRANSLATION.replace("\n", "\r\n"))
    assert "fr.md:2: translates an earlier wording" in small.build().err
    told = small.run("translations", "--current", "about/fr.md", cwd=small.root / "content/network")
    assert (told.code, told.out, told.err) == (0, "", "  about/fr.md is current\n")
    lines = path.read_bytes().split(b"\r\n")
    assert re.fullmatch(rb"source_rev: [0-9a-f]{12}", lines[1])
    assert [line for number, line in enumerate(lines) if number != 1] == [
        line.encode() for number, line in enumerate(TRANSLATION.split("\n")) if number != 1
    ]
    assert "WARNING" not in small.build().err
    small.edit("content/network/about/en.md", "Who we are.", "Who we really are.")
    assert "fr.md:2: translates an earlier wording" in small.build().err


def test_where_one_of_several_files_is_no_translation_none_is_approved(small):
    path = small.write("content/network/about/fr.md", TRANSLATION)
    told = small.run("translations", "--current", str(path), "content/network/about/en.md")
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines() == [
        "ERROR content/network/about/en.md: is not a translation of an item of this site",
        "1 error. Nothing was written.",
    ]
    assert path.read_text(encoding="utf-8") == TRANSLATION


def test_translations_of_a_language_that_the_site_lacks_are_a_mistake(small):
    told = small.run("translations", "--language", "de")
    assert (told.code, told.err) == (1, "ERROR unknown language 'de'; known: ar, en, fr\n")


def test_schemas_are_written_checked_and_those_of_this_checkout_are_current(small):
    assert small.run("schema", "--check").code == 1
    assert small.run("schema").code == 0
    assert small.run("schema", "--check").code == 0
    written = {path: path.read_bytes() for path in (small.root / "docs").rglob("*") if path.is_file()}
    assert len([path for path in written if path.suffix == ".json"]) == 12
    for path, data in written.items():
        kept = ROOT / path.relative_to(small.root)
        assert kept.is_file(), f"run 'python3 tasks.py schema': {kept.name} is missing"
        assert kept.read_bytes() == data, f"run 'python3 tasks.py schema': {kept.name} is out of date"
    one = small.root / "docs/schema/appeal.json"
    one.write_text("{}", encoding="utf-8")
    told = small.run("schema", "--check")
    assert told.code == 1
    assert "ERROR docs/schema/appeal.json: is out of date; run 'python3 tasks.py schema'" in told.err
    assert one.read_text(encoding="utf-8") == "{}"


# serve


@contextlib.contextmanager
def serving(site: Checkout, *options: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A preview that runs, and its port."""
    process = site.start("serve", "--port", "0", *options)
    try:
        assert process.stdout
        line = process.stdout.readline()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/  \(Ctrl-C ends\)\n", line)
        assert found, line + (process.stderr.read() if process.stderr and process.poll() is not None else "")
        yield process, int(found[1])
    finally:
        stop(process)


def fetch(port: int, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, answer.headers["Content-Type"], answer.read()
    connection.close()
    return found


def wait_for(is_so: Callable[[], bool]) -> None:
    """Look again and again; the limit only ends a test that will fail."""
    for _ in range(2400):
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail("waited for four minutes")


def test_a_preview_serves_pages_with_their_types_and_the_page_for_what_is_not_there(small):
    with serving(small) as (_, port):
        status, kind, data = fetch(port, "/")
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert Page("", data).language == "en"
        assert fetch(port, "/fr/")[0] == 200
        assert fetch(port, "/feeds/all.atom")[:2] == (200, "application/atom+xml")
        assert fetch(port, "/feeds/all.rss")[:2] == (200, "application/rss+xml")
        assert fetch(port, "/s/")[0] == 404, "folders are not listed"
        for path in (
            "/nowhere",
            "/a/b/c/d/",
            "/fr/appeals/gone/",
            "/%2e%2e/%2e%2e/site.toml",
            "/../site.toml",
        ):
            status, kind, data = fetch(port, path)
            assert (status, kind) == (404, "text/html; charset=utf-8")
            page = Page(path, data)
            style = page.one("//link[@rel = 'stylesheet']/@href")
            assert style.startswith(f"http://127.0.0.1:{port}/s/"), "its links lead to this preview"
            assert fetch(port, style.removeprefix(f"http://127.0.0.1:{port}"))[0] == 200
        assert fetch(port, "/nowhere", "HEAD")[2] == b""
    assert not small.output.exists(), "a preview is made beside the output, not in its place"


def test_a_preview_shows_an_edit_keeps_the_last_good_site_and_ends_at_once(small):
    about = "content/network/about/en.md"
    with serving(small) as (process, port):
        small.edit(about, "Who we are.", "Who we became.")
        wait_for(lambda: b"Who we became." in fetch(port, "/network/about/")[2])
        small.edit(about, "title:", "titel:")
        assert process.stderr
        told = [process.stderr.readline()]
        while "Nothing was written." not in told[-1]:
            told.append(process.stderr.readline())
        assert f"ERROR {about}:4: unknown key 'titel', did you mean 'title'?\n" in told
        assert b"Who we became." in fetch(port, "/network/about/")[2]
        small.edit(about, "titel:", "title:")
        small.edit(about, "Who we became.", "Who we are now.")
        wait_for(lambda: b"Who we are now." in fetch(port, "/network/about/")[2])
        os.killpg(process.pid, signal.SIGINT)
        _, rest = process.communicate(timeout=240)
        assert "Traceback" not in rest
        assert process.returncode in {0, 130}


def test_a_preview_on_a_port_that_is_taken_says_so(small):
    with serving(small) as (_, port):
        told = small.run("serve", "--port", str(port))
        assert told.code == 1
        assert told.err.splitlines()[-1].startswith(f"ERROR port {port} cannot be used (")


def test_drafts_are_previewed_only_when_they_are_asked_for(small):
    small.edit(APPEAL, "id:", "draft: true\nid:")
    with serving(small) as (_, port):
        assert fetch(port, "/appeals/first/")[0] == 404
    with serving(small, "--drafts") as (_, port):
        assert fetch(port, "/appeals/first/")[0] == 200


# Interruptions


def test_ctrl_c_ends_a_build_without_a_trace_and_without_a_change(standing_demo):
    site = standing_demo
    before = site.tree()
    process = site.start("build", "--clean", "--at", AT)
    assert process.stderr
    while "Building" not in process.stderr.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the build and its workers
    _, rest = process.communicate(timeout=240)
    assert process.returncode == 130
    assert (
        rest.splitlines()[-1] == "Stopped. What was there before is untouched; the same command begins again."
    )
    assert "Traceback" not in rest
    assert site.tree() == before
    assert not (site.root / ".output.stage").exists()


@pytest.fixture(scope="module")
def edited(built_small, tmp_path_factory) -> tuple[Checkout, dict[str, str], dict[str, str]]:
    """Sources that were edited after a build, the output of before, and the output that is to come."""
    site = copy_built(built_small, tmp_path_factory.mktemp("edited") / "checkout")
    for path in ("content/network/about/en.md", APPEAL):
        site.write(path, (site.root / path).read_text(encoding="utf-8") + "\nOne more sentence.\n")
    site.edit(
        "theme/templates/parts/footer.html", '<footer class="foot">', '<footer class="foot"><p>More</p>'
    )
    (site.root / "content/network/support/en.md").unlink()
    whole = copy_built(site, tmp_path_factory.mktemp("whole") / "checkout")
    assert whole.build().code == 0
    assert whole.tree() != site.tree()
    return site, site.tree(), whole.tree()


@pytest.mark.parametrize("moment", ["* Building\n", "* Replacing the output\n"])
@pytest.mark.parametrize("seed", range(3))
def test_a_build_that_is_killed_leaves_the_old_tree_or_one_that_the_next_build_completes(
    edited, tmp_path, seed, moment
):
    """Killed at some instant, with its workers; what lies there is told apart file by file."""
    sources, old, new = edited
    site = copy_built(sources, tmp_path / "checkout")
    process = site.start("build", "--at", AT, "--jobs", "2")
    assert process.stderr
    while (line := process.stderr.readline()) not in {moment, ""}:
        pass
    if line:
        time.sleep(random.Random(seed).uniform(0, 0.4 if "Building" in moment else 0.01))
    stop(process)
    between = {path: digest for path, digest in site.tree().items() if not path.endswith("/")}
    assert {path for path in between if between[path] not in {old.get(path), new.get(path)}} == set()
    if not (site.root / ".output.stage/journal.json").is_file():
        assert between in (old, new)
    told = site.build()
    assert told.code == 0, told.err
    assert site.tree() == new
    assert not (site.root / ".output.stage").exists()


def test_two_builds_of_one_output_do_not_mix(demo, standing_demo):
    site = standing_demo
    process = site.start("build", "--clean", "--at", AT)
    try:
        assert process.stderr
        while "Reading" not in process.stderr.readline():
            assert process.poll() is None
        told = site.build("--clean")
        assert (told.code, told.out) == (1, "")
        assert told.err == "ERROR another build is writing output/; wait until it is done\n"
        assert process.communicate(timeout=240)[0]
        assert process.returncode == 0
    finally:
        stop(process)
    assert site.tree() == demo.checkout.tree()


def test_builds_of_several_outputs_and_checks_can_run_at_the_same_time(built_small, tmp_path):
    options = [["build", "--at", AT, "--output", str(tmp_path / str(number))] for number in range(3)]
    processes = [built_small.start(*words) for words in [*options, ["check"]]]
    ends = [process.communicate(timeout=240) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, ends
    assert [tree_of(tmp_path / str(number)) for number in range(3)] == [built_small.tree()] * 3


def test_a_reader_that_has_enough_is_no_error(built_small):
    command = " ".join([*map(repr, built_small.command("translations")), "| head -n 1"])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=built_small.root,
        env=built_small.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_the_sources_are_left_alone_by_every_build_and_check(built_small, standing):
    site = standing
    before = {name: tree_of(site.root / name) for name in ("content", "data", "theme")}
    assert site.build("--clean").code == 0
    assert site.run("check").code == 0
    assert {name: tree_of(site.root / name) for name in before} == before
    made = {path.name for path in site.root.iterdir()} - {path.name for path in built_small.root.iterdir()}
    assert made <= {".output.lock"}


def test_the_program_starts_in_this_python_without_warnings(built_small):
    command = [sys.executable, "-W", "error", *built_small.command("build", "--at", AT)[1:]]
    done = subprocess.run(
        command,
        cwd=built_small.root,
        env=built_small.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(built_small.output).is_dir()
