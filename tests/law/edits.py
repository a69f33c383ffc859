"""What happens to a site: the work of editors, designers and translators, clocks, file systems, mistakes.

`EDITS` are functions of a desk and of random numbers of their own. A series of `(name, number)` pairs replays
on any desk, also when some of its pairs are left out, so that a failing series can be made short.
"""

import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.law.desk import BEGINNING, COUNTRIES, FOLDERS, Desk, Thing, day_of, names_of, picture, words_of
from tests.law.glass import mark_template
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.library.records import words_digest

Edit = Callable[[Desk, random.Random], str | None]
EDITS: dict[str, Edit] = {}
WEIGHTS: dict[str, int] = {}


def edit(weight: int = 2) -> Callable[[Edit], Edit]:
    """Register something that can happen; the greater the weight the oftener. None says: not possible now."""

    def register(function: Edit) -> Edit:
        EDITS[function.__name__] = function
        WEIGHTS[function.__name__] = weight
        return function

    return register


# What editors do.


@edit(5)
def add_item(desk: Desk, rng: random.Random) -> str | None:
    if len(desk.things) > 26:
        return None
    return f"added {desk.add(rng.choice(tuple(FOLDERS)), rng).key}"


@edit(3)
def delete_item(desk: Desk, rng: random.Random) -> str | None:
    if len(desk.things) < 14 or (thing := desk.some(rng)) is None:
        return None
    desk.remove(desk.things.pop(thing.key))
    return f"deleted {thing.key}"


@edit(5)
def edit_body(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some(rng, lambda thing: thing.kind != "member")) is None:
        return None
    language = rng.choice(sorted(thing.words))
    thing.bodies[language].append(("text", f"Added {desk.number()}."))
    del thing.bodies[language][:-5]
    return f"text added to {thing.key} in {language}"


@edit(4)
def link_to_item(desk: Desk, rng: random.Random) -> str | None:
    thing = desk.some(rng, lambda thing: thing.kind != "member")
    if thing is None:
        return None
    target = desk.some(rng, lambda other: other.kind != "member" and desk.can_see(thing, other))
    if target is None:
        return None
    language = rng.choice(sorted(thing.words))
    kind = "case" if target.kind == "appeal" and rng.random() < 0.4 else "link"
    thing.bodies[language].append((kind, target.kind, target.slug))
    del thing.bodies[language][:-5]
    return f"{thing.key} in {language} leads to the {kind} {target.key}"


@edit(2)
def cite_data(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some(rng, lambda thing: thing.kind != "member")) is None:
        return None
    piece = rng.choice(
        (("fact", "members"), ("theme", rng.choice(sorted(desk.data["themes"]))), ("country", "CM"))
    )
    language = rng.choice(sorted(thing.words))
    thing.bodies[language].append(piece)
    return f"{thing.key} in {language} cites {piece}"


@edit(4)
def retitle(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng)) is None:
        return None
    language = rng.choice(sorted(thing.words))
    thing.words[language]["title"] = f"Title {desk.number()} ({language})"
    return f"{thing.key} retitled in {language}"


@edit(3)
def change_words(desk: Desk, rng: random.Random) -> str | None:
    """A word that only some pages show: a summary, a role, a quote, an alternative text, a menu title."""
    if (thing := desk.some_linked(rng)) is None:
        return None
    language = rng.choice(sorted(thing.words))
    names = {
        "appeal": ("summary", "dateline", "changed", "status_note"),
        "report": ("summary", "subtitle"),
        "statement": ("summary", "answers_use"),
        "portrait": ("summary", "role", "quote", "person", "picture_alt"),
        "page": ("summary", "menu_title"),
        "member": ("about",),
    }
    name = rng.choice(names[thing.kind])
    words = thing.words[language]
    needed = name in {"person", "picture_alt"}
    if name in words and not needed and rng.random() < 0.3:
        del words[name]
    else:
        words[name] = f"{name} {desk.number()}"
    return f"{name} of {thing.key} in {language}"


