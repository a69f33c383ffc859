"""Every page and feed of a little site, set in the real theme without a build: for tests that need many."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from tocsin.ledger.store import Store
from tocsin.library.library import Library
from tocsin.pictures import DrawnCache
from tocsin.render import jobs
from tocsin.render.languages import load_speeches
from tocsin.render.theme import Theme
from tocsin.render.typeset import Typesetter
from tocsin.render.world import World

ROOT = Path(__file__).resolve().parents[1]
# What draws pictures or calls a program.
_NO_PAGES = frozenset({"address-pictures", "social", "world", "engine", jobs.SHARD, "icon"})


@cache
def _theme() -> Theme:
    return Theme(ROOT / "theme")


def rendered(library: Library, state: Path) -> Iterator[tuple[str, str]]:
    """Path and text of every page, feed and list; `state` is a folder for what is kept between calls."""
    store = Store(state / "rendering.sqlite")
    theme, drawn = _theme(), DrawnCache(state / "drawn")
    speeches = load_speeches(theme.locale, library.site, library.shared, store)
    world = World(library, speeches, theme, drawn=drawn.drawn, indexed=drawn.last)
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.globals["stylesheet"] = theme.style_address
    setter = Typesetter(environment, theme.templates, speeches, store, "rendering")
    for job in jobs.plan(library):
        if job[0] not in _NO_PAGES:
            for made in jobs.do(job, world, setter)[0]:
                yield made.path, made.text if isinstance(made.text, str) else made.text.decode()
    store.close()
