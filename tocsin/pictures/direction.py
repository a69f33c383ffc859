"""In which order the letters of one line stand beside each other: Unicode's bidirectional algorithm.

Browsers do this for pages. In pictures it is ours to do; shaping (`lettering`) joins letters but expects them
cut into runs of one direction. Follows Unicode Standard Annex 9, revision 50, for a line whose direction is
known, without its explicit formatting characters, which no source may hold.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

# Classes after rule W6 that have no direction of their own.
_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_NUMBERS = frozenset({"EN", "AN"})
_STRONG = frozenset({"L", "R", "AL"})
_BRACKETS = {"(": ")", "[": "]", "{": "}", "⁅": "⁆", "⟦": "⟧", "⟨": "⟩", "〈": "〉", "《": "》", "「": "」"}


def levels(text: str, *, is_rtl: bool) -> list[int]:
    """The embedding level of each character: odd where it is read from the right.

    >>> levels("abc (12)", is_rtl=True)
    [2, 2, 2, 1, 1, 2, 2, 1]
    """
    base = int(is_rtl)
    if not is_rtl and text.isascii():
        return [0] * len(text)
    classes = [unicodedata.bidirectional(sign) or "L" for sign in text]
    places = [place for place, kind in enumerate(classes) if kind != "BN"]
    found = [base] * len(text)
    for place, level in zip(
        places, _resolved(text, classes, places, own="R" if is_rtl else "L"), strict=True
    ):
        found[place] = level
    for place, kind in enumerate(classes):  # rule X9: joiners are left out, and belong to what is before them
        if kind == "BN" and place:
            found[place] = found[place - 1]
    for place in range(len(text) - 1, -1, -1):  # rule L1: the end of a line has the line's direction
        if not text[place].isspace():
            break
        found[place] = base
    return found


def in_order(runs: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Runs, each a level and two places in the text, in the order from left to right (rule L2)."""
    ordered = list(runs)
    for least in range(max((level for level, _, _ in runs), default=0), 0, -1):
        begin = 0
        while begin < len(ordered):
            end = begin
            while end < len(ordered) and ordered[end][0] >= least:
                end += 1
            ordered[begin:end] = reversed(ordered[begin:end])
            begin = end + 1
    return ordered


def _resolved(text: str, classes: Sequence[str], places: Sequence[int], own: str) -> list[int]:
    """The levels of the characters at `places`."""
    kept = [classes[place] for place in places]
    _resolve_weak(kept, own)
    _resolve_brackets([text[place] for place in places], kept, own)
    _resolve_neutral(kept, own)
    return [_level(kind, int(own == "R")) for kind in kept]


def _level(kind: str, base: int) -> int:
    """Rules I1 and I2."""
    if base == 0:
        return {"L": 0, "R": 1}.get(kind, 2)
    return 1 if kind == "R" else 2


def _resolve_weak(classes: list[str], own: str) -> None:
    """Rules W1 to W7: marks follow their letters, signs between digits their digits."""
    before = own
    for place, kind in enumerate(classes):
        classes[place] = before = before if kind == "NSM" else kind
    _resolve_numbers(classes, own, after="AL", become="AN")
    classes[:] = ["R" if kind == "AL" else kind for kind in classes]
    for place in range(1, len(classes) - 1):
        around = classes[place - 1], classes[place + 1]
        is_between = around[0] == around[1]
        if is_between and (classes[place], around[0]) in {("ES", "EN"), ("CS", "EN"), ("CS", "AN")}:
            classes[place] = around[0]
    _let_signs_follow_numbers(classes)
    classes[:] = ["ON" if kind in {"ES", "ET", "CS"} else kind for kind in classes]
    _resolve_numbers(classes, own, after="L", become="L")


def _resolve_numbers(classes: list[str], own: str, *, after: str, become: str) -> None:
    """Rules W2 and W7: what European numbers become after letters of one kind."""
    strong = own
    for place, kind in enumerate(classes):
        if kind in _STRONG:
            strong = kind
        elif kind == "EN" and strong == after:
            classes[place] = become


def _let_signs_follow_numbers(classes: list[str]) -> None:
    """Rule W5: `%` and the like, beside a number, belong to it."""
    for places in (range(len(classes)), range(len(classes) - 1, -1, -1)):
        before = ""
        for place in places:
            if classes[place] == "ET" and before == "EN":
                classes[place] = "EN"
            before = classes[place]


def _resolve_brackets(text: Sequence[str], classes: list[str], own: str) -> None:
    """Rule N0: a pair goes with what it holds, where that is the line's direction or follows its like."""
    for first, last in _pairs(text, classes):
        inside = {_as_strong(kind) for kind in classes[first + 1 : last]} - {""}
        if not inside:
            continue
        chosen = own
        if own not in inside:
            earlier = (_as_strong(kind) for kind in reversed(classes[:first]))
            context = next((kind for kind in earlier if kind), own)
            chosen = context if context in inside else own
        for place in (first, last):
            classes[place] = chosen
            while place + 1 < len(text) and unicodedata.bidirectional(text[place + 1]) == "NSM":
                place += 1
                classes[place] = chosen


def _pairs(text: Sequence[str], classes: Sequence[str]) -> list[tuple[int, int]]:
    """Places of brackets that belong together, by the first of each (definition BD16)."""
    opened: list[tuple[str, int]] = []
    found = []
    for place, sign in enumerate(text):
        if classes[place] != "ON":
            continue
        if sign in _BRACKETS:
            opened.append((_BRACKETS[sign], place))
            continue
        nth = next((n for n in range(len(opened) - 1, -1, -1) if opened[n][0] == sign), None)
        if nth is not None:
            found.append((opened[nth][1], place))
            del opened[nth:]
    return sorted(found)


def _as_strong(kind: str) -> str:
    return "R" if kind in _NUMBERS else kind if kind in {"L", "R"} else ""


def _resolve_neutral(classes: list[str], own: str) -> None:
    """Rules N1 and N2: what has no direction takes that of both its sides, or the line's."""
    for begin, end in _stretches(classes):
        before = _as_strong(classes[begin - 1]) if begin else own
        after = _as_strong(classes[end]) if end < len(classes) else own
        classes[begin:end] = [before if before == after else own] * (end - begin)


def _stretches(classes: Sequence[str]) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(classes):
        end = begin
        while end < len(classes) and classes[end] in _NEUTRAL:
            end += 1
        if end > begin:
            yield begin, end
        begin = end + 1
