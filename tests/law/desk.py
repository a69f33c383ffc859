"""A small site that can be edited: its items, data and settings as values, and the files that they become."""

import json
import random
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.law.glass import CONFIGURATION, write_theme

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("pelicanconf.py", "publishconf.py", "requirements.lock")
FOLDERS = {
    "appeal": "appeals",
    "report": "reports",
    "statement": "statements",
    "portrait": "portraits",
    "page": "network",
    "member": "network/members",
}
LANGUAGES = ("en", "fr", "ar", "es")
# What a site begins with.
KINDS = ("page",) * 3 + ("member",) * 2 + ("portrait",) * 2 + ("report", "statement") * 3 + ("appeal",) * 4
FEW = ("page", "member", "portrait", "portrait", "report", "report", "statement", "appeal", "appeal")
COUNTRIES = {"KE": "KEN", "CM": "CMR", "NO": "NOR", "PE": "PER"}
BEGINNING = datetime(2026, 6, 15, 12, tzinfo=UTC)
# Small pictures: these widths have one rendition, two, and three of each format.
WIDTHS = (40, 330, 660)


@dataclass
class Thing:
    """One item. Bodies are lists of paragraphs, such as `("text", …)` and `("link", kind, slug)`."""

    kind: str
    slug: str
    place: str
    facts: dict[str, Any]
    words: dict[str, dict[str, Any]]
    bodies: dict[str, list[tuple[str, ...]]]
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.slug}"

    @property
    def folder(self) -> str:
        return "/".join(part for part in ("content", FOLDERS[self.kind], self.place, self.slug) if part)

    @property
    def original(self) -> str:
        return str(self.facts["_original"])

    @property
    def embargo(self) -> str:
        return str(self.facts.get("embargo", ""))


