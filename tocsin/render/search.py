"""Search in the reader's browser: its page, its index in shards, and the program that reads them.

There is a shard for each language and year, and one each for portraits and pages. It is made from the items
of that year alone, so that an edit makes the one small shard again that holds the text, and a new appeal
those of its year. It holds what pages show to everybody, and nothing of members: whether one may be named can
end, and an index is copied more easily than a page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape

from tocsin import pagefind
from tocsin.library.lists import DATED_KINDS
from tocsin.model.codes import compact
from tocsin.model.items import AnyItem, Kind
from tocsin.pagefind import Record
from tocsin.render.body import set_facts
from tocsin.render.cards import speak
from tocsin.render.labels import LABELS
from tocsin.render.list_pages import own_page
from tocsin.render.offers import page_language
from tocsin.render.reading import Keys, Reading
from tocsin.render.said import Spoken
from tocsin.render.sheets import Sheet

# What has no year, or is asked for too seldom to be divided, by the name of its shard.
_WHOLE: tuple[tuple[str, Kind], ...] = (("portraits", "portrait"), ("pages", "page"))
# Marks that stand inside words; all others part them.
_INLINE = re.compile(r"</?(?:a|abbr|b|bdi|bdo|cite|code|del|em|i|ins|q|s|small|span|strong)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def shards(years: Callable[[str], Keys], group: Callable[[str], Keys]) -> tuple[str, ...]:
    """The names of all shards, the newest year first: from the years of kinds, and groups of items."""
    dated = {year for kind in DATED_KINDS for year in years(kind)}
    whole = (name for name, kind in _WHOLE if group(f"kind:{kind}"))
    return (*sorted(dated, reverse=True), *whole)


def search_sheets(reading: Reading) -> Iterator[Sheet]:
    """The search page. It leads to everything without a script, too."""
    own = reading.addresses
    page = own_page(reading, own.search, "search", reading.word("Search"))
    years = [
        (kind, [(year, own.year(kind, year)) for year in reading.ask("years", kind)]) for kind in DATED_KINDS
    ]
    values = {
        "script": reading.ask("script"),
        "engine": engine_address(reading),
        "shards": [own.shard(name) for name in shards(partial(reading.ask, "years"), reading.group)],
        "by_year": [(kind, found) for kind, found in years if found],
    }
    yield Sheet(page, "search.html", values)


def engine_address(reading: Reading) -> str:
    """Where Pagefind lies: under a name made from its version and the languages that it knows."""
    named = repr((pagefind.digest_of(()), sorted(reading.site.languages)))
    return f"s/pagefind-{hashlib.sha256(named.encode()).hexdigest()[:10]}/"


def engine_files(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Pagefind's own files, for all languages of the site."""
    address = engine_address(reading)
    name = address.strip("/").rpartition("-")[2]
    languages = list(reading.site.languages)
    for path, data in _kept(reading, "engine", name, lambda: pagefind.program(languages)):
        yield f"{address}{path}", data


def shard_files(reading: Reading, shard: str) -> Iterator[tuple[str, bytes]]:
    """The index of what a reader of this language finds of a year, or of another shard."""
    kind = dict(_WHOLE).get(shard)
    groups = [f"kind:{kind}"] if kind else [f"year:{kind}:{shard}" for kind in DATED_KINDS]
    records = [_record(reading, key) for key in sorted(key for name in groups for key in reading.group(name))]
    group, name = shard_group(reading.language, shard), pagefind.digest_of(records)
    for path, data in _kept(reading, group, name, lambda: pagefind.index(records)):
        yield f"{reading.addresses.shard(shard)}{path}", data


def shard_group(language: str, shard: str) -> str:
    """What the indexes of one shard are kept as, of which only the last is kept."""
    return f"{language}-{shard}"


def _kept(reading: Reading, group: str, name: str, make: Callable[[], pagefind.Files]) -> pagefind.Files:
    return pagefind.unpacked(reading.world.indexed(group, name, lambda: pagefind.packed(make())))


def _record(reading: Reading, key: str) -> Record:
    """An item as its page shows it; one that is not in this language as lists of this language show it."""
    # Whether the text is there is part of the answer to either facet.
    is_own = reading.language in reading.world.library.entries[key].languages
    item = reading.spoken(key) if is_own else reading.carded(key)
    words = speak(reading.site, item, reading.language)
    codes = getattr(item.facts, "codes", ())
    texts = reading.own_fragments(key) if is_own else {}
    text = [words.summary or "", *(plain(reading, texts[name]) for name in sorted(texts))]
    shown = {
        "title": words.title,
        "about": " · ".join(_about(reading, item, words)),
        "codes": " · ".join(code.display for code in codes),
        # Codes as nobody writes them but everybody's spelling becomes: letters and digits alone.
        "compact": " ".join(_compact(code.stem, code.display) for code in codes),
        # Whatever is shown is searched too; this is not to be found.
        "language": "" if is_own else pagefind.SELDOM + words.language,
    }
    return Record(
        address=reading.addresses_in(page_language(reading.site, item, reading.language)).item(item),
        language=reading.language,
        text="\n".join(filter(None, text)) or words.title,
        shown={name: str(value) for name, value in shown.items() if value},
    )


def _about(reading: Reading, item: AnyItem, words: Spoken) -> Iterator[str]:
    """What an item is, when and where, in the words of lists; first of all, whether it was invented."""
    facts = item.facts
    if facts.fictional:
        yield reading.word("Fictional")
    form = getattr(facts, "form", "")
    yield reading.word(LABELS["form"][form] if form else LABELS["kind"][item.kind])
    if item.kind == "portrait":
        yield words.person
    if facts.issued:
        yield reading.speech.day(facts.issued)
    elif facts.seen:
        when = " – ".join(reading.speech.part(end) for end in facts.seen.text.split("/"))
        yield reading.word("as of %(when)s") % {"when": when}
    if facts.countries:
        yield reading.place(facts.countries)


def _compact(*codes: str) -> str:
    return " ".join(dict.fromkeys(compact(code) for code in codes))


def plain(reading: Reading, html: str) -> str:
    """The words of a converted text, without its marks."""
    return " ".join(unescape(_TAG.sub(" ", _INLINE.sub("", set_facts(reading, html)))).split())
