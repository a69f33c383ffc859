"""Breaking a text into lines of a given measure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tocsin.pictures.lettering import Style, width

ELLIPSIS = "…"
# So many pixels do not matter where lines are balanced.
_NEARLY = 4


def broken(text: str, style: Style, measure: int, *, cut: bool) -> list[str] | None:
    """`text` in as few lines as it needs, of about the same length, none wider than `measure`.

    A word wider than that is cut where `cut` allows it; None where it does not.
    """
    words = text.split()
    reaches = [width(word, style) for word in words]
    if max(reaches, default=0) > measure:
        if not cut:
            return None
        words = [piece for word in words for piece in _cut(word, style, measure)]
        reaches = [width(word, style) for word in words]
    space = width(" ", style)
    lines = _filled(reaches, space, measure)
    # The narrowest measure that needs no more lines leaves no word alone on the last one.
    low, high = max(reaches, default=0), float(measure)
    while high - low > _NEARLY:
        middle = (low + high) / 2
        narrower = _filled(reaches, space, middle)
        if len(narrower) > len(lines):
            low = middle
        else:
            high, lines = middle, narrower
    return [" ".join(words[first:last]) for first, last in lines]


def _filled(reaches: list[float], space: float, measure: float) -> list[tuple[int, int]]:
    """First and last word (excluded) of each line, filled one after the other."""
    lines, first, reach = [], 0, 0.0
    for number, own in enumerate(reaches):
        if number > first and reach + space + own > measure:
            lines.append((first, number))
            first, reach = number, 0.0
        reach += own + (space if number > first else 0)
    return [*lines, (first, len(reaches))] if reaches else []


def _cut(word: str, style: Style, measure: int) -> Iterator[str]:
    """A word in pieces that fit, each as long as possible."""
    while word and (reach := width(word, style)) > measure:
        end = max(1, int(len(word) * measure / reach))
        while end > 1 and (width(word[:end], style) > measure or unicodedata.combining(word[end])):
            end -= 1
        yield word[:end]
        word = word[end:]
    if word:
        yield word


def shortened(text: str, style: Style, measure: int, *, always: bool = False) -> str:
    """`text`, or as much of its beginning as fits with an ellipsis; `always` with one."""
    if not always and width(text, style) <= measure:
        return text
    words = text.split(" ")
    while len(words) > 1 and width(" ".join(words) + ELLIPSIS, style) > measure:
        words.pop()
    kept = " ".join(words)
    while kept and width(kept + ELLIPSIS, style) > measure:
        kept = kept[:-1]
    return kept.rstrip(" ,;:·–—-") + ELLIPSIS
