"""Documents are published without anything that tells who made them."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.unit.attachments.leaks import photo
from tocsin.attachments import clean_pdf, cleaned
from tocsin.errors import AttachmentError

SECRETS = (b"Jane Writer", b"LeakyWriter 3.1", b"app.alert", b"payroll", b"see my note", b"tracker")


def leaky_pdf(encryption: pikepdf.Encryption | None = None) -> bytes:
    """A one-page PDF with every trace that editors' programs leave."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    page = document.pages[0]
    with document.open_metadata() as metadata:
        metadata["dc:creator"] = ["Jane Writer"]
    document.docinfo["/Author"] = "Jane Writer"
    document.docinfo["/Creator"] = "LeakyWriter 3.1"
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert('hello')"))
    document.attachments["payroll.txt"] = b"payroll"
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=String("see my note"))
    web = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=[0, 0, 9, 9],
        A=Dictionary(S=Name.URI, URI=String("https://network.example/")),
        T=String("Jane Writer"),
    )
    submit = Dictionary(S=Name.SubmitForm, F=String("https://tracker.example"))
    form = document.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], FT=Name.Btn, T=String("b"), A=submit
        )
    )
    document.Root.AcroForm = Dictionary(Fields=Array([form]))
    page.Annots = Array([note, web, form])
    page.obj[Name.Metadata] = document.make_stream(b"Jane Writer")
    written = io.BytesIO()
    document.save(written, compress_streams=False, encryption=encryption or False)
    return written.getvalue()


def uncompressed(data: bytes) -> bytes:
    """The same PDF with nothing hidden in compressed streams."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        document.save(
            written, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable, qdf=True
        )
    return written.getvalue()


def test_a_cleaned_pdf_holds_none_of_the_traces_of_the_original() -> None:
    original = leaky_pdf()
    assert all(secret in uncompressed(original) for secret in SECRETS), "the test document must leak"
    plain = uncompressed(clean_pdf(original))
    assert [secret for secret in SECRETS if secret in plain] == []


def test_pages_and_links_to_the_web_stay() -> None:
    with pikepdf.open(io.BytesIO(clean_pdf(leaky_pdf()))) as document:
        assert len(document.pages) == 1
        links = [str(note.A.URI) for note in document.pages[0].Annots]
    assert links == ["https://network.example/"]


def test_the_same_pdf_gives_the_same_bytes() -> None:
    original = leaky_pdf()
    assert clean_pdf(original) == clean_pdf(original)


def test_a_pdf_with_a_password_is_refused() -> None:
    locked = leaky_pdf(pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(AttachmentError, match=r"^is protected by a password; save it without one$"):
        clean_pdf(locked)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 cut", b"<html>no</html>"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(AttachmentError, match=r"^is not a PDF that can be read"):
        clean_pdf(data)


def test_a_document_is_cleaned_once(tmp_path: Path) -> None:
    source = tmp_path / "report.pdf"
    source.write_bytes(leaky_pdf())
    first = cleaned(source, "digest", "pdf", tmp_path / "cache")
    source.unlink()
    assert cleaned(source, "digest", "pdf", tmp_path / "cache") == first