class Desk:
    """The sources of one site in `root`, and the clock on the wall."""

    def __init__(self, root: Path, seed: int, *, real_theme: bool, kinds: Sequence[str] = KINDS) -> None:
        self.root = root
        self.at = BEGINNING
        self.drafts = False
        self.things: dict[str, Thing] = {}
        self.data = _shared_data()
        self.site = _site()
        self.numbers = 0
        self.faulty: dict[Path, bytes] = {}
        self.real_theme = real_theme
        rng = random.Random(seed)
        root.mkdir(parents=True)
        for name in SETTINGS:
            shutil.copyfile(ROOT / name, root / name)
        if real_theme:
            shutil.copytree(ROOT / "theme", root / "theme")
        else:
            write_theme(root / "theme")
            with (root / "publishconf.py").open("a", encoding="utf-8") as file:
                file.write(CONFIGURATION)
        for kind in kinds:
            self.add(kind, rng)
        self.write_data()
        self.write_site()
        self.settle()

    # What stands on the disk.

    def write(self, path: str, data: bytes | str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())

    def write_data(self) -> None:
        for table, entries in self.data.items():
            self.write(f"data/{table}.toml", _toml(entries))

    def write_site(self) -> None:
        top = {name: value for name, value in self.site.items() if not isinstance(value, dict)}
        tables = {name: value for name, value in self.site.items() if isinstance(value, dict)}
        lines = [f"{name} = {_value(value)}\n" for name, value in top.items()]
        self.write("site.toml", "".join(lines) + _toml(tables))

    def remove(self, thing: Thing) -> None:
        shutil.rmtree(self.root / thing.folder)
        parent = (self.root / thing.folder).parent
        while parent != self.root / "content" and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent

    def settle(self) -> None:
        """Write every item whose files are not what the desk holds, after taking out what leads nowhere."""
        self.repair()
        for thing in self.things.values():
            wanted = self.files_of(thing)
            folder = self.root / thing.folder
            present = {p.name for p in folder.iterdir() if p.is_file()} if folder.is_dir() else set()
            for name in present - wanted.keys():
                (folder / name).unlink()
            for name, data in wanted.items():
                if folder / name in self.faulty:
                    continue
                if name not in present or (folder / name).read_bytes() != data:
                    self.write(f"{thing.folder}/{name}", data)

    def files_of(self, thing: Thing) -> dict[str, bytes]:
        files = dict(thing.pictures)
        for language, words in thing.words.items():
            head = dict(words)
            if language == thing.original:
                facts = {name: value for name, value in thing.facts.items() if name != "_original"}
                head = {**facts, **({"original": True} if len(thing.words) > 1 else {}), **head}
            lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in head.items()]
            files[f"{language}.md"] = f"---\n{''.join(lines)}---\n\n{self.body(thing, language)}".encode()
        return files

    def body(self, thing: Thing, language: str) -> str:
        return "\n\n".join(_paragraph(piece) for piece in thing.bodies[language]) + "\n"

    # What keeps a site valid.

    def is_hidden(self, thing: Thing) -> bool:
        waits = bool(thing.embargo) and datetime.fromisoformat(thing.embargo) > self.at
        return waits or (bool(thing.facts.get("draft")) and not self.drafts)

    def can_see(self, source: Thing, target: Thing) -> bool:
        """May `source` lead to `target`? Where both wait for one instant it may."""
        if target.facts.get("draft"):
            return bool(source.facts.get("draft"))
        return not self.is_hidden(target) or target.embargo <= source.embargo

    def repair(self) -> None:
        for thing in sorted(self.things.values(), key=lambda thing: thing.key):
            for pieces in thing.bodies.values():
                pieces[:] = [piece for piece in pieces if self._leads(thing, piece)]
            languages = thing.facts.get("withdrawn_languages", {})
            if thing.original in languages or not languages.keys() <= self.site["languages"].keys():
                del thing.facts["withdrawn_languages"]
        self._repair_chains()
        self._repair_portraits()

    def _leads(self, thing: Thing, piece: tuple[str, ...]) -> bool:
        if piece[0] in {"link", "case"}:
            target = self.things.get(f"{piece[1]}:{piece[2]}")
            return target is not None and self.can_see(thing, target)
        if piece[0] == "picture":
            return piece[1] in thing.pictures
        if piece[0] == "fact":
            return piece[1] in self.data["facts"]
        return piece[0] != "theme" or piece[1] in self.data["themes"]

    def _repair_chains(self) -> None:
        appeals = sorted((t for t in self.things.values() if t.kind == "appeal"), key=lambda t: t.key)
        continued: set[str] = set()
        for thing in appeals:
            target = self.things.get(f"appeal:{thing.facts.get('follows')}")
            if "follows" not in thing.facts:
                continue
            keeps = (
                target is not None
                and target.slug not in continued
                and self.can_see(thing, target)
                and str(target.facts.get("issued", "")) <= str(thing.facts.get("issued", "9"))
                and not self._in_circle(thing)
            )
            if keeps:
                continued.add(thing.facts["follows"])
            else:
                del thing.facts["follows"]
                if not thing.facts.get("archived"):
                    thing.facts["stage"] = "first"

    def _in_circle(self, thing: Thing) -> bool:
        seen, current = {thing.slug}, thing
        while follows := current.facts.get("follows"):
            if follows in seen:
                return True
            seen.add(follows)
            if f"appeal:{follows}" not in self.things:
                return False
            current = self.things[f"appeal:{follows}"]
        return False

    def _repair_portraits(self) -> None:
        taken: set[tuple[str, int]] = set()
        for thing in sorted((t for t in self.things.values() if t.kind == "portrait"), key=lambda t: t.key):
            while (thing.facts["series"], thing.facts["number"]) in taken:
                thing.facts["number"] += 1
            taken.add((thing.facts["series"], thing.facts["number"]))

    # What is new.

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def add(self, kind: str, rng: random.Random) -> Thing:
        number = self.number()
        thing = _new_thing(self, kind, number, rng)
        self.things[thing.key] = thing
        return thing

    def some(self, rng: random.Random, wanted: Callable[[Thing], bool] = lambda thing: True) -> Thing | None:
        """A thing chosen by chance, in an order that does not depend on the series before."""
        found = sorted(
            (thing for thing in self.things.values() if wanted(thing)), key=lambda thing: thing.key
        )
        return rng.choice(found) if found else None

    def some_linked(
        self, rng: random.Random, wanted: Callable[[Thing], bool] = lambda thing: True
    ) -> Thing | None:
        """As `some`, every other time one that others lead to: what it becomes shows on their pages too."""
        linked = {piece[1:] for t in self.things.values() for body in t.bodies.values() for piece in body}
        linked |= {
            ("appeal", thing.facts["follows"]) for thing in self.things.values() if "follows" in thing.facts
        }
        found = self.some(rng, lambda thing: (thing.kind, thing.slug) in linked and wanted(thing))
        return found if found is not None and rng.random() < 0.5 else self.some(rng, wanted)

    def templates(self) -> list[Path]:
        return sorted((self.root / "theme" / "templates").rglob("*.html"))

    def catalogues(self) -> list[Path]:
        return sorted((self.root / "theme" / "locale").rglob("*.po"))


