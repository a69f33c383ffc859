"""The layout that DESIGN.md, section 3, promises, read from the source with `ast`: nothing is imported here
but the two modules whose values are compared."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from tocsin import errors
from tocsin.model import ITEM_TYPES
from tocsin.model import shared as shared_data
from tocsin.model.items import AnyItem
from tocsin.model.site import Site
from tocsin.render.labels import LABELS

ROOT = Path(__file__).resolve().parents[1]

# Which room may import which. `plugins` is the one room that knows Pelican; `console` may import everything.
# `render` reads the `Library` (its pages are questions to it); a first sketch kept them apart.
# `ledger` keeps plain data by name and knows nothing of what it keeps, so it lies low.
LOWEST = {"errors"}
ARROWS = {
    "errors": set(),
    "reporting": LOWEST,
    "files": LOWEST,
    "forks": LOWEST,
    "ledger": LOWEST,
    "proxies": LOWEST,
    "model": {*LOWEST, "proxies"},
    "pictures": {*LOWEST, "files"},
    "pagefind": LOWEST,
    "serving": LOWEST,
    "signed": LOWEST,
    "keys": {*LOWEST, "files", "signed"},
    "library": {*LOWEST, "reporting", "files", "forks", "ledger", "model", "pictures"},
    "render": {*LOWEST, "ledger", "model", "pictures", "pagefind", "serving", "signed", "library"},
    "attachments": {*LOWEST, "files", "pictures"},
    "checks": LOWEST,
    "leaks": {*LOWEST, "forks", "attachments", "library"},
    "offline": {*LOWEST, "model", "signed", "library", "render"},
    "release": {*LOWEST, "files", "reporting", "signed", "keys", "render"},
    "make": {*LOWEST, "reporting", "files", "forks", "ledger"},
    "verify": {*LOWEST, "reporting", "files", "proxies", "signed"},
    "mirrors": {*LOWEST, "reporting", "files", "model", "signed", "library"},
    "probing": {*LOWEST, "reporting", "files", "serving", "signed", "verify"},
}
LIBRARY_ROOMS = set(ARROWS)
ARROWS |= {
    "plugins": LIBRARY_ROOMS,
    "console": {*LIBRARY_ROOMS, "plugins"},
    "__main__": {"console"},
}

# The modules that change files, and how. Everybody else hands bytes to `files`.
WRITERS = {
    "tocsin/files.py": "the one module that writes files",
    "tocsin/attachments/kept.py": "throws away cleaned documents that no text uses any more",
    "tocsin/ledger/store.py": "a file of SQLite, which does its own writing, and throws a damaged one away",
    "tocsin/pictures/cache.py": "keeps renditions, from several processes at once",
    "tocsin/console/revert.py": "looks into a release in a folder that the system makes and takes away",
    "tocsin/console/diff.py": "unpacks an earlier state into a folder that the system makes and takes away",
    "tocsin/console/offline_edition.py": "makes an edition in a folder that the system makes and takes away",
    "tocsin/console/rebuilding.py": "clones and builds in a folder that the system makes and takes away",
    "tocsin/console/check.py": "builds into a folder that the system makes and takes away",
}
PRINTERS = "tocsin/console/"
# A worker process has no console: what ends it unforeseen is shown where it happened.
TRACERS = {"tocsin/forks.py"}

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base"}
# Where input, output and processes begin; a model is a value.
WORLD = {
    "os",
    "pathlib",
    "subprocess",
    "socket",
    "io",
    "shutil",
    "tempfile",
    "logging",
    "urllib.request",
    "http",
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the program by its path below the checkout."""
    paths = [*ROOT.glob("tocsin/**/*.py"), *ROOT.glob("plugins/**/*.py")]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes()) for path in sorted(paths)}


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def room_of(name: str) -> str | None:
    """`tocsin.render.feeds` stands in `render`; None for what is not ours."""
    parts = name.split(".")
    if parts[0] == "plugins":
        return "plugins"
    if parts[0] == "tocsin":
        return parts[1] if len(parts) > 1 else "tocsin"
    return None


def imports(path: str) -> Iterator[tuple[int, str]]:
    """Every module that a module imports, also inside functions, with the line."""
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
            names = {dotted(other) for other in modules()}
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield node.lineno, full if full in names else str(node.module)


