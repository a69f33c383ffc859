"""The reference of keys, made from the model: `docs/front-matter.md` and `docs/site-and-data.md`.

What a key means is its field's description, how it is written follows from the field's type, so neither page
can differ from what loading accepts. Rules between keys are sentences here; a test holds them to the model.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from tocsin.model import ITEM_TYPES, instants, items, mirrors, numbers, text
from tocsin.model.codes import CaseCode
from tocsin.model.dates import PartialDate
from tocsin.model.items import FOLDERS, TRANSLATION_KEYS, Facts, Kind, Words
from tocsin.model.mirrors import (
    PLACE_KINDS,
    DeployFile,
    Deployment,
    MirrorFacts,
    MirrorsFile,
    Secret,
)
from tocsin.model.shared import ENTRY_TYPES
from tocsin.model.site import Site

MADE = "<!-- Made from tocsin/model/ by `python3 tasks.py schema`; do not edit. -->"

# The shared data that a key refers to.
TABLES: Mapping[str, str] = {
    "countries": "regions",
    "themes": "themes",
    "violations": "violations",
    "addressees": "addressees",
    "issuers": "organisations",
    "publishers": "organisations",
    "partners": "organisations",
    "series": "series",
}

# How a value is written, by the function that checks it.
_FORMS: Mapping[object, str] = {
    instants.parse_day: "day: `2013-02-12`",
    instants.parse_instant: "instant with zone: `2013-03-22T09:00+01:00`",
    text.slug: "name of a folder: `ken-water-committee-arrests`",
    text.key: "key: `a-z`, `0-9`, single hyphens",
    text.language: "language tag: `fr`, `pt-BR`",
    text.country: "country code: `CM`",
    text.country3: "country code of three letters: `CMR`",
    text.item_id: "ten letters and digits",
    text.digits_as_text: "twelve letters and digits",
    text.line: "one line",
    text.prose: "text",
    text.web_address: "web address: `https://…`",
    text.email: "e-mail address",
    text.onion_host: "host: 56 letters and digits and `.onion`",
    text.contact: "e-mail address or web address: `https://…`",
    text.secure_address: "web address: `https://…`",
    mirrors.edition_id: "ten characters of `a-z` and `2-7`",
    mirrors.base_address: "web address with `/` at its end",
    mirrors.proxy_address: "`socks5h://127.0.0.1:9050`",
    mirrors.variable_name: "name of an environment variable: `S3_SECRET`",
    items.file_name: "file name: `photo.jpg`",
    numbers.isbn: "`978-92-1-154213-9`",
    numbers.issn: "`2225-1804`",
}
_TYPES: Mapping[object, str] = {
    PartialDate: "date: `2012`, `2012-11`, `2012-11-05`, or from/to: `2012-11/2012-12`",
    CaseCode: "code: `CMR 001 / 1112 / OBS 111.2` or `SYR 130901.1.CC`",
    bool: "`true` or `false`",
    int: "whole number",
    str: "text",
    date: "day: `2013-02-12`",
    datetime: "instant with zone: `2013-03-22T09:00+01:00`",
}

_KINDS: Mapping[Kind, str] = {
    "appeal": "Appeals",
    "report": "Reports",
    "statement": "Statements",
    "portrait": "Portraits",
    "page": "Pages of the network",
    "member": "Members",
}

_DATA: Mapping[str, str] = {
    "addressees": "Officials to write to. Appeals name them in `addressees`.",
    "countries": "Names of countries that differ from the Unicode CLDR's. The key is the country code.",
    "facts": "Numbers and words that change with time. Texts name them: `{fact:members}`.",
    "offices": "The offices of the network, for pages with `shows: [offices]`.",
    "organisations": "Who issues and publishes. Items name them in `issuers`, `publishers` and `partners`.",
    "regions": "The regions of the world and their countries. Items name the countries in `countries`.",
    "series": "Series of portraits. Portraits name them in `series`.",
    "themes": "What items are about. Items name them in `themes`.",
    "violations": "What appeals report. Appeals name them in `violations`.",
}

# What holds between keys, beside what the tables say.
RULES: Mapping[str, tuple[str, ...]] = {
    "all": (
        "`archived: true` needs `seen`, and `seen` belongs to archived items.",
        "An archived item is real, so it cannot be `fictional`.",
        "`picture` needs `picture_alt` in the original.",
        "`corrected` and `corrections` have the same entries: the day there, the text here.",
    ),
    "appeal": (
        "An appeal that is not archived needs `issued`, `issuers` and `countries`.",
        "While its `status` is `open` or `partly-resolved`, it needs `addressees` as well.",
        "`stage: first` has no `follows`. Every other stage needs it, unless the appeal is archived.",
        "`respond_before` is not before `issued`.",
        "Every entry of `persons` has a name in `names`; one with `name_mode: withheld` must not.",
        "`names` and `roles` have no entry that `persons` lacks.",
        "`name_mode: full` is refused for a person under 18.",
    ),
    "report": (
        "A report that is not archived needs `issued`.",
        "`form: joint-submission` needs `mechanism`.",
        "Every entry of `chapter_pages` has its title in `chapters`.",
        "Of the `editions` with a `file` no two have the same language and format.",
    ),
    "statement": (
        "A statement that is not archived needs `issued`; a call for input also `deadline`.",
        "`deadline` belongs to calls for input alone, and is not before `issued`.",
    ),
    "portrait": (
        "A portrait that is not archived needs `issued`, `countries`, `picture`, `consent_on`, `review_on`.",
        "`number` is taken once in a series, and is not above the `size` of the series.",
    ),
    "page": (),
    "member": (
        "`countries` names exactly one country.",
        "`listing: full` and `listing: name-and-country` need `consent_on`.",
        "A member has no page of its own. It stands in the directory, as far as `listing` allows.",
    ),
}

_NEEDED = """\
A key is needed where the last column says *yes*. Others may be left out; behind *no* stands what holds then.
"""

_FRONT_MATTER = f"""\
# Front matter: every key

