"""Matching: where what may not be published stands in a text, whatever it looks like there.

All patterns are searched for at once in the letters of a text alone (Aho-Corasick). What is found so is then
looked at where it stands: does it begin and end where a word does, and is it parted only as a name may be?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from tocsin.leaks.folding import (
    BLOCK,
    HARD,
    HYPHEN,
    SOFT,
    compact,
    folded,
    is_letter,
    is_unspaced,
    letters_in,
    origins,
    script,
)

SHORT = 4
"""What has fewer letters is found as a whole word alone."""
LONG = 8
"""What has so many letters is found across blanks and signs that stand within its words, too."""
_DECLINED = 6
"""A name of one word and so many letters is found with an ending; in Cyrillic, which declines names, any."""
_ENDING = 3
# Between two words of a name: blanks of any number, and so many other signs.
_SIGNS = 3
# Small words that Arabic and Hebrew write in front of a name without a space: and, then, in, to, like, the.
_BEFORE = {
    "arabic": re.compile("[وف]?[بكل]?(?:ال|لل)?"),
    "hebrew": re.compile("ו?[שמהבכל]{0,2}"),
}
_IN_ADDRESSES = re.compile(r"[@./\\%_-]|\d")
_BLANK = re.compile(f"[ \\n{SOFT}{BLOCK}]")


class Span(NamedTuple):
    """Where pattern `number` stands in a text: from the character `start` up to `end`."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is searched for, in folded words. `is_exact` refuses endings and what is written in one with it.

    What `is_passage` is long enough to be itself wherever it begins and ends, but stands in one paragraph.
    """

    words: tuple[str, ...]
    is_exact: bool = False
    is_passage: bool = False

    @property
    def letters(self) -> str:
        return "".join(self.words)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded; nothing that parts them."""
    parted = "".join(" " if not is_letter(character) else character for character in _without_soft(text))
    return tuple(parted.split())


def _without_soft(text: str) -> str:
    return folded(text).replace(SOFT, "")


def patterns_of(name: str, *, is_exact: bool = False) -> Iterator[Pattern]:
    """A name as it is written, and with its last word first, as lists and forms have it."""
    words = words_of(name)
    if words:
        yield Pattern(words, is_exact)
    if len(words) > 1 and sum(map(len, words)) >= SHORT:
        yield Pattern((words[-1], *words[:-1]), is_exact)