def _paragraph(piece: tuple[str, ...]) -> str:
    if piece[0] == "link":
        return f"See [what {piece[2]} says]({piece[1]}:{piece[2]})."
    if piece[0] == "case":
        return f"The whole [case](case:{piece[2]})."
    if piece[0] == "picture":
        return f"![A picture of {piece[1]}]({piece[1]})"
    if piece[0] == "fact":
        return f"There are {{fact:{piece[1]}}} of them."
    if piece[0] in {"theme", "country"}:
        return f"More on [this {piece[0]}]({piece[0]}:{piece[1]})."
    return piece[1]


def picture(rng: random.Random, *, width: int = 0) -> bytes:
    """A small JPEG, another one for each number."""
    size = (width or rng.choice(WIDTHS), 12)
    colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG", quality=60)
    return stream.getvalue()


def day_of(rng: random.Random, year: int = 0) -> str:
    return str(date(year or rng.choice((2024, 2025, 2026)), 1, 1) + timedelta(days=rng.randrange(150)))


def words_of(kind: str, number: int, language: str) -> dict[str, Any]:
    words: dict[str, Any] = {"title": f"{kind} {number} in {language}"}
    if number % 3:
        words["summary"] = f"Summary of {number} in {language}."
    if kind == "appeal":
        words["actions"] = {"free": f"Free them ({language})."}
    if kind == "portrait":
        words |= {
            "person": f"Person {number} {language}",
            "picture_alt": f"A face, {language}",
            "quote": "We met.",
        }
    if kind == "report":
        words["chapters"] = {"context": f"Context {language}"}
        words["recommendations"] = {"police": {"to": f"Police {language}", "text": "* Keep a register."}}
    if kind == "member":
        words["about"] = f"About member {number} in {language}."
    if kind == "page" and number % 2:
        words["menu_title"] = f"Page {number} {language}"
    return words


def _kind_facts(desk: Desk, kind: str, number: int, rng: random.Random) -> dict[str, Any]:
    day = str(day_of(rng, 2026))
    if kind == "appeal":
        return {
            "stage": "first",
            "issuers": [rng.choice(sorted(desk.data["organisations"]))],
            "addressees": [rng.choice(sorted(desk.data["addressees"]))],
            "violations": ["threats"],
            "status": rng.choice(("open", "open", "partly-resolved", "closed-released")),
            **({"respond_before": "2026-06-20"} if number % 2 else {}),
        }
    if kind == "report":
        return {"form": rng.choice(("fact-finding", "trial-observation")), "publishers": ["bell"]}
    if kind == "statement":
        if number % 2:
            return {"form": "call-for-input", "issuers": ["bell"], "deadline": "2026-06-18"}
        return {"form": "press-release", "issuers": ["bell"]}
    if kind == "portrait":
        picture_facts = {"file": "face.jpg", "credit": "The Bell", "consent": "given"}
        dates = {"consent": "given", "consent_on": day, "review_on": "2099-01-01"}
        return {"series": "portraits", "number": 1, **dates, "picture": picture_facts}
    if kind == "page":
        shows = rng.choice(([], ["offices"], ["languages", "feeds"], ["keys", "addresses"]))
        return {
            "order": rng.randrange(5),
            "menu": rng.choice(("main", "main", "footer", "none")),
            "shows": shows,
        }
    listing = rng.choice(("full", "name-and-country", "counted-only", "unlisted"))
    return {"listing": listing, "consent_on": "2026-01-01"}


