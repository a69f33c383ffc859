"""The first page of a report's document, where the report has no picture of its own."""

import io
import re

import pikepdf
import pytest
from pikepdf import Dictionary, Name
from PIL import Image

FOLDER = "content/reports/2026/mission"
REPORT = """---
id: c0ver12345
fictional: true
issued: 2026-02-01
form: fact-finding
editions:
  - {language: en, format: pdf, file: report.pdf}
title: Report of a mission
---

What the mission heard.
"""


def pdf(words: str) -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    page.Resources = Dictionary(
        Font=Dictionary(F1=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    )
    page.Contents = document.make_stream(f"BT /F1 60 Tf 60 500 Td ({words}) Tj ET".encode())
    stream = io.BytesIO()
    document.save(stream, deterministic_id=True)
    return stream.getvalue()


@pytest.fixture
def reported(standing):
    """A small site with a report whose document can be downloaded, built."""
    folder = standing.root / FOLDER
    folder.mkdir(parents=True)
    (folder / "en.md").write_text(REPORT, encoding="utf-8")
    (folder / "report.pdf").write_bytes(pdf("One"))
    told = standing.build()
    assert told.code == 0, told.said
    return standing


def cover(checkout) -> str:
    page = (checkout.output / "reports/mission/index.html").read_text(encoding="utf-8")
    found = re.search(
        r'<figure class="cover">.*?<img src="[./]*(i/[\w.-]+)".*?alt="([^"]*)"', page, re.DOTALL
    )
    assert found
    assert found[2] == "Cover of the report"
    return found[1]


def test_a_report_without_a_picture_shows_its_first_page(reported):
    with Image.open(reported.output / cover(reported)) as picture:
        assert picture.size == (640, round(1811 * 640 / 1280))
        assert picture.convert("L").getextrema()[0] < 80


def test_another_document_has_another_cover_and_the_old_one_goes(reported):
    before = cover(reported)
    (reported.root / FOLDER / "report.pdf").write_bytes(pdf("Two"))
    assert reported.build().code == 0
    assert cover(reported) != before
    assert not list(reported.root.rglob(before.removeprefix("i/")))


def test_a_document_that_cannot_be_read_is_told_and_nothing_is_written(reported):
    before = (reported.output / "reports/mission/index.html").read_bytes()
    (reported.root / FOLDER / "report.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    told = reported.build()
    assert told.code == 1
    assert f"ERROR {FOLDER}/report.pdf: has no first page that can be drawn" in told.err
    assert "give the report a 'picture'" in told.err
    assert (reported.output / "reports/mission/index.html").read_bytes() == before