@edit(4)
def change_country(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: thing.kind != "page")) is None:
        return None
    several = thing.kind not in {"member"} and rng.random() < 0.3
    thing.facts["countries"] = rng.sample(sorted(COUNTRIES), k=2 if several else 1)
    return f"{thing.key} is of {thing.facts['countries']}"


@edit(3)
def change_themes(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some(rng, lambda thing: thing.kind not in {"page", "member"})) is None:
        return None
    thing.facts["themes"] = rng.sample(sorted(desk.data["themes"]), k=rng.randrange(3))
    return f"{thing.key} is about {thing.facts['themes']}"


@edit(3)
def change_status(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: thing.kind == "appeal")) is None:
        return None
    thing.facts["status"] = rng.choice(
        ("open", "partly-resolved", "closed-released", "closed-other", "suspended")
    )
    return f"{thing.key} is {thing.facts['status']}"


@edit(3)
def change_deadline(desk: Desk, rng: random.Random) -> str | None:
    def has_deadline(thing: Thing) -> bool:
        return thing.kind == "appeal" or "deadline" in thing.facts

    if (thing := desk.some(rng, has_deadline)) is None:
        return None
    day = str(date(2026, 6, 10) + timedelta(days=rng.randrange(20)))
    thing.facts["respond_before" if thing.kind == "appeal" else "deadline"] = day
    return f"{thing.key} is answered until {day}"


@edit(4)
def flip_flag(desk: Desk, rng: random.Random) -> str | None:
    flag = rng.choice(("pinned", "lead", "draft", "fictional"))
    if (thing := desk.some_linked(rng, lambda thing: thing.kind != "page" or flag != "draft")) is None:
        return None
    if flag == "fictional" and thing.facts.get("archived"):
        return None  # what is archived is real
    if thing.facts.get(flag):
        del thing.facts[flag]
    else:
        thing.facts[flag] = True
    return f"{flag} of {thing.key} is {thing.facts.get(flag, False)}"


@edit(3)
def embargo(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng)) is None:
        return None
    if thing.embargo and rng.random() < 0.5:
        del thing.facts["embargo"]
        return f"{thing.key} waits no longer"
    instant = BEGINNING + timedelta(days=rng.randrange(-10, 12), minutes=rng.randrange(3))
    thing.facts["embargo"] = instant.isoformat(timespec="minutes")
    return f"{thing.key} waits until {thing.embargo}"


@edit(4)
def withdraw(desk: Desk, rng: random.Random) -> str | None:
    """An item, one of its languages or one of its pictures is taken back, or given free again."""
    if (thing := desk.some_linked(rng)) is None:
        return None
    instant = (BEGINNING - timedelta(days=rng.randrange(92), minutes=rng.randrange(3))).isoformat()
    parts: list[tuple[str, object]] = [("withdrawn", instant)]
    parts += [("withdrawn_languages", {code: instant}) for code in thing.words if code != thing.original]
    parts += [("withdrawn_files", {name: instant}) for name in thing.pictures]
    name, value = rng.choice(parts)
    if name in thing.facts:
        del thing.facts[name]
        return f"{name} of {thing.key} is no more"
    thing.facts[name] = value
    if rng.random() < 0.3:
        thing.facts["tombstone"] = False
    return f"{name} of {thing.key} is {value}"


@edit(2)
def share_embargo(desk: Desk, rng: random.Random) -> str | None:
    """Two items that wait for one instant and lead to each other."""
    first = desk.some(rng, lambda thing: thing.kind != "member")
    second = desk.some(rng, lambda thing: thing.kind != "member" and thing is not first)
    if first is None or second is None:
        return None
    instant = BEGINNING + timedelta(days=rng.randrange(-5, 20))
    for one, other in ((first, second), (second, first)):
        one.facts["embargo"] = instant.isoformat(timespec="minutes")
        one.bodies[one.original].append(("link", other.kind, other.slug))
    return f"{first.key} and {second.key} wait until {instant}"