def _new_thing(desk: Desk, kind: str, number: int, rng: random.Random) -> Thing:
    facts: dict[str, Any] = {"id": f"{number:010d}", "fictional": True}
    if kind != "member" and (kind != "page" or rng.random() < 0.3):
        facts["issued"] = day_of(rng)
    if kind != "page":
        facts["countries"] = [rng.choice(sorted(COUNTRIES))]
    if kind not in {"page", "member"}:
        facts["themes"] = rng.sample(sorted(desk.data["themes"]), k=rng.randrange(3))
    known = [code for code in LANGUAGES[:3] if code in desk.site["languages"]]
    languages = rng.sample(known, k=rng.randrange(1, len(known) + 1))
    facts["_original"] = languages[0]
    facts |= _kind_facts(desk, kind, number, rng)
    facts.setdefault("issued", "2026-01-01") if kind == "appeal" else None
    if "deadline" in facts:
        facts["issued"] = day_of(rng)
    place = {"page": "", "member": ""}.get(kind, str(facts.get("issued", "2026"))[:4])
    pictures = {"face.jpg": picture(rng)} if kind == "portrait" else {}
    words = {language: words_of(kind, number, language) for language in languages}
    for language in languages[1:]:
        words[language]["source_rev"] = "0" * 12
    bodies: dict[str, list[tuple[str, ...]]] = {
        language: [] if kind == "member" else [("text", f"Text of {kind} {number} in {language}.")]
        for language in languages
    }
    return Thing(kind, f"{kind}-{number}", place, facts, words, bodies, pictures)


def names_of(text: str) -> dict[str, str]:
    return {"en": f"{text} (en)", "fr": f"{text} (fr)"}


def _shared_data() -> dict[str, dict[str, Any]]:
    addressee = {
        "office": names_of("Minister"),
        "salutation": names_of("Dear"),
        "country": "KE",
        "email": ["m@a.example"],
    }
    return {
        "addressees": {
            "minister": {**addressee, "verified_on": "2025-06-17"},
            "judge": {**addressee, "office": names_of("Judge"), "verified_on": "2026-01-10"},
        },
        "countries": {"CM": {"name": names_of("Cameroon")}},
        "facts": {"members": {"values": [{"value": 48, "as_of": "1986", "source": "first report"}]}},
        "offices": {
            "north": {"order": 1, "name": names_of("North"), "address": ["1 Street"], "country": "NO"},
            "south": {"order": 1, "name": names_of("South"), "address": ["2 Street"], "country": "KE"},
        },
        "organisations": {"bell": {"name": names_of("The Bell")}, "lamp": {"name": names_of("The Lamp")}},
        "regions": {
            "africa": {"order": 1, "name": names_of("Africa"), "countries": {"CM": "CMR", "KE": "KEN"}},
            "europe": {"order": 2, "name": names_of("Europe"), "countries": {"NO": "NOR"}},
            "america": {"order": 2, "name": names_of("America"), "countries": {"PE": "PER"}},
        },
        "series": {
            "portraits": {"title": names_of("Portraits"), "intro": names_of("Persons"), "size": 500},
            "voices": {"title": names_of("Voices"), "intro": names_of("Said"), "size": 500},
        },
        "themes": {
            "women": {"name": names_of("Women")},
            "children": {"name": names_of("Children"), "about": names_of("On")},
        },
        "violations": {"threats": {"name": names_of("Threats")}},
    }


def _site() -> dict[str, Any]:
    return {
        "schema": 1,
        "address": "https://bell.example/",
        "default_language": "en",
        "languages": {"en": {}, "fr": {"fallback": ["en"]}, "ar": {"fallback": ["fr", "en"]}},
        "identity": {
            "name": names_of("The Bell"),
            "strapline": names_of("A network"),
            "introduction": names_of("A site for tests"),
            "contact": "desk@bell.example",
            "corrections": "desk@bell.example",
        },
        "feeds": {"authority": "bell.example", "date": "2026-01-01", "items": 6},
        "licence": {"name": "CC BY 4.0", "url": "https://cc.example/", "notice": names_of("May be used")},
        "missing_translation": {"appeal": "list", "portrait": "page"},
        "lists": {"per_page": 2, "home": 4, "addressee_months": 12},
    }


def _toml(tables: Mapping[str, Any]) -> str:
    return "\n".join(_table(name, entry) for name, entry in tables.items())


def _table(name: str, entry: Mapping[str, Any]) -> str:
    plain = "".join(f"{_key(key)} = {_value(value)}\n" for key, value in entry.items())
    return f"[{name}]\n{plain}"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(own)}" for key, own in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
