"""Covers: the first page of a PDF, on the way of any other picture."""

from __future__ import annotations

import io

import pikepdf
import pytest
from pikepdf import Dictionary, Name
from PIL import Image

from tocsin.errors import PictureError
from tocsin.pictures import PictureCache, encode, inspect_cover
from tocsin.pictures.cover import draw_cover


def pdf(
    *,
    font="Helvetica",
    size=(595, 842),
    pages=("First page",),
    encryption=None,
    rotate=0,
    subtype="/TrueType",
):
    document = pikepdf.new()
    for words in pages:
        page = document.add_blank_page(page_size=size)
        face = Dictionary(
            Type=Name.Font,
            Subtype=Name(subtype),
            BaseFont=Name(f"/{font}"),
            FirstChar=32,
            LastChar=32,
            Widths=[500],
        )
        page.Resources = Dictionary(Font=Dictionary(F1=face))
        page.Contents = document.make_stream(f"BT /F1 60 Tf 60 500 Td ({words}) Tj ET".encode())
        if rotate:
            page.Rotate = rotate
    stream = io.BytesIO()
    document.save(
        stream, deterministic_id=encryption is None, **({"encryption": encryption} if encryption else {})
    )
    return stream.getvalue()


def test_a_cover_has_the_renditions_of_any_picture():
    picture = inspect_cover(pdf())
    assert (picture.width, picture.height) == (1280, round(1280 * 842 / 595))
    assert [(r.format, r.width) for r in picture.renditions] == [
        (form, width) for form in ("avif", "jpeg") for width in (320, 640, 1280)
    ]


def test_a_cover_is_encoded_and_kept(tmp_path):
    data = pdf()
    picture = inspect_cover(data)
    paths = encode(data, picture, tmp_path)
    assert PictureCache(tmp_path).missing(picture) == []
    for path, rendition in zip(paths, picture.renditions, strict=True):
        with Image.open(path) as opened:
            assert opened.size == (rendition.width, rendition.height)
            assert opened.convert("L").getextrema()[0] < 80, "there is ink on it"
    assert encode(data, picture, tmp_path) == []


def test_it_is_the_first_page_that_is_drawn():
    assert draw_cover(pdf(pages=("One", "Two"))).tobytes() == draw_cover(pdf(pages=("One",))).tobytes()
    assert draw_cover(pdf(pages=("Two", "One"))).tobytes() != draw_cover(pdf(pages=("One",))).tobytes()


def test_a_page_on_its_side_is_turned():
    assert draw_cover(pdf(rotate=90)).size == (1280, round(1280 * 595 / 842))


def test_a_cover_is_the_same_twice_and_another_document_has_another_name():
    assert draw_cover(pdf()).tobytes() == draw_cover(pdf()).tobytes()
    assert inspect_cover(pdf()) == inspect_cover(pdf())
    assert inspect_cover(pdf()).digest != inspect_cover(pdf(pages=("Other",))).digest


@pytest.mark.real("font-dejavu")
def test_fonts_of_the_system_take_no_part():
    assert draw_cover(pdf(font="DejaVuSans")).tobytes() == draw_cover(pdf(font="FontOfNobody")).tobytes()


def test_notes_of_its_makers_are_not_drawn():
    document = pikepdf.open(io.BytesIO(pdf()))
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Square,
        Rect=[50, 50, 400, 400],
        C=[1, 0, 0],
        IC=[1, 0, 0],
        Contents="for A.",
    )
    document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))
    stream = io.BytesIO()
    document.save(stream)
    assert draw_cover(stream.getvalue()).tobytes() == draw_cover(pdf()).tobytes()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not a PDF"),
        (b"\x89PNG\r\n\x1a\n", "is not a PDF"),
        (b"%PDF-1.7 and nothing else", "has no first page that can be drawn"),
        (pdf()[:400], "has no first page that can be drawn"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "is protected by a password"),
        (pdf(size=(20, 2000)), "has a first page of a shape that is no cover's; give the report a 'picture'"),
    ],
    ids=["empty", "a picture", "a head alone", "cut off", "locked", "a scroll"],
)
def test_what_has_no_cover_is_told_with_the_way_out(data, said):
    with pytest.raises(PictureError) as caught:
        inspect_cover(data)
    assert said in str(caught.value)


def test_a_document_that_changed_meanwhile_is_noticed(tmp_path):
    with pytest.raises(PictureError, match="was changed while"):
        encode(pdf(pages=("Other",)), inspect_cover(pdf()), tmp_path)
