"""One module per tool: how it is given the corpus, run, and what it cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.dialects.dialect import Dialect, Tools
from bench.dialects.eleventy import Eleventy
from bench.dialects.hugo import Hugo
from bench.dialects.pelican import Pelican
from bench.dialects.tocsin import Tocsin

DIALECTS: Mapping[str, type[Dialect]] = {
    "tocsin": Tocsin,
    "hugo": Hugo,
    "pelican": Pelican,
    "eleventy": Eleventy,
}


def make_dialects(names: Iterable[str], work: Path, tools: Tools) -> list[Dialect]:
    """The dialects of `names`, each with a folder of its own below `work`."""
    return [DIALECTS[name](work / name, tools) for name in names]


__all__ = ["DIALECTS", "Dialect", "Tools", "make_dialects"]
