"""A copy of this checkout to build in, and what comes out of it, read by a real parser."""

import gettext
import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from lxml import html

from tocsin.console.quick import state_path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("plugins", "theme", "tocsin", "tools", "pelicanconf.py", "publishconf.py", "site.toml", "tasks.py")
WORDS = ("content", "data")
# Who commits, and when: the same commit is the same number in every run.
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "Editor"),
        ("EMAIL", "editor@omct.example"),
        ("DATE", "2026-06-01T12:00Z"),
    )
}

# Between the last issue of the demonstration and the next instant at which it changes by itself.
AT = "2026-11-21T12:00Z"


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Standard error, the warnings about the demonstration's own texts left out."""
        kept = [line for line in self.err.splitlines() if not line.startswith("WARNING content/")]
        return "\n".join(kept)

    @property
    def masked(self) -> str:
        """Standard output with its seconds masked."""
        return re.sub(r"\d+\.\d s\)", "0.0 s)", self.out)


@dataclass(frozen=True)
class Checkout:
    """A folder that holds the sources of a site and the program that builds it."""

    root: Path

    @property
    def output(self) -> Path:
        return self.root / "output"

    def environment(self, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """Nothing of the caller's settings but where programs are; `more` adds, or takes out with None."""
        known: dict[str, str | None] = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self.root),
        }
        return {name: value for name, value in (known | dict(more or {})).items() if value is not None}

    def command(self, *words: str) -> list[str]:
        """As tasks.py calls the program."""
        return [sys.executable, "-P", "-X", "utf8", "-m", "tocsin", *words]

    def run(
        self,
        *words: str,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        before: Sequence[str] = (),
        umask: int = 0o022,
    ) -> Told:
        """Run a task to its end. `before` is a program that runs it, with its arguments."""
        done = subprocess.run(
            [*before, *self.command(*words)],
            cwd=cwd or self.root,
            env=self.environment(env),
            umask=umask,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, env: Mapping[str, str | None] | None = None) -> subprocess.Popen[str]:
        """Begin a task in a process group of its own, so that a test can end it and its workers."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.root,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
            # Whoever runs the tests in the background has this signal ignored, and so would the task.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def git(self, *words: str) -> str:
        """What git says in the checkout."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            env=self.environment(IDENTITY),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def build(self, *options: str) -> Told:
        """Build as of `AT`."""
        return self.run("build", "--at", AT, *options)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace what stands exactly once in a file."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} holds {old!r} {text.count(old)} times"
        self.write(path, text.replace(old, new))

    def tree(self, folder: str = "output") -> dict[str, str]:
        return tree_of(self.root / folder)


def tree_of(folder: Path) -> dict[str, str]:
    """Every file below a folder with the digest of its bytes; folders without a file count too."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif not any(path.iterdir()):
            found[f"{name}/"] = "empty"
    return found


def stop(process: "subprocess.Popen[str]", number: signal.Signals = signal.SIGKILL) -> None:
    """End a task that `Checkout.start` began, with all of its workers."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass
    process.communicate(timeout=240)


def copy(source: Path, target: Path, names: Sequence[str], *, backwards: bool = False) -> Checkout:
    """Copy files and folders; `backwards` makes them in the opposite order, with times of their own."""
    for path in sorted((p for name in names for p in _files(source / name)), reverse=backwards):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copyfile if backwards else shutil.copy2)(path, copied)
    return Checkout(target)


def copy_built(site: Checkout, target: Path) -> Checkout:
    """Copy a checkout with its output and with what the builds of that output remember."""
    copied = copy(site.root, target, [path.name for path in site.root.iterdir()])
    remembered = state_path(target, site.output)
    if remembered.is_file():
        remembered.rename(state_path(target, copied.output))
    return copied


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (inner for inner in path.rglob("*") if inner.is_file())


SMALL = {
    "content/appeals/2026/first/en.md": """\
---
id: 0000000001
original: true
fictional: true
issued: 2026-03-01
stage: first
countries: [KE]
themes: [defenders]
violations: [threats]
issuers: [omct]
status: closed-other
title: Threats against a defender
summary: A summary.
---

A text with a [page](page:about).
""",
    "content/network/about/en.md": """\
---
id: 0000000002
original: true
title: About us
---

Who we are.
""",
    "content/network/support/en.md": """\
---
id: 0000000003
original: true
title: Support
---

How to help.
""",
}


def make_small(snapshot: Path, target: Path) -> Checkout:
    """A site of three items in three languages, with the real theme."""
    small = copy(snapshot, target, [*CODE, "data"])
    site = (small.root / "site.toml").read_text(encoding="utf-8")
    for code in ("es", "ru"):
        site, count = re.subn(rf"^\[languages\.{code}\]\n(?:(?!\[).*\n)*", "", site, flags=re.MULTILINE)
        assert count == 1
    small.write("site.toml", site)
    for path, text in SMALL.items():
        small.write(path, text)
    return small