@edit(4)
def change_date(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: "issued" in thing.facts)) is None:
        return None
    year = int(thing.facts["issued"][:4]) if rng.random() < 0.5 else 0
    thing.facts["issued"] = day_of(rng, year)
    if "respond_before" in thing.facts and thing.facts["respond_before"] < thing.facts["issued"]:
        del thing.facts["respond_before"]
    return f"{thing.key} is of {thing.facts['issued']}"


@edit(3)
def add_translation(desk: Desk, rng: random.Random) -> str | None:
    known = sorted(desk.site["languages"])
    if (thing := desk.some_linked(rng, lambda thing: len(thing.words) < len(known))) is None:
        return None
    language = rng.choice([code for code in known if code not in thing.words])
    number = int(thing.facts["id"])
    own = {
        name: value
        for name, value in words_of(thing.kind, number, language).items()
        if name in thing.words[thing.original]
    }
    thing.words[language] = {**own, "title": f"Translated {desk.number()}", "source_rev": "0" * 12}
    if thing.kind == "portrait":
        thing.words[language].setdefault("person", "A person")
    thing.bodies[language] = [("text", f"Translation {desk.number()}.")] if thing.kind != "member" else []
    return f"{thing.key} translated into {language}"


@edit(3)
def remove_translation(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: len(thing.words) > 1)) is None:
        return None
    language = rng.choice(sorted(code for code in thing.words if code != thing.original))
    del thing.words[language], thing.bodies[language]
    return f"{thing.key} has no {language} any more"


@edit(2)
def exchange_original(desk: Desk, rng: random.Random) -> str | None:
    """Another language becomes the original; the facts move there."""
    if (thing := desk.some_linked(rng, lambda thing: len(thing.words) > 1)) is None:
        return None
    other = rng.choice(sorted(code for code in thing.words if code != thing.original))
    before = thing.original
    thing.words[other] |= {
        name: value for name, value in thing.words[before].items() if name not in thing.words[other]
    }
    thing.words[before] = {**thing.words[before], "source_rev": "0" * 12}
    for name in ("source_rev", "state", "translator"):
        thing.words[other].pop(name, None)
    thing.facts["_original"] = other
    return f"{thing.key} is now an original in {other}"


@edit(3)
def change_revision(desk: Desk, rng: random.Random) -> str | None:
    """A translation becomes current, stale, reviewed or machine-made."""
    if (thing := desk.some(rng, lambda thing: len(thing.words) > 1)) is None:
        return None
    language = rng.choice(sorted(code for code in thing.words if code != thing.original))
    desk.repair()
    now = words_digest(thing.words[thing.original], desk.body(thing, thing.original))
    thing.words[language]["source_rev"] = rng.choice((now, "1" * 12))
    thing.words[language]["state"] = rng.choice(("machine", "draft", "reviewed", "approved"))
    return f"{language} of {thing.key} translates {thing.words[language]['source_rev']}"


@edit(4)
def follow_up(desk: Desk, rng: random.Random) -> str | None:
    continued = {thing.facts.get("follows") for thing in desk.things.values()}
    last = desk.some(rng, lambda t: t.kind == "appeal" and t.slug not in continued and not desk.is_hidden(t))
    if last is None or len(desk.things) > 28:
        return None
    thing = desk.add("appeal", rng)
    stage = rng.choice(("follow-up", "final", "closed"))
    thing.facts |= {
        "stage": stage,
        "follows": last.slug,
        "issued": max("2026-05-20", last.facts.get("issued", "")),
    }
    thing.words[thing.original]["changed"] = f"News {desk.number()}."
    return f"{thing.key} follows {last.key}"


@edit(2)
def archive(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: thing.kind in {"appeal", "report"})) is None:
        return None
    if thing.facts.pop("archived", False):
        del thing.facts["seen"]
        thing.facts |= {"fictional": True, "issued": "2026-02-02"}
        if thing.kind == "appeal" and "follows" not in thing.facts:
            thing.facts["stage"] = "first"
    else:
        thing.facts |= {"archived": True, "seen": "2013-03"}
        for name in ("fictional", "issued", "respond_before"):
            thing.facts.pop(name, None)
    return f"{thing.key} archived: {thing.facts.get('archived', False)}"


