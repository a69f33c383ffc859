"""Documents are published without anything that tells who made them."""

from __future__ import annotations

import io
import subprocess
import zlib
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from tests.components import find
from tests.unit.attachments.leaks import photo
from tocsin.attachments import clean_pdf, cleaned
from tocsin.errors import AttachmentError

SECRETS = (
    b"Jane Writer",
    b"LeakyWriter 3.1",
    b"app.alert",
    b"payroll",
    b"see my note",
    b"tracker",
    b"Telephone 7",
    b"2021:03:04",
)


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
    with document.open_outline() as outline:
        outline.root.append(
            pikepdf.OutlineItem("Bookmark", action=Dictionary(S=Name.Launch, F=String("tracker")))
        )
    for number, filters in enumerate((Name.DCTDecode, Array([Name.FlateDecode, Name.DCTDecode]))):
        data = photo() if number == 0 else zlib.compress(photo())
        picture = document.make_stream(data, Type=Name.XObject, Subtype=Name.Image, Width=256, Height=256)
        picture.ColorSpace, picture.BitsPerComponent, picture.Filter = Name.DeviceRGB, 8, filters
        picture.Metadata = document.make_stream(b"Jane Writer")
        picture.PieceInfo = Dictionary(App=Dictionary(Private=String("Jane Writer")))
        page.add_resource(picture, Name.XObject, Name(f"/P{number}"))
    page.contents_add(b"q 90 0 0 90 0 0 cm /P0 Do Q q 90 0 0 90 99 0 cm /P1 Do Q")
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


def test_pictures_stay_pixel_by_pixel_without_what_their_camera_noted() -> None:
    pictures = []
    for data in (leaky_pdf(), clean_pdf(leaky_pdf())):
        with pikepdf.open(io.BytesIO(data)) as document:
            found = document.pages[0].Resources.XObject
            raw = [found[f"/P{number}"] for number in (0, 1)]
            pictures.append([Image.open(io.BytesIO(coded(stream))) for stream in raw])
    for before, after in zip(*pictures, strict=True):
        assert before.tobytes() == after.tobytes()
        assert before.getexif()
        assert not after.getexif()
        assert "comment" not in after.info


def coded(stream: pikepdf.Stream) -> bytes:
    data = stream.read_raw_bytes()
    return zlib.decompress(data) if isinstance(stream.Filter, Array) and len(stream.Filter) > 1 else data


def test_a_pdf_with_hidden_layers_is_refused() -> None:
    document = pikepdf.new()
    document.add_blank_page()
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("names")))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    written = io.BytesIO()
    document.save(written)
    with pytest.raises(
        AttachmentError, match=r"^has hidden layers; save it with those alone that are to be seen$"
    ):
        clean_pdf(written.getvalue())


@pytest.mark.parametrize("address", ["javascript:app.alert(1)", "file:///etc/passwd", "\\\\host\\share"])
def test_a_link_that_runs_or_opens_something_goes(address: str) -> None:
    document = pikepdf.new()
    document.add_blank_page()
    action = Dictionary(S=Name.URI, URI=String(address))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].Annots = Array([link])
    written = io.BytesIO()
    document.save(written)
    with pikepdf.open(io.BytesIO(clean_pdf(written.getvalue()))) as cleaned_document:
        assert len(cleaned_document.pages[0].Annots) == 0


@pytest.mark.real("exiftool")
def test_a_program_that_looks_for_traces_finds_none(tmp_path: Path) -> None:
    told = {}
    for name, data in (("leaky", leaky_pdf()), ("plain", clean_pdf(leaky_pdf()))):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(data)
        command = [str(find("exiftool")), "-a", "-u", "-G1", "-ee3", str(path)]
        told[name] = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Jane Writer" in told["leaky"]
    rest = [line for line in told["plain"].splitlines() if not line.startswith(("[System]", "[ExifTool]"))]
    assert not any(word in line for line in rest for word in ("Jane", "Date", "Creator", "Producer", "XMP"))


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
