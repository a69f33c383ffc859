"""The picture of the world's open cases, which stands beside the list of countries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.pictures import worldmap
from tocsin.pictures.paper import DARK, LIGHT
from tocsin.render.pictures import FOLDER
from tocsin.render.reading import Reading

_COLOURS = (LIGHT, DARK)


@dataclass(frozen=True, slots=True)
class WorldPicture:
    """Addresses of the picture on light and on dark ground, its size, and what it shows in numbers."""

    light: str
    dark: str
    width: int
    height: int
    cases: int
    countries: int


def world_picture(reading: Reading) -> WorldPicture:
    """The picture as the page of all countries shows it."""
    known, open_in = _countries(reading)
    light, dark = (f"{FOLDER}/{worldmap.name(open_in, known, colours)}" for colours in _COLOURS)
    return WorldPicture(light, dark, *worldmap.size(), reading.ask("count", "open"), len(open_in))


def world_files(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """The pictures as path and content."""
    known, open_in = _countries(reading)
    for colours in _COLOURS:
        yield f"{FOLDER}/{worldmap.name(open_in, known, colours)}", worldmap.draw(open_in, known, colours)


def _countries(reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The countries that have a page, and those of them that have open cases."""
    known: tuple[str, ...] = reading.ask("countries")
    return known, tuple(code for code in known if reading.ask("count", f"open:country:{code}"))