@edit(2)
def correct(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: thing.kind not in {"member"})) is None:
        return None
    name = f"error-{desk.number()}"
    thing.facts["corrected"] = {name: day_of(rng, 2026)}
    for words in thing.words.values():
        words.pop("corrections", None)
    thing.words[thing.original]["corrections"] = {name: "It was wrong."}
    return f"{thing.key} corrected"


@edit(2)
def change_place_in_network(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some(rng, lambda thing: thing.kind in {"page", "member"})) is None:
        return None
    if thing.kind == "page":
        thing.facts["menu"] = rng.choice(("main", "footer", "none"))
        thing.facts["order"] = rng.randrange(5)
    else:
        thing.facts["listing"] = rng.choice(("full", "name-and-country", "counted-only", "unlisted"))
        thing.facts["acronym"] = f"M{desk.number()}"
    return f"{thing.key}: {thing.facts}"


@edit(2)
def change_form(desk: Desk, rng: random.Random) -> str | None:
    """A fact of one kind only: a portrait's series and number, a report's form, publishers and mission."""
    if (thing := desk.some(rng, lambda thing: thing.kind in {"portrait", "report", "appeal"})) is None:
        return None
    if thing.kind == "portrait":
        thing.facts |= {"series": rng.choice(("portraits", "voices")), "number": rng.randrange(1, 6)}
    elif thing.kind == "report":
        thing.facts |= {
            "form": "preliminary-findings",
            "mission": rng.choice(("2025", "2025-11", "2025-01/2025-02")),
        }
        thing.facts["publishers"] = [rng.choice(sorted(desk.data["organisations"]))]
    else:
        thing.facts["codes"] = [f"KEN 0{rng.randrange(10, 99)} / 0226 / OBS 0{rng.randrange(10, 99)}"]
    return f"form of {thing.key}"


# What happens to folders and pictures.


def _rename(desk: Desk, thing: Thing, slug: str) -> None:
    before = thing.folder
    old = thing.slug
    del desk.things[thing.key]
    thing.slug = slug
    desk.things[thing.key] = thing
    if thing.folder != before:
        (desk.root / thing.folder).parent.mkdir(parents=True, exist_ok=True)
        (desk.root / before).rename(desk.root / thing.folder)
    for other in desk.things.values():
        if thing.kind == "appeal" and other.facts.get("follows") == old:
            other.facts["follows"] = slug
        for pieces in other.bodies.values():
            pieces[:] = [
                (*piece[:2], slug)
                if piece[0] in {"link", "case"} and piece[1:] == (thing.kind, old)
                else piece
                for piece in pieces
            ]


@edit(3)
def rename_item(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng)) is None:
        return None
    before = thing.key
    _rename(desk, thing, f"{thing.kind}-renamed-{desk.number()}")
    return f"{before} is now {thing.key}"


@edit(2)
def swap_addresses(desk: Desk, rng: random.Random) -> str | None:
    first = desk.some(rng)
    second = desk.some(
        rng, lambda thing: first is not None and thing.kind == first.kind and thing is not first
    )
    if first is None or second is None:
        return None
    ours, theirs = first.slug, second.slug
    _rename(desk, first, "for-a-moment")
    _rename(desk, second, ours)
    _rename(desk, first, theirs)
    return f"{first.key} and {second.key} have each other's addresses"


@edit(3)
def move_folder(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some_linked(rng, lambda thing: thing.kind not in {"page", "member"})) is None:
        return None
    before = thing.folder
    place = rng.choice(("2024", "2025", "2026", "kept/elsewhere"))
    if place == thing.place:
        return None
    thing.place = place
    (desk.root / thing.folder).parent.mkdir(parents=True, exist_ok=True)
    (desk.root / before).rename(desk.root / thing.folder)
    parent = (desk.root / before).parent
    if not any(parent.iterdir()):
        parent.rmdir()
    return f"{before} is now {thing.folder}"