{MADE}

Front matter is what stands between the two `---` lines at the top of a file. The
[guide for editors](editors.md) explains how to work with it; this page lists its keys.

* **Facts** stand only in the original. Translations inherit them and may not repeat them.
* **Words** stand in every language's file. What a translation lacks is shown in the original's language.

{_NEEDED}"""

_SITE_AND_DATA = f"""\
# `site.toml` and `data/`: every key

{MADE}

`site.toml` holds the facts of the site, the files under `data/` what items refer to by key. All are TOML. The
[guide for editors](editors.md) explains when to change them; this page lists their keys.

*By language* means a table with a text for each language: `{{ en = "Women", fr = "Femmes" }}`. A language
that is missing is filled from the fallback of the reader's language.

{_NEEDED}"""


_SERVING = """\
## Serving the site

The output is a folder of files that any server can serve, at the root of a host of its own. It brings along
what makes servers send the right headers, all made from one policy:

| file in the output | for |
|---|---|
| `server/nginx.conf` | nginx |
| `server/apache.conf` | Apache |
| `server/Caddyfile` | Caddy |
| `_headers` | hosts that read it, such as Netlify and Cloudflare Pages |
| files that end in `.gone` | servers set up with one of the first three: what stands beside was withdrawn |
| `.well-known/security.txt` | whoever found a weakness; made where `site.toml` has `[security]` |

**How.** Copy the file for your server to where the server keeps its settings, read it, and include it in
the settings of the site; the comment at its top shows how. Do not include it from the output itself:
whoever can change that could then change what the server does. Copy it again when a release brings another
one.

**What the server then does.** It answers GET and HEAD alone, lists no folder, shows no file whose name
begins with a dot (but for `.well-known`), answers what is not there with `404.html` and what was withdrawn
with 410, compresses text, and keeps no log of readers. The headers let a page load its own style sheet and
pictures and nothing else; the search page may run its script as well. No other site can show a page in a
frame.

**What stays yours.** Certificates, and leading readers from http to https. An onion service uses the same
file over http: what belongs to https alone, Strict-Transport-Security and Onion-Location, is left out
there. `onion` in `[served]` is the address that Tor Browser is told. Where something in front of your
server ends TLS, let that send both.

**Per mirror** there is no other `onion`: the files for servers are the same in all editions. Readers find the
onion services of mirrors, and of the site, on the page of other addresses, `network/addresses/`, made from
`mirrors.toml`. Without that file it names the site's own addresses and says that there are no others.

**Where no header can be set**, as on object storage, pages still state the most important part themselves,
in `meta` elements. Nobody is then kept from showing them in a frame, and addresses of withdrawn pages are
answered with 200.

`expires` in `[security]` is watched: thirty days before, each build warns, and from that day on nothing is
built until a later day is written.
"""

_MIRRORS = f"""\
# Keys of mirrors.toml and deploy.toml

{MADE}

