"""Social cards: what stands on one is inside it, whatever the title; equal words are equal bytes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tocsin.pictures import social
from tocsin.pictures.paper import LIGHT, colour
from tocsin.pictures.social import HEIGHT, WIDTH, SocialCard, draw, written

ROOT = Path(__file__).resolve().parents[3]

ENGLISH = SocialCard(
    key="appeal:ken-water-committee",
    language="en",
    is_rtl=False,
    network="World Organisation Against Torture (OMCT)",
    about="Kenya · Urgent appeal · First appeal",
    title="Three members of the water committee arrested before the hearing",
    date="Fictional · 3 March 2026",
    code="KEN 001 / 0326 / OBS 014",
    state="Open",
    is_open=True,
)
ARABIC = replace(
    ENGLISH,
    language="ar",
    is_rtl=True,
    network="المنظمة العالمية لمناهضة التعذيب (OMCT)",
    about="كينيا · نداء عاجل",
    title="اعتقال ثلاثة من أعضاء لجنة المياه قبل جلسة الاستماع",
    date="مُختلَق · 3 مارس 2026",
    state="مفتوحة",
)
RUSSIAN = replace(
    ENGLISH,
    language="ru",
    network="Всемирная организация против пыток (OMCT)",
    about="Кения · Срочный призыв",
    title="Трое членов комитета по воде задержаны накануне слушаний",
    date="3 марта 2026 г.",
    state="Открыто",
)
# What no sane title is, and some title will be.
TITLES = {
    "four hundred characters": ("Joint statement by forty organisations on the periodic review " * 7)[
        :400
    ].strip(),
    "four hundred wide letters": ("WWWWWWWWM " * 40).strip(),
    "one word of two hundred letters": "a" * 200,
    "one Arabic word of two hundred letters": "ب" * 200,
    "Arabic in English": "A statement (بيان مشترك) of 2024 by اللجنة",
    "a pile of marks": "Z" + "\u0301" * 60 + "algo",
    "emoji": "Freed 🎉 after 300 days 🕊️",
    "one letter": "A",
    "no space, with hyphens": "very-" * 60,
}


def opened(card):
    ready = written(card)
    assert ready is not None
    picture = Image.open(io.BytesIO(draw(ready)))
    picture.load()
    return picture


def margins(picture):
    """Everything but the bar that stands nearer to an edge than text may."""
    plain = picture.convert("RGB")
    boxes = [(0, 20, 60, HEIGHT), (WIDTH - 60, 20, WIDTH, HEIGHT), (0, HEIGHT - 16, WIDTH, HEIGHT)]
    return {pixel for box in boxes for _, pixel in plain.crop(box).getcolors()}


@pytest.mark.parametrize("card", [ENGLISH, ARABIC, RUSSIAN], ids=lambda card: card.language)
def test_a_card_has_the_size_that_is_stated_and_weighs_little(card):
    data = draw(card)
    assert Image.open(io.BytesIO(data)).size == (1200, 630) == (WIDTH, HEIGHT)
    assert len(data) < 60_000


def test_a_card_is_pixels_and_a_palette_and_tells_nothing_else():
    data = draw(ENGLISH)
    chunks, place = [], 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        chunks.append(data[place + 4 : place + 8])
        place += 12 + length
    assert set(chunks) == {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
    assert opened(ENGLISH).info == {}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
@pytest.mark.parametrize("card", [ENGLISH, ARABIC], ids=lambda card: card.language)
def test_no_title_leaves_its_room(card, title):
    picture = opened(replace(card, title=title))
    assert margins(picture) == {colour(LIGHT.paper)}
    # Between the title and the rule above date and code, and between the network's name and its rule.
    plain = picture.convert("L")
    assert plain.crop((0, 540, WIDTH, 548)).getextrema()[0] > 200
    assert plain.crop((0, 117, WIDTH, 130)).getextrema()[0] > 200
    assert len(draw(written(replace(card, title=title)))) < 60_000


def test_a_long_title_is_whole_and_one_that_cannot_be_ends_with_an_ellipsis():
    def lines(title):
        sheet = social._Sheet(written(replace(ENGLISH, title=title)))
        return sheet._fitted()[1]

    long = TITLES["four hundred characters"]
    assert " ".join(lines(long)) == long
    assert "".join(lines("a" * 200)) == "a" * 200
    assert lines(TITLES["four hundred wide letters"])[-1].endswith("…")


def test_short_titles_are_set_larger_than_long_ones():
    def size(title):
        return social._Sheet(replace(ENGLISH, title=title))._fitted()[0]

    assert size("Released") == social._SIZES[0]
    assert size("Released") > size(ENGLISH.title * 2) > size(TITLES["four hundred characters"])


def test_everything_long_is_shortened_at_once():
    many = "Democratic Republic of the Congo and Republic of the Congo · Urgent appeal · Follow-up"
    long = {
        "network": "Network " * 30,
        "about": many,
        "date": "Fictional · " + "as of " * 30,
        "code": "X" * 90,
    }
    for card in (ENGLISH, ARABIC):
        assert margins(opened(replace(card, state="Open " * 40, **long))) == {colour(LIGHT.paper)}


def test_red_is_for_what_is_open():
    alarm = colour(LIGHT.alarm)

    def colours(card):
        return {pixel for _, pixel in opened(card).convert("RGB").getcolors(4096)}

    assert alarm in colours(ENGLISH)
    assert alarm in colours(ARABIC)
    assert alarm not in colours(replace(ENGLISH, state="Closed: released", is_open=False))
    assert alarm not in colours(replace(ENGLISH, state="", is_open=False))


def test_a_title_is_in_one_ink_wherever_it_stands():
    """Without small print above it, the title begins where that would be, which is grey."""
    bare = replace(ENGLISH, about="", state="", is_open=False)
    picture = opened(bare).convert("RGB").crop((60, 130, 700, 240))
    assert colour(LIGHT.ink) in {pixel for _, pixel in picture.getcolors()}
    assert colour(LIGHT.soft) not in {pixel for _, pixel in picture.getcolors()}


def test_arabic_cards_begin_at_the_right():
    box = (
        opened(ARABIC)
        .convert("L")
        .crop((0, 210, WIDTH, 300))
        .point(lambda value: 255 * (value < 128))
        .getbbox()
    )
    assert box is not None
    assert box[2] > WIDTH - 80


def test_arabic_on_a_card_is_joined():
    """A card whose letters were kept apart looks different, so those of the card itself are joined."""
    apart = replace(ARABIC, title="\u200c".join(ARABIC.title))
    assert draw(apart) != draw(ARABIC)
    assert social._Sheet(apart)._fitted()[0] <= social._Sheet(ARABIC)._fitted()[0]


def test_emoji_are_left_out_and_a_script_that_no_font_has_makes_no_card():
    card = written(replace(ENGLISH, title="Freed 🎉 after 300 days 🕊️"))
    assert card is not None
    assert card.title == "Freed after 300 days"
    assert written(replace(ENGLISH, title="释放")) is None
    assert written(replace(ENGLISH, network="网络")) is None
    assert written(replace(ENGLISH, title="🎉")) is None


def test_the_name_changes_with_every_word_and_with_nothing_else():
    names = {ENGLISH.name, replace(ENGLISH).name}
    assert len(names) == 1
    for change in (
        {"key": "appeal:other"},
        {"language": "en-GB"},
        {"network": "x"},
        {"about": "x"},
        {"title": "x"},
        {"date": "x"},
        {"code": "x"},
        {"state": "x"},
        {"is_open": False},
    ):
        names.add(replace(ENGLISH, **change).name)
    assert len(names) == 10


def test_a_card_is_the_same_in_every_process():
    code = (
        "import hashlib; from tests.unit.pictures.test_social_card import *;"
        "print([(card.name, hashlib.sha256(draw(card)).hexdigest()) for card in (ENGLISH, ARABIC, RUSSIAN)])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale, zone in (("1", "C", "UTC"), ("99", "C.UTF-8", "Asia/Tokyo"))
    }
    assert len(told) == 1


def test_the_colours_are_those_of_the_theme():
    sheet = (ROOT / "theme/static/site.css").read_text(encoding="utf-8")
    light, dark = sheet.split("prefers-color-scheme: dark")[0], sheet.split("prefers-color-scheme: dark")[1]
    for colours, text in ((social.LIGHT, light), (social.paper.DARK, dark)):
        for name in ("paper", "ink", "soft", "rule", "wash", "alarm"):
            assert f"--{name}: {getattr(colours, name)};" in text.split("}")[0] + text.split("}")[1]
