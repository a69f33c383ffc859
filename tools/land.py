#!/usr/bin/env python3
"""Write tocsin/pictures/land.py anew: the land of the world as dots, and a place on it for each country.

    npm ci --prefix tests/tools
    .venv/bin/python tools/land.py [--check]

Land comes from Natural Earth (1:110 million, in the public domain) by way of the pinned package world-atlas;
borders are not in it. Where a country is marked comes from the list of time zones in the pinned package
tzdata (IANA, in the public domain), which names a town for each: the median of a country's towns. The
projection is Equal Earth (Šavrič, Patterson and Jenny 2018): every square kilometre counts the same.
"""

from __future__ import annotations

import json
import math
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "tocsin" / "pictures" / "land.py"
LAND = ROOT / "tests" / "tools" / "node_modules" / "world-atlas" / "land-110m.json"

COLUMNS = 128
# Beyond these, in degrees, there is ice alone.
NORTH, SOUTH = 80.0, -56.0
# The meridian in the middle. At the edge the Bering Strait is cut, and no country.
MIDDLE = 11.0
# Where the median of a country's towns would be out at sea, or far from where most of its people live.
TOWNS = {
    "CL": "America/Santiago",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "KI": "Pacific/Tarawa",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
}
# In common use though not in ISO 3166-1, and so not in the list of zones: Pristina.
MORE = {"XK": (42.7, 21.2)}

_A = (1.340264, -0.081106, 0.000893, 0.003796)
_PLACE = re.compile(r"([+-])(\d{2,3})(\d{2})(\d{2})?(?=[+-]|$)")

Ring = list[tuple[float, float]]


def main(arguments: list[str]) -> int:
    """Write the module, or with `--check` tell whether it is current."""
    if not LAND.is_file():
        print("world-atlas is missing; to get it: npm ci --prefix tests/tools", file=sys.stderr)
        return 1
    text = module()
    if "--check" in arguments:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET.relative_to(ROOT)} is not current; run tools/land.py", file=sys.stderr)
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def module() -> str:
    """The text of the module."""
    half, top, bottom = projected(180 - 1e-9, 0)[0], projected(0, NORTH)[1], projected(0, SOUTH)[1]
    step = 2 * half / COLUMNS
    rows = math.ceil((top - bottom) / step)
    rings = list(land())
    lines = []
    for row in range(rows):
        line = ""
        for column in range(COLUMNS):
            place = unprojected((column + 0.5) * step - half, top - (row + 0.5) * step)
            line += "#" if place is not None and is_inside(place, rings) else "."
        lines.append(line.rstrip(".") or ".")
    drawn = "\n".join(lines)
    codes = [code for code in countries() if code in places()]
    found = places()
    marks = {}
    for code in codes:
        latitude, longitude = found[code]
        x, y = projected((longitude - MIDDLE + 180) % 360 - 180, latitude)
        marks[code] = (round((x + half) / step * 10), round((top - y) / step * 10))
    table = wrapped(", ".join(f'"{code}": {x, y}' for code, (x, y) in marks.items()))
    return (
        '"""The land of the world as dots, and where countries are marked. Made by tools/land.py.\n\n'
        "Land after Natural Earth, places after the IANA time zone database, both in the public domain.\n"
        '"""\n\n'
        f'# A row of the picture to a line; "#" is land.\nLAND = """\n{drawn}\n"""\n\n'
        "# From the left and from above, in tenths of the distance between dots.\n"
        f"# fmt: off\nPLACES: dict[str, tuple[int, int]] = {{\n{table}\n}}\n# fmt: on\n"
    )


def wrapped(text: str) -> str:
    """The entries of a table in lines that fit."""
    lines = [""]
    for entry in text.split("), "):
        piece = entry.rstrip(")") + "),"
        if len(lines[-1]) + len(piece) > 104:
            lines.append("")
        lines[-1] += f" {piece}" if lines[-1] else f"    {piece}"
    return "\n".join(lines)


def projected(longitude: float, latitude: float) -> tuple[float, float]:
    """Equal Earth, for a longitude from the middle of the picture; degrees in, the radius as the unit out."""
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    slope = _A[0] + 3 * _A[1] * t**2 + t**6 * (7 * _A[2] + 9 * _A[3] * t**2)
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(t) / (3 * slope)
    return x, t * (_A[0] + _A[1] * t**2 + t**6 * (_A[2] + _A[3] * t**2))


def unprojected(x: float, y: float) -> tuple[float, float] | None:
    """Longitude and latitude of a point of the picture, by Newton's method; None outside the world."""
    t = y
    for _ in range(12):
        slope = _A[0] + 3 * _A[1] * t**2 + t**6 * (7 * _A[2] + 9 * _A[3] * t**2)
        t -= (t * (_A[0] + _A[1] * t**2 + t**6 * (_A[2] + _A[3] * t**2)) - y) / slope
    latitude = math.degrees(math.asin(math.sin(t) * 2 / math.sqrt(3)))
    longitude = math.degrees(x * 3 * slope / (2 * math.sqrt(3) * math.cos(t)))
    return ((longitude + MIDDLE + 180) % 360 - 180, latitude) if abs(longitude) <= 180 else None


def land() -> Iterator[Ring]:
    """Every ring of the land, in degrees (TopoJSON: arcs of deltas, quantized)."""
    topology = json.loads(LAND.read_text(encoding="utf-8"))
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            points.append((x * kx + dx, y * ky + dy))
        arcs.append(points)
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            yield [point for nth in ring for point in (arcs[nth] if nth >= 0 else arcs[~nth][::-1])]


def is_inside(place: tuple[float, float], rings: list[Ring]) -> bool:
    """Does a line to the east cross an odd number of edges?"""
    x, y = place
    crossings = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                crossings += 1
    return crossings % 2 == 1


def countries() -> list[str]:
    """The codes of all countries and territories of the site's regions."""
    with (ROOT / "data" / "regions.toml").open("rb") as file:
        return sorted(code for region in tomllib.load(file).values() for code in region["countries"])


def places() -> dict[str, tuple[float, float]]:
    """Latitude and longitude of each country, in degrees."""
    found = {code: [place] for code, place in MORE.items()}
    for line in files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, place, town, *_ = line.split("\t")
            if TOWNS.get(code, town) != town:
                continue
            latitude, longitude = (_degrees(*match) for match in _PLACE.findall(place))
            # Counted on across the Pacific, or the middle of New Zealand's towns would lie in Spain.
            found.setdefault(code, []).append((latitude, longitude + 360 * (longitude < MIDDLE - 180)))
    return {code: (median(y for y, _ in all_), median(x for _, x in all_)) for code, all_ in found.items()}


def _degrees(sign: str, degrees: str, minutes: str, seconds: str) -> float:
    value = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -value if sign == "-" else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