@edit(3)
def change_picture(desk: Desk, rng: random.Random) -> str | None:
    """An item gets a picture of its own, another, the picture of a second item, or loses it."""
    if (thing := desk.some_linked(rng, lambda thing: thing.kind not in {"member"})) is None:
        return None
    if "picture" in thing.facts and thing.kind != "portrait" and rng.random() < 0.3:
        del thing.pictures[thing.facts.pop("picture")["file"]]
        return f"{thing.key} has lost its picture"
    other = desk.some(rng, lambda other: bool(other.pictures) and other is not thing)
    shared = other is not None and rng.random() < 0.3
    data = other.pictures[sorted(other.pictures)[0]] if shared and other is not None else picture(rng)
    old = thing.facts.get("picture", {}).get("file")
    name = old if old and rng.random() < 0.5 else f"picture-{desk.number()}.jpg"
    if old and old != name:
        thing.pictures.pop(old, None)
    thing.pictures[name] = data
    thing.facts["picture"] = {"file": name, "credit": f"Credit {desk.number()}", "consent": "given"}
    thing.words[thing.original].setdefault("picture_alt", "What it shows")
    return f"{thing.key} has the picture {name}" + (f" of {other.key}" if shared and other else "")


@edit(2)
def change_body_picture(desk: Desk, rng: random.Random) -> str | None:
    if (thing := desk.some(rng, lambda thing: thing.kind not in {"member"})) is None:
        return None
    name = f"body-{rng.randrange(2)}.jpg"
    if name in thing.pictures and rng.random() < 0.3:
        del thing.pictures[name]
        return f"{name} of {thing.key} is gone"
    thing.pictures[name] = picture(rng)
    language = rng.choice(sorted(thing.words))
    if ("picture", name) not in thing.bodies[language]:
        thing.bodies[language].append(("picture", name))
    return f"{name} of {thing.key} in {language}"


# What designers, translators of the interface and keepers of data do.


@edit(2)
def change_template(desk: Desk, rng: random.Random) -> str | None:
    path = rng.choice(desk.templates())
    path.write_text(mark_template(path.read_text("utf-8"), f"m{desk.number()}"), "utf-8")
    return f"marked {path.name}"


@edit(1)
def use_template(desk: Desk, rng: random.Random) -> str | None:
    """One template begins or ceases to include another."""
    path = rng.choice([path for path in desk.templates() if "{% block main %}" in path.read_text("utf-8")])
    text, included = path.read_text("utf-8"), '{% include "includes/new.html" %}'
    if included in text:
        path.write_text(text.replace(included, ""), "utf-8")
        return f"{path.name} includes nothing more"
    new = desk.root / "theme/templates/includes/new.html"
    new.write_text(f"<p>{{% trans %}}A new word{{% endtrans %}} {desk.number()}</p>\n", "utf-8")
    path.write_text(text.replace("{% block main %}", "{% block main %}" + included, 1), "utf-8")
    return f"{path.name} includes a new template"


@edit(4)
def change_word(desk: Desk, rng: random.Random) -> str | None:
    """One message, one plural form, or the rule of plurals of one catalogue."""
    path = rng.choice(desk.catalogues())
    text = path.read_text("utf-8")
    lines = list(re.finditer(r'^msgstr(\[[0-9]\])? "([^"\\]+)"$', text, re.MULTILINE))
    plural = [line for line in lines if line[1]]
    found = rng.choice(plural if plural and rng.random() < 0.4 else lines)
    new = re.sub(r" \(w[0-9]+\)$", "", found[2]) + f" (w{desk.number()})"
    path.write_text(text[: found.start()] + f'msgstr{found[1] or ""} "{new}"' + text[found.end() :], "utf-8")
    return f"{path.parent.parent.name}: {found[0]}"


