"""Searching texts in all their layers, and the names of files and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.leaks.matching import Matcher
from tocsin.leaks.peeling import peeled


def numbers_in(matcher: Matcher, text: str) -> frozenset[int]:
    """The patterns that stand in a text or in a layer below it."""
    if not matcher.patterns:  # as of most sites; to fold all texts takes half of the gate's time
        return frozenset()
    return frozenset(number for layer in peeled(text) for number in matcher.found(layer))


def numbers_in_names(matcher: Matcher, paths: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The patterns that stand in the names of files and folders, with the shortest path that holds any."""
    for path in paths:
        if numbers_in(matcher, path):
            parts = path.split("/")
            above = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
            shortest, found = next((one, found) for one in above if (found := numbers_in(matcher, one)))
            yield from ((shortest, number) for number in found)