class Matcher:
    """Finds patterns, and tells them by their numbers in the order in which they were given."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = tuple(patterns)
        self._machine = AhoCorasick([pattern.letters for pattern in self.patterns] or [HARD + HARD])

    def found(self, text: str) -> frozenset[int]:
        """The patterns that stand in a text."""
        return frozenset(number for number, _ in self._standing(text))

    def spans(self, text: str) -> list[Span]:
        """Every place of a text where a pattern stands, in their order."""
        standing = list(self._standing(text))
        came = origins(text) if standing else []
        return sorted((Span(number, came[at[0]], came[at[-1]] + 1) for number, at in standing), key=_by_place)

    def _candidates(self, letters: str) -> list[tuple[int, int, int]]:
        return self._machine.find_matches_as_indexes(letters, overlapping=True) if self.patterns else []

    def _standing(self, text: str) -> Iterator[tuple[int, list[int]]]:
        """The patterns that stand in a text, each with the places of its letters in the folded text."""
        candidates = self._candidates(compact(text))
        if not candidates:
            return
        plain = folded(text)
        letters = letters_in(plain)
        for number, start, end in candidates:
            at = letters[start:end]
            if _stands(self.patterns[number], plain, at):
                yield number, at

    def masked(self, text: str, mask: str = "[…]") -> str:
        """The text with `mask` in place of everything that is found in it."""
        for _, start, end in reversed(_apart(self.spans(text))):
            text = text[:start] + mask + text[end:]
        return text


def _by_place(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap, as one."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start < joined[-1].end:
            joined[-1] = joined[-1]._replace(end=max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return joined


def _stands(pattern: Pattern, plain: str, at: list[int]) -> bool:
    """True where letters of a folded text, at these places, are the pattern and not part of other words."""
    if pattern.is_passage:
        return BLOCK not in plain[at[0] : at[-1]]
    return _is_held_together(pattern, plain, at) and _begins(pattern, plain, at) and _ends(pattern, plain, at)


def _is_held_together(pattern: Pattern, plain: str, at: list[int]) -> bool:
    """True where the letters are parted as a name is: between its words, at line ends, letter by letter."""
    gaps = [plain[before + 1 : after] for before, after in pairwise(at)]
    between: set[int] = set()
    place = -1
    for word in pattern.words[:-1]:
        place += len(word)
        between.add(place)
    is_short = len(at) < SHORT
    if not is_short and all(0 < len(gap) <= _SIGNS for gap in gaps):
        return True  # l i k e  t h i s
    if is_short and any(not gaps[number] for number in between):
        return False
    allowed = _anywhere if len(at) >= LONG else _never if is_short else _at_line_ends
    return all(
        _between_words(gap) if number in between else allowed(gap) for number, gap in enumerate(gaps) if gap
    )


def _between_words(gap: str) -> bool:
    return len(_BLANK.sub("", gap)) <= _SIGNS


def _anywhere(gap: str) -> bool:
    return len(_BLANK.sub("", gap)) <= 1


def _at_line_ends(gap: str) -> bool:
    """A hyphen, with the end of a line behind it or not; and what nobody sees."""
    seen = gap.replace(SOFT, "")
    return not seen or (
        seen[0] == HYPHEN and len(_BLANK.sub("", seen)) == 1 and (len(seen) == 1 or "\n" in seen)
    )


def _never(gap: str) -> bool:
    return not gap.replace(SOFT, "")


def _begins(pattern: Pattern, plain: str, at: list[int]) -> bool:
    start = at[0]
    if _is_edge(plain, start - 1, start):
        return True
    if len(at) < SHORT or pattern.is_exact:
        return False
    before = _run(plain, start, -1)
    own = _BEFORE.get(script(plain[start]))
    if own is not None and own.fullmatch(before):
        return True
    return _is_in_one(pattern, plain, at)


def _ends(pattern: Pattern, plain: str, at: list[int]) -> bool:
    last = at[-1]
    if _is_edge(plain, last, last + 1):
        return True
    if len(at) < SHORT or pattern.is_exact:
        return False
    is_declined = script(plain[last]) == "cyrillic" or len(at) >= (
        LONG if len(pattern.words) > 1 else _DECLINED
    )
    if is_declined and len(_run(plain, last, 1)) <= _ENDING:
        return True
    return _is_in_one(pattern, plain, at)


def _is_in_one(pattern: Pattern, plain: str, at: list[int]) -> bool:
    """True where a long name is written in one with other words: in an address, a file name, a slug."""
    if at[-1] - at[0] >= len(at):  # parted itself, so it has edges where it stands
        return False
    if len(pattern.words) > 1 and len(at) >= LONG:
        return True
    whole = _part(plain, at[0], -1, _is_in_address) + _part(plain, at[-1], 1, _is_in_address)
    return len(at) >= _DECLINED and bool(_IN_ADDRESSES.search(whole))


def _is_edge(plain: str, before: int, after: int) -> bool:
    """True where a word may end at `before` and another begin at `after`."""
    if before < 0 or after >= len(plain):
        return True
    one, other = plain[before], plain[after]
    if not is_letter(one) or not is_letter(other):
        return True
    return script(one) != script(other) or is_unspaced(one) or is_unspaced(other)


def _run(plain: str, place: int, step: int) -> str:
    """The letters that go on from a place, in one direction."""
    return _part(plain, place, step, is_letter)


def _part(plain: str, place: int, step: int, goes_on: Callable[[str], bool]) -> str:
    found = ""
    place += step
    while 0 <= place < len(plain) and goes_on(plain[place]):
        found = found + plain[place] if step > 0 else plain[place] + found
        place += step
    return found


def _is_in_address(character: str) -> bool:
    return character not in {" ", "\n", HARD, BLOCK, SOFT}