@edit(1)
def change_plurals(desk: Desk, rng: random.Random) -> str | None:
    path = rng.choice(desk.catalogues())
    language = path.parent.parent.name
    text = path.read_text("utf-8")
    rules = {
        "ar": ("n%100>=3 && n%100<=10 ? 3", "n%100>=4 && n%100<=10 ? 3"),
        "fr": ("(n > 1)", "(n > 2)"),
        "es": ("(n != 1)", "(n > 2)"),
    }
    if language not in rules:
        return None
    old, new = rules[language]
    if old not in text:
        old, new = new, old
    path.write_text(text.replace(old, new), "utf-8")
    return f"{language} counts {new}"


@edit(1)
def change_english(desk: Desk, rng: random.Random) -> str | None:
    """English gets a catalogue of its own, or loses it."""
    path = desk.root / "theme/locale/en/LC_MESSAGES/tocsin.po"
    if path.exists():
        shutil.rmtree(path.parents[1])
        return "no catalogue of English"
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(f'{head}msgid "Themes"\nmsgstr "Themes {desk.number()}"\n', "utf-8")
    return "a catalogue of English"


@edit(1)
def change_style(desk: Desk, rng: random.Random) -> str | None:
    path = desk.root / "theme/static/site.css"
    path.write_text(re.sub(r"\n/\*.*", "", path.read_text("utf-8")) + f"\n/* {desk.number()} */\n", "utf-8")
    return "style sheet"


@edit(2)
def change_site(desk: Desk, rng: random.Random) -> str | None:
    site, lists = desk.site, desk.site["lists"]
    what = rng.randrange(7)
    if what == 0:
        site["identity"]["name"]["fr"] = f"La Cloche {desk.number()}"
    elif what == 1:
        lists["per_page"] = rng.choice((1, 2, 3, 20))
    elif what == 2:
        site["languages"] = dict(rng.sample(sorted(site["languages"].items()), k=len(site["languages"])))
    elif what == 3:
        site["languages"]["ar"] = {"fallback": rng.choice((["fr", "en"], ["en"], ["en", "fr"]))}
    elif what == 4:
        lists["addressee_months"] = rng.choice((6, 11, 12))
    elif what == 5:
        kind = rng.choice(("appeal", "report", "statement", "portrait", "page"))
        site["missing_translation"][kind] = rng.choice(("page", "list"))
    else:
        site["feeds"]["items"] = rng.choice((2, 6, 50))
    desk.write_site()
    return f"site.toml, way {what}"


@edit(1)
def change_mirrors(desk: Desk, rng: random.Random) -> str | None:
    """The list of mirrors comes, changes or goes."""
    path = desk.root / MIRRORS_FILE
    if path.exists() and rng.random() < 0.5:
        path.unlink()
        return "no list of mirrors"
    path.write_text(
        'schema = 1\n[mirrors.one]\nedition = "abcdefghij"\nkind = "directory"\n'
        f'address = "https://mirror-{desk.number()}.example/"\n',
        "utf-8",
    )
    return "list of mirrors"


@edit(1)
def change_languages(desk: Desk, rng: random.Random) -> str | None:
    """The site gets a fourth language or loses it; the default language changes."""
    site = desk.site
    if rng.random() < 0.3:
        site["default_language"] = rng.choice(("en", "fr"))
    elif "es" not in site["languages"]:
        site["languages"]["es"] = {"fallback": ["fr"]}
    else:
        if any("es" in thing.words for thing in desk.things.values()):
            return None
        del site["languages"]["es"]
    desk.write_site()
    return f"languages {list(site['languages'])}, first {site['default_language']}"


def _change_names(desk: Desk, rng: random.Random) -> str:
    table = rng.choice(("themes", "organisations", "regions", "violations", "offices", "countries"))
    key = rng.choice(sorted(desk.data[table]))
    desk.data[table][key]["name"][rng.choice(("en", "fr", "ar"))] = f"Name {desk.number()}"
    return f"name of {key} in {table}"


def _change_addressee(desk: Desk, rng: random.Random) -> str:
    key = rng.choice(sorted(desk.data["addressees"]))
    desk.data["addressees"][key]["verified_on"] = str(date(2025, 6, 10) + timedelta(days=rng.randrange(20)))
    return f"{key} verified on {desk.data['addressees'][key]['verified_on']}"


