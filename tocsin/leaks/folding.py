"""Folding: texts as they are compared, so that one name has one form however it was written.

`folded` keeps what parts words, `compact` keeps the letters and digits alone. Both go character by character,
by a table that is filled as characters are met. Done away with are: compatibility forms (Unicode NFKC), case
(the dotted and the dotless i of Turkish are one letter), marks above and below letters of the scripts that
can do without, Arabic letter variants and tatweel, foreign digits, and what nobody sees: zero-width
characters, direction controls, soft hyphens, variation selectors, tags.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import compress

HARD = "\0"
"""Parts two texts: nothing is found across it."""
SOFT = "\x01"
"""A place where a word may begin or end, though nothing is seen there: inline tags, zero-width characters."""
BLOCK = "\x02"
"""Where a paragraph, a line or a cell of a document ends: a name may go on behind it, a sentence does not."""
SPACE, NEWLINE, HYPHEN = " ", "\n", "-"

# Letters that are written with one another's and that Unicode does not take apart.
_ALIKE = {
    **dict(zip("ıɨøłđðɖħŧŋ", "iioldddhtn", strict=True)),
    **dict(zip("ƀɓɗƙƴʉ", "bbdkyu", strict=True)),
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    # Arabic: alef with wasla, the kinds of yeh, kaf and heh, teh marbuta.
    **dict.fromkeys("ٱٲٳٵ", "ا"),
    **dict.fromkeys("ىیېےێ", "ي"),
    **dict.fromkeys("کڪ", "ك"),
    **dict.fromkeys("ةہھەۃۀ", "ه"),
    # Hebrew: final letters.
    **dict(zip("ךםןףץ", "כמנפצ", strict=True)),
    "ς": "σ",
    "ё": "е",
}
# Marks that change no letter into another for those who read the script: of Latin, Greek and Cyrillic, Hebrew
# points, Arabic and Syriac vowels. Those of Indic scripts are vowels like others, and stay.
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f"
    "\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u08ca-\u08e1\u08e3-\u08ff"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Drawn within a word, or not at all; a word is one on both sides of it.
_NOTHING = re.compile("[\u00ad\u0640\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]")
_HYPHENS = re.compile("[-_\u2010-\u2015\u2043\u2212\u30fb\ufe58\ufe63\uff0d\u05be\u1806]")
# Scripts that part no words.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_SCRIPTS = re.compile(
    r"(?P<digits>[0-9]+)|(?P<latin>[a-z]+)|(?P<cyrillic>[\u0400-\u052f]+)|(?P<greek>[\u0370-\u03ff]+)"
    r"|(?P<arabic>[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]+)|(?P<hebrew>[\u0590-\u05ff]+)"
)


def _fold(character: str) -> str:
    """One character as it is compared."""
    if character in {HARD, BLOCK, NEWLINE}:
        return character
    if _NOTHING.match(character) or _MARKS.match(character):
        return ""
    if _HYPHENS.match(character):
        return HYPHEN
    if character.isspace():
        return SPACE
    if unicodedata.category(character) in {"Cf", "Cc", "Cs", "Cn"}:
        return SOFT
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(map(_letter, plain))


def _letter(character: str) -> str:
    """One character of a decomposed and case-folded one."""
    if _MARKS.match(character) or _NOTHING.match(character):
        return ""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    return SPACE if character.isspace() else _ALIKE.get(character, character)


class _Letters(dict[str, bool]):
    def __missing__(self, character: str) -> bool:
        value = self[character] = character.isalnum() or unicodedata.category(character) in {"Mn", "Mc"}
        return value


_LETTERS = _Letters()
_COUNTED = _Letters({HARD: True})


def is_letter(character: str) -> bool:
    """True for what words and numbers are made of, in folded texts."""
    return _LETTERS[character]


class _Folded(dict[int, str]):
    def __missing__(self, code: int) -> str:
        value = self[code] = _fold(chr(code))
        return value


class _Compact(dict[int, str]):
    def __missing__(self, code: int) -> str:
        value = self[code] = "".join(c for c in _FOLDED[code] if _COUNTED[c])
        return value


_FOLDED = _Folded()
_COMPACT = _Compact()


def folded(text: str) -> str:
    """The text as it is compared, with what parts words: spaces, signs, `SOFT`, `HARD`."""
    return text.translate(_FOLDED)


def compact(text: str) -> str:
    """The letters and digits of a text as they are compared, and `HARD`."""
    return text.translate(_COMPACT)


def letters_in(plain: str) -> list[int]:
    """The place in a folded text of each character that `compact` has."""
    return list(compress(range(len(plain)), map(_COUNTED.__getitem__, plain)))


def origins(text: str) -> list[int]:
    """For each character of `folded(text)`, the place in the text that it comes from."""
    return [place for place, character in enumerate(text) for _ in _FOLDED[ord(character)]]


def is_unspaced(character: str) -> bool:
    """True for letters of scripts that do not part words: Chinese, Japanese, Thai and others."""
    return bool(_UNSPACED.match(character))


def script(character: str) -> str:
    """The script of a folded letter, roughly; digits are one of their own."""
    found = _SCRIPTS.match(character)
    return str(found.lastgroup) if found else ""