@dataclass(frozen=True)
class Item:
    """What the files of one item state, read without the program that is tested."""

    kind: str
    slug: str
    folder: str
    heads: Mapping[str, Mapping[str, Any]]
    bodies: Mapping[str, str]

    @property
    def original(self) -> str:
        marked = [language for language, head in self.heads.items() if head.get("original")]
        return marked[0] if marked else next(iter(self.heads))

    @property
    def facts(self) -> Mapping[str, Any]:
        """The front matter of the original, which states every fact."""
        return self.heads[self.original]

    def address(self, language: str) -> str:
        return f"{home(language)}{FOLDERS[self.kind]}/{self.slug}/"


FOLDERS = {
    "appeal": "appeals",
    "report": "reports",
    "statement": "statements",
    "portrait": "portraits",
    "member": "network/members",
    "page": "network",
}
LANGUAGES = ("en", "fr", "es", "ar", "ru")
SITE = "https://omct.example/"


def home(language: str) -> str:
    """The address of a language's home page."""
    return "" if language == "en" else f"{language}/"


def read_items(root: Path) -> dict[str, Item]:
    """Every item below `content/`, by `kind:slug`."""
    found: dict[str, Item] = {}
    for folder in sorted({path.parent for path in (root / "content").rglob("*.md")}):
        place = folder.relative_to(root / "content").as_posix()
        kind = next(kind for kind, start in FOLDERS.items() if place.startswith(f"{start}/"))
        heads, bodies = {}, {}
        for path in sorted(folder.glob("*.md")):
            _, head, body = re.split(
                r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE
            )
            heads[path.stem], bodies[path.stem] = yaml.safe_load(head), body
        found[f"{kind}:{folder.name}"] = Item(kind, folder.name, f"content/{place}", heads, bodies)
    return found


@dataclass(frozen=True)
class Page:
    """One page of an output, parsed."""

    address: str
    data: bytes = field(repr=False)

    @cached_property
    def root(self) -> html.HtmlElement:
        return html.document_fromstring(self.data, parser=html.HTMLParser(encoding="utf-8"))

    def find(self, path: str) -> list[html.HtmlElement]:
        """The elements that an XPath expression names."""
        found: list[html.HtmlElement] = self.root.xpath(path)
        return found

    def one(self, path: str) -> html.HtmlElement:
        found = self.find(path)
        assert len(found) == 1, f"{self.address}: {len(found)} elements are {path}"
        return found[0]

    @cached_property
    def text(self) -> str:
        """The words of the page's main part, spaces made single."""
        return words(self.one("//main"))

    @cached_property
    def ids(self) -> set[str]:
        return set(self.root.xpath("//@id"))

    @property
    def language(self) -> str:
        return str(self.root.get("lang", ""))


def words(element: html.HtmlElement) -> str:
    """The text of an element, spaces made single."""
    return " ".join(element.text_content().split())


@dataclass(frozen=True)
class Built:
    """An output that was built once and that tests only read."""

    checkout: Checkout
    output: Path
    told: Mapping[str, object]

    def page(self, address: str) -> Page:
        """The page at an address such as `fr/appeals/x/`."""
        return self.pages[address]

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Every page by its address."""
        found = {}
        for path in sorted(self.output.rglob("*.html")):
            address = path.relative_to(self.output).as_posix().removesuffix("index.html")
            found[address] = Page(address, path.read_bytes())
        return found

    @cached_property
    def texts(self) -> dict[str, str]:
        """Every file that is text, by path."""
        endings = {".html", ".xml", ".txt", ".css", ".rss", ".atom", ".json", ".opml"}
        paths = [path for path in sorted(self.output.rglob("*")) if path.suffix in endings]
        return {path.relative_to(self.output).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@dataclass(frozen=True)
class Interface:
    """The words of the interface in one language, from its catalogue through the real gettext."""

    language: str
    catalogue: gettext.NullTranslations = field(repr=False)
    messages: frozenset[str] = field(repr=False, default=frozenset())

    def __call__(self, message: str, **values: object) -> str:
        found = self.catalogue.gettext(message)
        assert self.language == "en" or message in self.messages, f"'{message}' is not in {self.language}"
        return found % values if values else found

    def count(self, singular: str, plural: str, number: int) -> str:
        return self.catalogue.ngettext(singular, plural, number) % {"count": number}


def interface(root: Path, language: str) -> Interface:
    """The words of a language; those of English are the messages themselves."""
    path = root / f"theme/locale/{language}/LC_MESSAGES/tocsin.po"
    if not path.is_file():
        return Interface(language, gettext.NullTranslations())
    compiled = io.BytesIO()
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    write_mo(compiled, read)
    compiled.seek(0)
    known = frozenset(message.id if isinstance(message.id, str) else message.id[0] for message in read)
    return Interface(language, gettext.GNUTranslations(compiled), known)
