"""The docs against the code: what they name exists, and what exists and concerns readers is named."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from tests.test_architecture import ARROWS
from tocsin.console import TASKS, reference, schema
from tocsin.console import _parser as parser_of
from tocsin.library.frontmatter import parse_source
from tocsin.library.references import _REFERENCES
from tocsin.model import ITEM_TYPES
from tocsin.model.items import TRANSLATION_KEYS
from tocsin.model.record import BETWEEN_FIELDS
from tocsin.model.shared import ENTRY_TYPES
from tocsin.model.site import Site
from tocsin.render.filters import COMMON, LanguageFilters

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))[1:]

# Named in the docs and made by tasks or by readers, so not there in a fresh checkout.
MADE = (
    "data/withheld.toml",
    "output/",
    "preview/",
    "mirrors/",
    ".venv",
    ".tocsin/",
    ".output.",
    "theme/locale/pt/",
)
# Folders and files at the top, by which a path is told from other words between backticks.
TOPS = {path.name for path in ROOT.iterdir()}
RECORD_TYPES = [kind for item in ITEM_TYPES.values() for kind in (item.facts_type, item.words_type)]
FRONT_MATTER_KEYS = {name for kind in RECORD_TYPES for name in kind.model_fields}
CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text_of(name))


def section(name: str, heading: str) -> str:
    """What stands below a heading, down to the next of its level or a higher one."""
    level = heading.partition(" ")[0]
    body = text_of(name).split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", body, maxsplit=1)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def spans(text: str) -> set[str]:
    """Every word between backticks; of a longer span its words as well."""
    found = set(CODE_SPAN.findall(text))
    return found | {word for span in found for word in re.findall(r"[\w-]+", span)}


pages = pytest.mark.parametrize("name", [name_of(page) for page in PAGES])


def test_there_is_something_to_read():
    assert len(PAGES) > 20


# The README


def test_the_first_screen_of_the_readme_holds_both_commands():
    first = "\n".join(text_of("README.md").splitlines()[:30])
    assert "python3 tasks.py build" in first
    assert "python3 tasks.py test" in first


def test_the_readme_lists_every_task_and_nothing_else():
    assert [row[0].strip("`") for row in rows(section("README.md", "## Tasks"))] == list(TASKS)


def test_the_changelog_of_this_version_lists_every_task():
    assert set(TASKS) <= spans(section("CHANGELOG.md", "## 0.1.0 (unreleased)"))


def test_the_readme_names_everything_at_the_top_that_people_work_with():
    hidden = {name for name in TOPS if name.startswith(".")} | {"node_modules", "__pycache__"}
    files = {path.name for path in ROOT.glob("requirements*")} | {"LICENSE", "README.md", "pyproject.toml"}
    ignored = {"output", "preview", "releases", "mirrors", "keys"}
    named = spans(text_of("README.md")) | set(re.findall(r"\]\(([^)#]+)", text_of("README.md")))
    missing = {name for name in TOPS - hidden - files - ignored if not {name, f"{name}/"} & named}
    assert missing == set()


# Keys


def test_pages_and_schemas_that_are_made_from_the_model_are_current():
    made = schema.files()
    assert [name for name in made if not (ROOT / name).is_file()] == []
    assert [name for name, text in made.items() if text_of(name) != text] == [], "python3 tasks.py schema"


def records(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield kind
    for field in kind.model_fields.values():
        inner = reference._record_in(field.annotation)
        if inner is not None:
            yield from records(inner)


ALL_RECORDS = {record for kind in [Site, *ENTRY_TYPES.values(), *RECORD_TYPES] for record in records(kind)}


def test_every_key_says_what_it_means():
    assert len(ALL_RECORDS) > 25
    silent = [
        f"{record.__name__}.{name}"
        for record in ALL_RECORDS
        for name, field in record.model_fields.items()
        if not field.description
    ]
    assert silent == []


def test_every_key_of_front_matter_is_on_the_page():
    assert FRONT_MATTER_KEYS - spans(text_of("docs/front-matter.md")) == set()


def test_every_key_of_site_toml_is_on_the_page():
    def keys(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield name
                yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    site = tomllib.loads(text_of("site.toml"))
    languages = set(site["languages"])
    assert set(keys(site)) - languages - spans(text_of("docs/site-and-data.md")) == set()


def test_keys_that_refer_to_shared_data_say_to_which():
    assert {name: table for name, table, _ in _REFERENCES} | {"series": "series"} == reference.TABLES


# The least that each kind must state, and values that make a rule speak.
LEAST = {
    "appeal": [{"stage": "first"}, {"stage": "follow-up"}, {"stage": "first", "status": "suspended"}],
    "report": [{"form": "fact-finding"}, {"form": "joint-submission"}],
    "statement": [
        {"form": "press-release"},
        {"form": "call-for-input"},
        {"form": "open-letter", "deadline": "2026-01-01"},
    ],
    "portrait": [{"series": "ten", "number": 1, "consent": "given"}],
    "page": [{"archived": True}, {"archived": True, "seen": "2013", "fictional": True}],
    "member": [{}, {"listing": "full", "countries": ("KE",)}],
}


@pytest.mark.parametrize("kind", ITEM_TYPES)
def test_rules_between_keys_are_on_the_page(kind):
    demanded = set()
    for values in LEAST[kind]:
        with pytest.raises(ValidationError) as caught:
            ITEM_TYPES[kind].facts_type.model_validate({"id": "0123456789", **values})
        for details in caught.value.errors():
            assert details["type"] == BETWEEN_FIELDS
            for field, sentence in details["ctx"]["faults"]:
                demanded |= {field, *re.findall(r"'([a-z_]+)'", sentence)}
    said = spans(" ".join([*reference.RULES[kind], *reference.RULES["all"]]))
    assert demanded - said == set()


# Commands, paths, links

# Where the kit for volunteers lies on their hosts, as its settings say.
KIT_PATHS = re.compile(r"/(?:srv|opt|var/lib/tor)/mirror\b")


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for language, block in FENCE.findall(text_of(name_of(page))):
            if language == "sh":
                found += [(name_of(page), line.strip()) for line in block.splitlines() if line.strip()]
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_commands_can_be_given_like_that(page, line):
    words = shlex.split(line.partition(" 2>")[0], comments=True)
    if words[:2] == ["python3", "tasks.py"]:
        assert words[2] in TASKS
        options = parser_of(words[2]).parse_args(words[2:])
        assert options.task == words[2]
    else:
        assert words[0] == ".venv/bin/python"
        assert words[1].startswith("-") or (ROOT / words[1]).is_file()
    assert [word for word in words if word.startswith("content/") and not (ROOT / word).is_file()] == []


@pages
def test_tasks_that_are_named_exist(name):
    for line in re.findall(r"tasks\.py ([a-z]+)", text_of(name)):
        assert line in TASKS


@pages
def test_paths_that_are_named_exist(name):
    missing = []
    for span in CODE_SPAN.findall(prose(name)):
        path = span.partition(" ")[0]
        is_path = path.partition("/")[0] in TOPS and ("/" in path or "." in path)
        if is_path and not path.startswith(MADE) and "…" not in path and not (ROOT / path).exists():
            missing.append(path)
    assert missing == []


def anchors(name: str) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(name)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pages
def test_links_between_pages_lead_somewhere(name):
    dead = []
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", CODE_SPAN.sub("", prose(name))):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        page = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        if not page.exists() or (anchor and anchor not in anchors(name_of(page))):
            dead.append(target)
    assert dead == []


@pages
def test_no_path_of_a_machine_and_no_registry_stands_in_the_docs(name):
    text = KIT_PATHS.sub("", text_of(name)) if name == "docs/mirror-hosts.md" else text_of(name)
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|opt|mnt|srv|var|usr|Users)/\S*", text) == []
    assert re.findall(r"\b(?:pypi|npmjs|pythonhosted|registry)\.\w+", text_of(name)) == []


@pages
def test_lines_of_prose_fit_the_width(name):
    lines = [line for line in prose(name).splitlines() if not line.lstrip().startswith("|")]
    assert [line for line in lines if len(line) > 120] == []


# For editors


def yaml_blocks() -> list[str]:
    return [block for language, block in FENCE.findall(text_of("docs/editors.md")) if language == "yaml"]


def test_keys_in_the_guide_for_editors_exist():
    assert len(yaml_blocks()) > 5
    for block in yaml_blocks():
        keys = set(re.findall(r"^([a-z_]+):", re.sub(r"(?m)^  (?=picture|  )", "", block), re.MULTILINE))
        assert keys - FRONT_MATTER_KEYS == set(), block


def test_whole_files_in_the_guide_for_editors_are_right():
    files = [block for block in yaml_blocks() if block.startswith("---\n")]
    assert len(files) == 2
    appeal, translation = (parse_source("guide", file.encode()).values for file in files)
    facts = {key: value for key, value in appeal.items() if key in ITEM_TYPES["appeal"].facts_keys()}
    words = {key: value for key, value in appeal.items() if key not in facts}
    ITEM_TYPES["appeal"].facts_type.model_validate(facts)
    ITEM_TYPES["appeal"].words_type.model_validate(words)
    ITEM_TYPES["appeal"].words_type.model_validate(translation)
    assert translation.keys() >= TRANSLATION_KEYS


def test_messages_in_the_guide_for_editors_are_real():
    expected = (ROOT / "tests/sites/invalid").glob("*/expected.txt")
    told = "\n".join(path.read_text(encoding="utf-8") for path in expected)
    shown = [row[0].strip("`") for row in rows(section("docs/editors.md", "## Messages and the way out"))]
    assert len(shown) > 10
    for message in shown:
        assert re.search(re.escape(message).replace("…", ".*"), told), message


# For developers


def test_the_table_of_rooms_is_what_the_architecture_says():
    def room(cell: str) -> str:
        return cell.strip("`/").removeprefix("tocsin/").removesuffix(".py")

    table = {room(row[0]): row[2] for row in rows(section("docs/developers.md", "## Rooms"))}
    assert table.keys() == ARROWS.keys() - {"__main__"}
    for name, imports in table.items():
        if imports == "nothing of ours":
            assert ARROWS[name] == set()
        elif not imports.startswith("all of the above"):
            assert set(imports.split(", ")) == ARROWS[name]


def test_every_filter_of_the_theme_is_in_its_table():
    own = {name for name in vars(LanguageFilters) if not name.startswith("_")} - {"all"}
    listed = {
        word.partition("(")[0]
        for row in rows(section("docs/developers.md", "### Filters"))
        for word in CODE_SPAN.findall(row[0])
    }
    assert listed == own | set(COMMON)


def test_every_template_and_every_value_of_one_is_in_the_tables():
    named = spans(section("docs/developers.md", "## The theme"))
    templates = {path.name for path in (ROOT / "theme/templates").glob("*.html")}
    assert templates - named == set()
    values = set()
    for module in ("front", "item_pages", "list_pages", "search"):
        for node in ast.walk(ast.parse(text_of(f"tocsin/render/{module}.py"))):
            if isinstance(node, ast.Dict):
                values |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    assert len(values) > 40
    assert values - {"in_languages"} - named == set()


# Decisions


def test_decisions_are_numbered_without_gaps_and_all_in_the_index():
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))
    listed = [row[0] for row in rows(text_of("docs/adr/0000-index.md"))]
    assert listed == [f"[{page.name[:4]}]({page.name})" for page in ADRS]


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_a_decision_has_its_number_its_three_parts_and_fits_a_page(page):
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 60


def test_every_library_has_a_line():
    asked = {
        re.split(r"[<\[]", line.lower())[0]
        for name in ("requirements.in", "requirements-test.in")
        for line in text_of(name).splitlines()
        if line and not line.startswith(("#", "-"))
    }
    text = text_of("docs/adr/0011-libraries.md").lower()
    stubs = {name for name in asked if name.startswith("types-") or name.endswith("-stubs")}
    assert {name for name in asked - stubs if not re.search(rf"\b{re.escape(name)}\b", text)} == set()


def test_every_rule_of_the_format_is_named_in_code_and_in_a_test():
    rules = re.findall(r"^\* \*\*(F\d+)\*\*", text_of("docs/release-format.md"), re.MULTILINE)
    assert sorted(rules, key=lambda rule: int(rule[1:])) == [f"F{n}" for n in range(1, len(rules) + 1)]

    def named(*folders: str) -> set[str]:
        paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
        return {rule for path in paths for rule in re.findall(r"\bF\d+\b", path.read_text(encoding="utf-8"))}

    assert set(rules) - named("tocsin") == set()
    assert set(rules) - named("tests/unit", "tests/integration", "tests/browsers") == set()


# Security


def test_the_address_for_reports_is_that_of_the_site():
    contact = tomllib.loads(text_of("site.toml"))["identity"]["contact"]
    assert contact in text_of("SECURITY.md")