`mirrors.toml` says which mirrors there are; it goes with the repository. `deploy.toml` says how to reach
them; it stays on the machine of whoever publishes. What they are for: [mirrors.md](mirrors.md).
"""


def pages() -> dict[str, str]:
    """The pages by their names below `docs/`."""
    return {
        "front-matter.md": "\n".join([_FRONT_MATTER, *_front_matter()]),
        "site-and-data.md": "\n".join([_SITE_AND_DATA, *_site_and_data(), _SERVING]),
        "mirror-settings.md": "\n".join([_MIRRORS, *_mirrors()]),
    }


def _front_matter() -> Iterator[str]:
    yield "## Keys of all kinds\n\n### Facts\n"
    yield from _table(Facts, Facts.model_fields)
    yield from _inner(Facts, Facts.model_fields)
    yield "### Words\n"
    yield from _table(Words, [name for name in Words.model_fields if name not in TRANSLATION_KEYS])
    yield "### Words of translations only\n"
    yield from _table(Words, sorted(TRANSLATION_KEYS), always={"source_rev"})
    yield from _rules("all")
    for kind, item in ITEM_TYPES.items():
        yield f"## {_KINDS[kind]}: `content/{FOLDERS[kind]}/`\n"
        yield from _own(kind, "Facts", item.facts_type, Facts)
        yield from _own(kind, "Words", item.words_type, Words)
        yield from _rules(kind)


def _own(kind: str, what: str, record: type[BaseModel], base: type[BaseModel]) -> Iterator[str]:
    """The keys that a kind has beside those of all kinds."""
    names = [name for name in record.model_fields if name not in base.model_fields]
    if names:
        yield f"### {what} of {'an' if kind[0] in 'aeiou' else 'a'} {kind}\n"
        yield from _table(record, names)
        yield from _inner(record, names)


def _rules(name: str) -> Iterator[str]:
    if RULES[name]:
        yield f"### Between the keys of {'all kinds' if name == 'all' else f'{name}s'}\n"
        yield from (f"* {rule}" for rule in RULES[name])
        yield ""


def _site_and_data() -> Iterator[str]:
    yield "## `site.toml`\n"
    yield from _table(Site, Site.model_fields)
    yield from _inner(Site, Site.model_fields)
    for name, record in ENTRY_TYPES.items():
        yield f"## `data/{name}.toml`\n\n{_DATA[name]}\n"
        yield from _table(record, record.model_fields)
        yield from _inner(record, record.model_fields)


def _mirrors() -> Iterator[str]:
    yield "## `mirrors.toml`\n"
    yield from _table(MirrorsFile, MirrorsFile.model_fields)
    yield "### Each entry of `mirrors`\n"
    yield from _table(MirrorFacts, MirrorFacts.model_fields)
    yield "## `deploy.toml`\n"
    yield from _table(DeployFile, DeployFile.model_fields)
    yield "### Each entry of `mirrors`\n"
    yield from _table(Deployment, Deployment.model_fields)
    yield "Each entry of `reserve` has these keys, and those of an entry of `mirrors.toml` but `tier`.\n"
    for kind in PLACE_KINDS:
        settings = _record_in(Deployment.model_fields[kind].annotation)
        if settings is not None:
            yield f"### Below `{kind}`\n"
            yield from _table(settings, settings.model_fields)
    yield "### Each secret\n"
    yield from _table(Secret, Secret.model_fields)


def _inner(record: type[BaseModel], names: Iterable[str], above: str = "") -> Iterator[str]:
    """Tables for the records inside the fields of a record, and inside of those."""
    for name in names:
        annotation = record.model_fields[name].annotation
        inner = _record_in(annotation)
        if inner is not None:
            place = "Each entry of" if get_origin(_bare(annotation)) in {tuple, dict} else "Below"
            yield f"### {place} `{above}{name}`\n"
            yield from _table(inner, inner.model_fields)
            if place == "Below":
                yield from _inner(inner, inner.model_fields, f"{above}{name}.")


def _record_in(annotation: Any) -> type[BaseModel] | None:
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return _record_in(arguments[1])
    return _record_in(arguments[0]) if get_origin(annotation) is tuple else None


def _bare(annotation: Any) -> Any:
    """An annotation without `| None` and metadata."""
    while get_origin(annotation) in {Annotated, Union, types.UnionType}:
        annotation = next(inner for inner in get_args(annotation) if inner is not type(None))
    return annotation


def _table(record: type[BaseModel], names: Iterable[str], always: Iterable[str] = ()) -> Iterator[str]:
    yield "| key | what it means | how it is written | needed |"
    yield "|---|---|---|---|"
    for name in names:
        field = record.model_fields[name]
        meaning = field.description or ""
        needed = "yes" if field.is_required() or name in always else f"no{_default(field)}"
        yield f"| `{field.alias or name}` | {meaning} | {_how(name, field)} | {needed} |"
    yield ""


def _default(field: FieldInfo) -> str:
    """What holds where the key is left out, if that is worth saying."""
    value = field.default
    return f": `{value}`" if isinstance(value, str) or (isinstance(value, int) and value) else ""


def _how(name: str, field: FieldInfo) -> str:
    annotation: Any = field.annotation
    if field.metadata:
        annotation = Annotated[annotation, *field.metadata]
    said = _write(annotation)
    table = TABLES.get(name)
    return said.replace(_FORMS[text.key], f"key of `data/{table}.toml`") if table else said


def _write(annotation: Any) -> str:
    """How a value of a type is written."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        checks = [data.func for data in arguments[1:] if isinstance(data, AfterValidator | BeforeValidator)]
        forms = [_FORMS[check] for check in checks if check in _FORMS]
        return forms[-1] if forms else _write(arguments[0])
    if origin in {Union, types.UnionType}:
        return ", or ".join(dict.fromkeys(_write(inner) for inner in arguments if inner is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list; each: {_write(arguments[0])}"
    if origin is dict:
        return _write_group(*arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "keys below"
    return _TYPES[annotation]


def _write_group(key: Any, value: Any) -> str:
    if _write(key) == _FORMS[text.language] and _record_in(value) is None:
        return f"by language; each: {_write(value)}"
    return f"group; each: {_write(key).partition(':')[0]} and {_write(value)}"