def called(node: ast.Call) -> str:
    """`os.replace` of `os.replace(a, b)`, `.write_text` of `x().write_text(a)`, `print` of `print()`."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        owner = function.value.id if isinstance(function.value, ast.Name) else ""
        return f"{owner}.{function.attr}"
    return ""


def calls(path: str) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.Call):
            yield node.lineno, called(node), node


def functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (n for n in ast.walk(modules()[path]) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_there_is_something_to_read():
    assert len(modules()) > 50


def test_every_room_is_on_the_plan_and_every_room_of_the_plan_exists():
    assert {room_of(dotted(path)) for path in modules()} == {*ARROWS, "tocsin"}


def test_arrows_between_rooms_point_one_way():
    wrong = [
        f"{path}:{line}: {room_of(dotted(path))} imports {name}"
        for path in modules()
        if (own := room_of(dotted(path))) != "tocsin"
        for line, name in imports(path)
        if (other := room_of(name)) is not None and other not in {own, *ARROWS[own]}
    ]
    assert wrong == []


def test_the_plan_of_the_rooms_itself_has_no_circle():
    settled: set[str] = set()
    while len(settled) < len(ARROWS):
        free = {room for room, below in ARROWS.items() if room not in settled and below <= settled}
        assert free, f"in a circle: {sorted(set(ARROWS) - settled)}"
        settled |= free


def test_no_module_imports_itself_by_way_of_others():
    names = {dotted(path): path for path in modules()}
    graph = {name: {other for _, other in imports(path) if other in names} for name, path in names.items()}
    reached: dict[str, set[str]] = {}

    def below(name: str) -> set[str]:
        if name not in reached:
            reached[name] = set()
            for other in graph[name]:
                reached[name] |= {other, *below(other)}
        return reached[name]

    for name in graph:
        reached.clear()
        assert name not in below(name), f"{name} is in a circle of imports"


def test_only_plugins_know_pelican():
    knowing = {
        path
        for path in modules()
        for _, name in imports(path)
        if name.split(".")[0] in {"pelican", "blinker"} and room_of(dotted(path)) != "plugins"
    }
    assert knowing == set()


def test_the_model_does_no_input_or_output():
    wrong = [
        f"{path}:{line}: {name}"
        for path in modules()
        if path.startswith("tocsin/model/")
        for line, name in imports(path)
        if name in WORLD or name.split(".")[0] in WORLD
    ]
    wrong += [
        f"{p}:{n}: {w}"
        for p in modules()
        if p.startswith("tocsin/model/")
        for n, w, _ in calls(p)
        if w == "open"
    ]
    assert wrong == []


WRITING_METHODS = {"write_text", "write_bytes", "touch", "unlink", "rename", "rmdir", "mkdir"}
WRITING_METHODS |= {"symlink_to", "hardlink_to", "chmod"}
WRITING_OF = {
    "os": {
        "replace",
        "rename",
        "remove",
        "unlink",
        "rmdir",
        "mkdir",
        "makedirs",
        "link",
        "symlink",
        "truncate",
    },
    "shutil": {"rmtree", "copy", "copy2", "copyfile", "copytree", "move", "make_archive"},
    "tempfile": {"mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile"},
}


def writes(call: ast.Call, name: str) -> bool:
    """Does this call change files?"""
    owner, _, method = name.rpartition(".")
    if owner in WRITING_OF:
        return method in WRITING_OF[owner]
    if method in {"open", "fdopen"}:
        modes = [
            a.value for a in [*call.args, *(k.value for k in call.keywords)] if isinstance(a, ast.Constant)
        ]
        return owner != "os" and any(
            isinstance(m, str) and re.fullmatch(r"[rwaxbt+]*[wax+][rwaxbt+]*", m) for m in modes
        )
    if method == "replace":  # of a path: that of a text takes two
        return len(call.args) == 1 and not call.keywords and "." in name
    return method in WRITING_METHODS


def test_files_are_written_by_the_modules_that_say_so_and_by_no_others():
    found = {path for path in modules() for _, name, call in calls(path) if writes(call, name)}
    assert found == set(WRITERS)


@pytest.mark.parametrize(
    "line",
    [
        "open(path, 'w')",
        "path.open('ab')",
        "open(path, mode='r+')",
        "path.write_text(x)",
        "os.replace(a, b)",
        "path.replace(other)",
        "shutil.rmtree(x)",
        "tempfile.mkstemp()",
        "path.unlink(missing_ok=True)",
    ],
)
def test_the_test_above_sees_a_line_that_writes(line):
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert writes(call, called(call))


@pytest.mark.parametrize(
    "line", ["open(path)", "path.open('rb')", "text.replace('w', 'a')", "value.replace(tzinfo=UTC)"]
)
def test_the_test_above_lets_a_line_that_reads_pass(line):
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert not writes(call, called(call))


def test_only_the_console_prints_and_ends_the_program():
    speaking = {
        "print",
        "input",
        "sys.exit",
        "exit",
        "quit",
        "stdout.write",
        "stderr.write",
        "traceback.print_exc",
    }
    wrong = [
        f"{path}:{line}: {name}"
        for path in modules()
        if not path.startswith(PRINTERS) and path not in TRACERS
        for line, name, _ in calls(path)
        if name in speaking
    ]
    assert wrong == []


def test_modules_are_named_after_what_they_hold():
    stems = {Path(path).stem for path in modules()} | {Path(path).parent.name for path in modules()}
    assert stems & FORBIDDEN_NAMES == set()


def test_modules_have_at_most_400_lines():
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the end."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def test_functions_have_at_most_40_lines_and_nine_in_ten_at_most_25():
    lengths = {f"{path}:{f.lineno} {f.name}": body_length(f) for path in modules() for f in functions(path)}
    assert {name: length for name, length in lengths.items() if length > 40} == {}
    long = sorted(name for name, length in lengths.items() if length > 25)
    assert len(long) <= len(lengths) / 10, long


def public(path: str) -> Iterator[tuple[str, ast.AST]]:
    """Functions and classes of a module that others may use, and their methods."""
    for node in modules()[path].body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{path}:{node.lineno} {node.name}", node


def test_every_module_says_what_it_is_for():
    silent = [
        p
        for p, tree in modules().items()
        if tree.body and not ast.get_docstring(tree) and "__main__" not in p
    ]
    assert silent == []


# What every task has and `tocsin.console` describes once.
TASK_INTERFACE = {"add_arguments", "run"}


def test_public_functions_and_classes_have_a_docstring():
    silent = [
        name
        for path in modules()
        for name, node in public(path)
        if not ast.get_docstring(node)  # type: ignore[arg-type]
        and not (path.startswith("tocsin/console/") and name.split()[-1] in TASK_INTERFACE)
    ]
    assert silent == []


def test_functions_state_their_types():
    untyped = [
        f"{path}:{f.lineno} {f.name}"
        for path in modules()
        for f in functions(path)
        if f.returns is None or any(a.annotation is None for a in f.args.args if a.arg not in {"self", "cls"})
    ]
    assert untyped == []


def test_the_tree_of_errors_is_drawn_as_it_grew():
    drawn = re.findall(r"^    (?:│   )*(?:[├└]── )?(\w+Error)\b", str(errors.__doc__), re.MULTILINE)
    lines = [
        line
        for line in str(errors.__doc__).splitlines()
        if re.search(r"\w+Error\b", line) and line.startswith("    ")
    ]
    parents = {}
    path: list[str] = []
    for line in lines:
        name = re.search(r"\w+Error", line)
        assert name
        depth = (name.start() - 4) // 4
        path = [*path[:depth], name[0]]
        parents[name[0]] = path[depth - 1] if depth else "Exception"
    found = {
        name: value.__bases__[0].__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert parents == found
    assert len(drawn) == len(found)


def test_an_error_that_is_not_on_the_tree_never_leaves_its_room():
    own = {
        node.name: room_of(dotted(path))
        for path, tree in modules().items()
        if path != "tocsin/errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(b, ast.Name) and b.id.endswith(("Error", "Exception")) for b in node.bases)
    }
    leaving = [
        f"{path}:{node.lineno} {alias.name}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in own and own[alias.name] != room_of(dotted(path))
    ]
    assert leaving == []


def choices(annotation: object) -> Iterator[str]:
    """Every value of every `Literal` inside an annotation."""
    origin = get_origin(annotation)
    if origin is Literal:
        yield from (value for value in get_args(annotation) if isinstance(value, str))
    elif origin in {Annotated, Union, UnionType, tuple, dict, list, frozenset}:
        for inner in get_args(annotation):
            yield from choices(inner)


def records(item: type[AnyItem]) -> Iterator[type[BaseModel]]:
    """The facts and the words of a kind, and the records inside them."""
    waiting: list[object] = [item.facts_type, item.words_type]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
            waiting += [field.annotation for field in kind.model_fields.values()]
        else:
            waiting += [inner for inner in get_args(kind) if inner is not kind]


# Fields whose values readers never see as words: they decide what is shown.
UNSPOKEN = {"consent", "exceptions", "listing", "menu", "shows"}


def test_every_value_that_readers_meet_has_a_word_in_the_interface():
    wanted: dict[str, set[str]] = {}
    for item in ITEM_TYPES.values():
        for record in records(item):
            for name, field in record.model_fields.items():
                if values := set(choices(field.annotation)):
                    wanted.setdefault(name, set()).update(values)
    spoken = {name: values for name, values in wanted.items() if name not in UNSPOKEN}
    assert spoken
    assert {name: set(LABELS[name]) for name in spoken} == spoken
    assert set(LABELS["kind"]) == set(ITEM_TYPES)
    assert set(wanted) >= UNSPOKEN
    assert set(LABELS) == {*spoken, "kind", "section"}


def test_sections_have_a_word_for_every_kind_that_has_a_section():
    assert set(LABELS["section"]) >= set(ITEM_TYPES) - {"member"}
    assert Site.model_fields
    assert shared_data.ENTRY_TYPES