def _change_fact(desk: Desk, rng: random.Random) -> str:
    values = desk.data["facts"]["members"]["values"]
    values.append({"value": desk.number(), "as_of": str(1990 + desk.number()), "source": "a list"})
    del values[:-3]
    return "a new value of the fact members"


def _change_order(desk: Desk, rng: random.Random) -> str:
    table = rng.choice(("series", "themes", "regions", "offices", "addressees"))
    entries = list(desk.data[table].items())
    rng.shuffle(entries)
    desk.data[table] = dict(entries)
    return f"order of {table}: {list(desk.data[table])}"


def _change_regions(desk: Desk, rng: random.Random) -> str:
    regions = desk.data["regions"]
    code = rng.choice(sorted(COUNTRIES))
    for region in regions.values():
        region["countries"].pop(code, None)
    target = rng.choice(sorted(regions))
    regions[target]["countries"][code] = COUNTRIES[code]
    regions[target]["order"] = rng.randrange(3)
    return f"{code} lies in {target}"


def _change_themes(desk: Desk, rng: random.Random) -> str:
    name = f"theme-{desk.number()}"
    desk.data["themes"][name] = {"name": names_of(name)}
    for old in [key for key in desk.data["themes"] if key.startswith("theme-") and key != name]:
        del desk.data["themes"][old]
        for thing in desk.things.values():
            thing.facts["themes"] = [key for key in thing.facts.get("themes", ()) if key != old]
            if not thing.facts["themes"]:
                del thing.facts["themes"]
    return f"the theme {name}"


def _change_countries(desk: Desk, rng: random.Random) -> str:
    countries = desk.data["countries"]
    code = rng.choice(sorted(COUNTRIES))
    if code in countries:
        del countries[code]
    else:
        countries[code] = {"name": names_of(f"Land {desk.number()}")}
    return f"own names of {sorted(countries)}"


@edit(6)
def change_data(desk: Desk, rng: random.Random) -> str | None:
    ways = (
        _change_names,
        _change_addressee,
        _change_fact,
        _change_order,
        _change_regions,
        _change_themes,
        _change_countries,
    )
    told = rng.choice(ways)(desk, rng)
    desk.write_data()
    return told


# What clocks and file systems do.


@edit(4)
def clock_forward(desk: Desk, rng: random.Random) -> str | None:
    if rng.random() < 0.1:
        desk.at += timedelta(days=45)  # tombstones in feeds go after 90
    desk.at += timedelta(days=rng.choice((0, 1, 2, 4)), minutes=rng.randrange(2000))
    return f"it is {desk.at}"


@edit(5)
def clock_to_the_instant(desk: Desk, rng: random.Random) -> str | None:
    """Exactly when an embargo ends, or one second before."""
    if (thing := desk.some(rng, lambda thing: bool(thing.embargo))) is None:
        return None
    desk.at = datetime.fromisoformat(thing.embargo) - timedelta(seconds=rng.randrange(2))
    return f"it is {desk.at}, about when {thing.key} becomes public"


@edit(3)
def clock_backward(desk: Desk, rng: random.Random) -> str | None:
    desk.at = BEGINNING + timedelta(days=rng.randrange(-10, 15), hours=rng.randrange(24))
    return f"it is {desk.at} again"


def _sources(desk: Desk) -> list[Path]:
    return sorted(
        path
        for name in ("content", "data", "theme")
        for path in (desk.root / name).rglob("*")
        if path.is_file()
    )


@edit(2)
def touch(desk: Desk, rng: random.Random) -> str | None:
    path = rng.choice(_sources(desk))
    os.utime(path, ns=(rng.randrange(10**18), rng.randrange(10**18)))
    return f"touched {path.relative_to(desk.root)}"


@edit(1)
def fresh_checkout(desk: Desk, rng: random.Random) -> str | None:
    """Every file is another one, with the same bytes."""
    for path in _sources(desk):
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)
        os.utime(path, ns=(10**18, 10**18))
    return "all files written anew"


