"""Social cards: the picture that other sites show with a link to an item.

It holds words that the item's page shows to everybody, in the theme's colours, and nothing else: no portrait,
so that nobody's face travels further than the page on which its consent stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace

from tocsin.pictures import lettering, paper
from tocsin.pictures.lettering import Lines, Style, width
from tocsin.pictures.lines import broken, shortened
from tocsin.pictures.paper import LIGHT, Box

WIDTH, HEIGHT = 1200, 630
"""What Open Graph readers ask for: 1.91 to 1, and large enough for dense screens."""

# Raise this when the same words are drawn differently.
_VERSION = 1

_MARGIN = 72
_MEASURE = WIDTH - 2 * _MARGIN
_BAR = 14
_NAME_BASE, _NAME_RULE = 86, 114
_KICKER_BASE = 178
_TITLE_TOP, _TITLE_BOTTOM = 204, 528
_FOOT_RULE, _FOOT_BASE = 548, 592
_SMALL = 29
_SQUARE = 17
_GAP = 40
# Sizes of a title, largest first; the last is still read on a telephone's small preview.
_SIZES = (76, 70, 64, 58, 53, 48, 44, 40, 37, 34, 31)
# Height of a line by the size of its letters: Arabic needs room above and below.
_LEADING, _LEADING_RTL = 1.24, 1.4
# The first line below the top, likewise.
_FIRST_BASE, _FIRST_BASE_RTL = 1.05, 0.95
# Letters are joined and kerned across spaces, so a line may differ by some pixels from the sum of its words.
_SLACK = 6
# Naskh letters are small for their size.
_LARGER_RTL = 1.16


@dataclass(frozen=True, slots=True)
class SocialCard:
    """The words of a card, all in `language`; any but `network` and `title` may be empty.

    `about` is what the item is and where, `state` what became of it, `date` and `code` stand below.
    """

    key: str
    language: str
    is_rtl: bool
    network: str
    about: str
    title: str
    date: str
    code: str
    state: str
    is_open: bool

    @property
    def name(self) -> str:
        """The name of the file, made from all that its bytes depend on, and from `key`.

        Two items that say the same have two files: each is deleted with its item.
        """
        made_from = (astuple(self), lettering.fingerprint(), paper.fingerprint(), _VERSION)
        return f"{hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]}.png"

    @property
    def has_kicker(self) -> bool:
        """Whether a line of small print stands above the title; else the title begins there."""
        return bool(self.about or self.state)


def written(card: SocialCard) -> SocialCard | None:
    """The card with the words that fonts can write; None where words of it cannot be written.

    A title in a script that no font has would be a row of boxes; no picture is better than that.
    """
    words = {
        field: lettering.writable(getattr(card, field))
        for field in ("network", "about", "title", "date", "code", "state")
    }
    if None in words.values() or not words["title"]:
        return None
    return replace(card, **words)  # type: ignore[arg-type]  # there is no None among them


def draw(card: SocialCard) -> bytes:
    """The card as a PNG file. `card` is what `written` returned."""
    sheet = _Sheet(card)
    sheet.head()
    sheet.title()
    sheet.foot()
    coverage = sheet.lines.coverage()
    for left, top, right, bottom in sheet.rectangles:
        coverage.paste(255, (left, top, right, bottom))
    inks: list[tuple[str, Box | None]] = [(LIGHT.ink, None)]
    if card.has_kicker:
        inks.append((LIGHT.soft, sheet.kicker_box))
    inks.append((LIGHT.rule, (0, _FOOT_RULE, WIDTH, _FOOT_RULE + 2)))
    inks.append((LIGHT.soft, (0, _FOOT_RULE + 2, WIDTH, HEIGHT)))
    if card.state:
        inks.append((LIGHT.alarm if card.is_open else LIGHT.ink, sheet.state_box))
    if card.is_open:
        inks.append((LIGHT.alarm, (0, 0, WIDTH, _BAR)))
    return paper.inked(coverage, LIGHT.paper, inks)


class _Sheet:
    """One card while it is drawn. Lines begin at the side from which the language is read."""

    def __init__(self, card: SocialCard) -> None:
        self.lines = Lines((WIDTH, HEIGHT))
        self.rectangles: list[Box] = []
        self.card = card
        self.leading = _LEADING_RTL if card.is_rtl else _LEADING
        top, bottom = _NAME_RULE + 4, _TITLE_TOP
        self.kicker_box: Box = (0, top, WIDTH, bottom)
        self.state_box: Box = (0, top, 0, bottom)

    def head(self) -> None:
        """The network's name below a bar, and what the item is; at the far end, that it is open."""
        self.rectangles.append((0, 0, WIDTH, _BAR))
        self._line(_NAME_BASE, self.card.network, self._style(_SMALL + 3, bold=True))
        self._rule(_NAME_RULE, 2)
        room = _MEASURE
        if self.card.state:
            style = self._style(_SMALL, bold=True)
            taken = self._at_end(_KICKER_BASE, self.card.state, style)
            room -= taken + _GAP
            edge = _MARGIN + taken + _GAP // 2
            span = (0, edge) if self.card.is_rtl else (WIDTH - edge, WIDTH)
            self.state_box = (span[0], self.kicker_box[1], span[1], self.kicker_box[3])
        self._line(_KICKER_BASE, self.card.about, self._style(_SMALL), room)

    def title(self) -> None:
        """The title, as large as it fits, from the top."""
        size, lines, leading = self._fitted()
        style = self._style(size, bold=True)
        top = _TITLE_TOP if self.card.has_kicker else _KICKER_BASE - _SMALL
        base = top + round(style.size * (_FIRST_BASE_RTL if self.card.is_rtl else _FIRST_BASE))
        for number, line in enumerate(lines):
            self._line(base + round(number * leading), line, style)

    def foot(self) -> None:
        """Date and code below a thin rule, as in a newspaper's margin."""
        if not self.card.date and not self.card.code:
            return
        self._rule(_FOOT_RULE, 2)
        style = self._style(_SMALL)
        room = _MEASURE
        if self.card.code:
            plain = Style(_SMALL, False, self.card.language, is_rtl=False)  # a code is read from the left
            code = shortened(self.card.code, plain, _MEASURE // 2)
            reach = round(width(code, plain))
            x = _MARGIN if self.card.is_rtl else WIDTH - _MARGIN - reach
            self.lines.write((x, _FOOT_BASE), code, plain)
            room -= reach + _GAP
        self._line(_FOOT_BASE, self.card.date, style, room)

    def _fitted(self) -> tuple[int, list[str], float]:
        """Size, lines and their distance: the largest size at which the whole title fits, words unbroken.

        Where that is none, words are broken; where even that is not enough, the end is left out.
        """
        last = (0, [""], 0.0)
        for cut in (False, True):
            for size, leading, most in self._sizes():
                style = self._style(size, bold=True)
                lines = broken(self.card.title, style, _MEASURE - _SLACK, cut=cut)
                if lines is None:
                    continue
                if len(lines) <= most:
                    return size, lines, leading
                rest = shortened(" ".join(lines[most - 1 :]), style, _MEASURE, always=True)
                last = (size, [*lines[: most - 1], rest], leading)
        return last

    def _sizes(self) -> Iterator[tuple[int, float, int]]:
        """Sizes of a title with the distance of its lines and how many of them there is room for."""
        for size in _SIZES:
            leading = self._style(size).size * self.leading
            yield size, leading, int((_TITLE_BOTTOM - _TITLE_TOP) // leading)

    def _style(self, size: int, *, bold: bool = False) -> Style:
        larger = round(size * _LARGER_RTL) if self.card.is_rtl else size
        return Style(larger, bold, self.card.language, self.card.is_rtl)

    def _line(self, base: int, text: str, style: Style, room: int = _MEASURE) -> None:
        if text:
            x = WIDTH - _MARGIN if self.card.is_rtl else _MARGIN
            self.lines.write((x, base), shortened(text, style, room), style)

    def _at_end(self, base: int, text: str, style: Style) -> int:
        """Write at the end of the line, what is open after a square; return how much is taken."""
        text = shortened(text, style, _MEASURE // 2)
        reach = round(width(text, style))
        begin = _MARGIN + reach if self.card.is_rtl else WIDTH - _MARGIN - reach
        self.lines.write((begin, base), text, style)
        if not self.card.is_open:
            return reach
        left = begin + 12 if self.card.is_rtl else begin - 12 - _SQUARE
        self.rectangles.append((left, base - _SQUARE - 2, left + _SQUARE, base - 2))
        return reach + 12 + _SQUARE

    def _rule(self, top: int, thickness: int) -> None:
        self.rectangles.append((_MARGIN, top, WIDTH - _MARGIN, top + thickness))