@edit(1)
def change_modes(desk: Desk, rng: random.Random) -> str | None:
    path = rng.choice(_sources(desk))
    path.chmod(rng.choice((0o600, 0o644, 0o664)))
    return f"mode of {path.relative_to(desk.root)}"


@edit(4)
def sleight_of_hand(desk: Desk, rng: random.Random) -> str | None:
    """A change that leaves size and time of change as they were, at once after a build."""
    if (thing := desk.some(rng, lambda thing: len(thing.bodies[thing.original]) > 0)) is None:
        return None
    desk.settle()
    texts = [number for number, piece in enumerate(thing.bodies[thing.original]) if piece[0] == "text"]
    if not texts:
        return None
    number = rng.choice(texts)
    text = thing.bodies[thing.original][number][1]
    changed = text[:-1] + ("!" if text[-1] != "!" else ".")
    path = desk.root / thing.folder / f"{thing.original}.md"
    status = path.stat()
    thing.bodies[thing.original][number] = ("text", changed)
    with path.open("r+b") as file:
        file.write(desk.files_of(thing)[path.name])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    return f"{path.relative_to(desk.root)} changed within its size and time"


@edit(1)
def hidden_files(desk: Desk, rng: random.Random) -> str | None:
    """What editors' programs leave lying about; nothing of it is content."""
    path = desk.root / rng.choice(("content", "data", "theme/templates", "content/appeals")) / ".backup~"
    if path.exists():
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old", "utf-8")
    return f"{path.relative_to(desk.root)}"


# Faults, which stop a build and are mended later.


@edit(4)
def introduce_fault(desk: Desk, rng: random.Random) -> str | None:
    if desk.faulty:
        return None
    desk.settle()
    what = rng.randrange(6)
    if what == 0:
        path = rng.choice(sorted((desk.root / "content").rglob("*.md")))
        text = path.read_text("utf-8").replace("title:", "titel:", 1)
    elif what == 1:
        path = rng.choice(sorted((desk.root / "content").rglob("*.md")))
        text = path.read_text("utf-8") + "\nA [link](appeal:nowhere-at-all).\n"
    elif what == 2:
        path, text = desk.root / "site.toml", "schema = 2\n"
    elif what == 3:
        path = rng.choice(desk.templates())
        text = path.read_text("utf-8") + "{% if %}"
    elif what == 4:
        path = desk.root / "data/themes.toml"
        text = path.read_text("utf-8") + "[wrong]\nname = 3\n"
    else:
        path = rng.choice(desk.catalogues())
        text = path.read_text("utf-8") + '\nmsgid "unfinished\n'
    desk.faulty[path] = path.read_bytes()
    path.write_text(text, "utf-8")
    return f"a fault in {path.relative_to(desk.root)}"


@edit(3)
def dangle(desk: Desk, rng: random.Random) -> str | None:
    """An item that others lead to is held back, and they are left: a fault of items that did not change."""
    linked = {
        piece[1:]
        for t in desk.things.values()
        for pieces in t.bodies.values()
        for piece in pieces
        if piece[0] == "link"
    }
    if desk.faulty or (thing := desk.some(rng, lambda thing: (thing.kind, thing.slug) in linked)) is None:
        return None
    desk.settle()
    path = desk.root / thing.folder / f"{thing.original}.md"
    desk.faulty[path] = path.read_bytes()
    held = rng.choice(("draft: true", "embargo: 2026-12-31T12:00Z"))
    path.write_bytes(path.read_bytes().replace(b"---\n", f"---\n{held}\n".encode(), 1))
    return f"{thing.key} is held back by '{held}', and is led to"


def mend(desk: Desk) -> bool:
    """Take the fault out again; True where there was one."""
    for path, data in desk.faulty.items():
        if path.parent.is_dir():
            path.write_bytes(data)
    had_one = bool(desk.faulty)
    desk.faulty.clear()
    return had_one


def names_by_weight() -> Iterator[str]:
    for name, weight in WEIGHTS.items():
        yield from [name] * weight
