"""Documents of every format are published without anything that tells who made them, or not at all."""

from __future__ import annotations

import contextlib
import io
import subprocess
import zipfile

import docx
import pytest
from ebooklib import epub

from tests.components import find
from tests.unit.attachments import leaks
from tests.unit.attachments.leaks import PLAIN, SECRETS
from tocsin.attachments import FORMATS, clean, cleaned
from tocsin.errors import AttachmentError
from tocsin.model.report import MEDIA_TYPES

MAKERS = {"docx": leaks.leaky_docx, "odt": leaks.leaky_odt, "epub": leaks.leaky_epub}


def unpacked(data: bytes) -> bytes:
    """Everything in a container, with the names of its members and remarks, one after the other."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        parts = [(m.filename.encode(), m.comment, m.extra, container.read(m)) for m in container.infolist()]
        return b"\n".join(piece for part in parts for piece in part) + container.comment


def found_in(data: bytes) -> set[str]:
    everything = unpacked(data)
    return {secret for secret in SECRETS if secret.encode() in everything}


def told(tmp_path, data: bytes, kind: str) -> str:
    """What exiftool finds out about a file, and about the files in it."""
    folder = tmp_path / "looked-into"
    folder.mkdir(parents=True)
    (folder / f"a.{kind}").write_bytes(data)
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            container.extractall(folder)
    command = [str(find("exiftool")), "-a", "-u", "-G1", "-ee", "-r", str(folder)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("[System]", "[ExifTool]", "===")))


def test_every_format_that_can_be_published_has_a_cleaner_and_a_media_type():
    assert set(FORMATS) == set(MEDIA_TYPES)


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_cleaned_container_holds_none_of_the_traces_of_the_original(kind):
    original = MAKERS[kind]()
    assert len(found_in(original)) >= 5, "the test document must leak"
    assert found_in(clean(original, kind)) == set()
    assert PLAIN.encode() in unpacked(clean(original, kind))


@pytest.mark.real("exiftool")
@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_program_that_looks_for_traces_finds_none_in_a_container(tmp_path, kind):
    original = MAKERS[kind]()
    assert "Jane Writer" in told(tmp_path / "leaky", original, kind), "the program must find what there is"
    said = told(tmp_path / "clean", clean(original, kind), kind)
    assert [secret for secret in SECRETS if secret in said] == []
    assert "[GPS]" not in said
    assert "Create Date" not in said
    assert "Zip Modify Date                 : 1980:01:01 00:00:00" in said or "Zip Modify Date" not in said


@pytest.mark.real("ffmpeg", "exiftool")
@pytest.mark.parametrize("kind", ["mp3", "mp4"])
def test_sound_and_film_are_heard_and_seen_as_before_and_tell_nothing(tmp_path, kind):
    original = leaks.leaky_film(tmp_path, kind)
    assert found_in(original)
    plain = clean(original, kind)
    assert found_in(plain) == set()
    said = told(tmp_path, plain, kind)
    assert [secret for secret in SECRETS if secret in said] == []
    assert "2021" not in said
    assert "GPS" not in said
    (tmp_path / f"plain.{kind}").write_bytes(plain)
    heard = [played(tmp_path / name) for name in (f"leaky.{kind}", f"plain.{kind}")]
    assert heard[0] == heard[1]


def played(path) -> str:
    command = [str(find("ffmpeg")), "-nostdin", "-v", "error", "-i", str(path), "-f", "md5", "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_equal_documents_give_equal_bytes_and_a_clean_one_stays_clean(kind):
    original = MAKERS[kind]()
    assert clean(original, kind) == clean(original, kind)
    with zipfile.ZipFile(io.BytesIO(clean(original, kind))) as container:
        assert {member.date_time for member in container.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert container.testzip() is None
    assert found_in(clean(clean(original, kind), kind)) == set()


def test_other_programs_can_read_what_was_cleaned(tmp_path):
    document = docx.Document(io.BytesIO(clean(leaks.leaky_docx(), "docx")))
    assert document.paragraphs[0].text == PLAIN
    assert len(document.inline_shapes) == 1
    assert document.core_properties.author in ("", "python-docx")  # what it makes up where there is nothing
    (tmp_path / "a.epub").write_bytes(clean(leaks.leaky_epub(), "epub"))
    book = epub.read_epub(tmp_path / "a.epub")
    assert book.title == "Report"
    assert book.get_metadata("DC", "creator") == []
    assert PLAIN.encode() in book.get_item_with_href("one.xhtml").get_content()
    with zipfile.ZipFile(io.BytesIO(clean(leaks.leaky_odt(), "odt"))) as container:
        assert container.namelist()[0] == "mimetype"
        assert sorted(container.namelist()[1:]) == ["META-INF/manifest.xml", "Pictures/a.jpg", "content.xml"]


TRACKED = '<text:tracked-changes xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"/>'
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx_with(text: str = "", **changes: bytes) -> bytes:
    original = leaks.leaky_docx()
    body = zipfile.ZipFile(io.BytesIO(original)).read("word/document.xml").decode()
    body = body.replace("</w:body>", f"{text}</w:body>")
    named = {name.replace("__", "/").replace("_DOT_", "."): data for name, data in changes.items()}
    return leaks.repacked(original, {"word/document.xml": body.encode(), **named})


REFUSED = {
    "odt with tracked changes": (
        "odt",
        lambda: leaks.leaky_odt(TRACKED),
        "holds tracked changes; accept or reject them all; save it without",
    ),
    "odt with a macro": (
        "odt",
        lambda: leaks.leaky_odt(Basic__Standard__Module1_DOT_xml=b"<x/>"),
        "holds 'Basic/Standard/Module1.xml', of which nobody can tell what it says; save it without",
    ),
    "odt that shows a picture from elsewhere": (
        "odt",
        lambda: leaks.leaky_odt('<draw:image xlink:href="https://evil.example/x.png"/>'),
        "refers to 'https://evil.example/x.png', which lies outside of it; put it in, or take it out",
    ),
    "odt that tells its own path": (
        "odt",
        lambda: leaks.leaky_odt(r"<text:file-name>C:\Users\jane</text:file-name>"),
        "holds a field that tells the name of the file; save it without",
    ),
    "docx with tracked changes": (
        "docx",
        lambda: docx_with('<w:p><w:del w:author="Jane Writer"><w:r/></w:del></w:p>'),
        "holds tracked changes; accept or reject them all; save it without",
    ),
    "docx with macros": (
        "docx",
        lambda: docx_with(word__vbaProject_DOT_bin=b"x"),
        "holds 'word/vbaProject.bin', of which nobody can tell what it says; save it without",
    ),
    "docx with a field that fetches": (
        "docx",
        lambda: docx_with("<w:p><w:r><w:instrText> DDEAUTO c:\\x </w:instrText></w:r></w:p>"),
        "holds the field 'DDEAUTO'; write what it shows in its place",
    ),
    "docx with another document inside": (
        "docx",
        lambda: docx_with("<w:altChunk/>"),
        "holds another document inside; save it without",
    ),
    "epub with a script": (
        "epub",
        lambda: leaks.leaky_epub("<script>x</script>"),
        "holds 'script' in 'EPUB/one.xhtml', which can run or fetch something; save it without",
    ),
    "epub with an event handler": (
        "epub",
        lambda: leaks.leaky_epub("<p onclick='x()'>x</p>"),
        "holds a script in 'EPUB/one.xhtml'; save it without",
    ),
    "epub with a link that runs": (
        "epub",
        lambda: leaks.leaky_epub("<a href='java&#9;script:x'>x</a>"),
        "refers to 'java\tscript:x', which lies outside of it; put it in, or take it out",
    ),
    "epub whose style fetches": (
        "epub",
        lambda: leaks.leaky_epub(style="p { background: url(//tracker.example/x) }"),
        "refers to '//tracker.example/x', which lies outside of it; put it in, or take it out",
    ),
    "epub that is encrypted": (
        "epub",
        lambda: leaks.repacked(leaks.leaky_epub(), {"META-INF/encryption.xml": b"<x/>"}),
        "is encrypted, if only its fonts are; save it without",
    ),
    "epub with a file outside": (
        "epub",
        lambda: leaks.repacked(leaks.leaky_epub(), {"../x": b""}),
        "holds a file that lies outside of it, '../x'; save it anew",
    ),
    "epub with entities": (
        "epub",
        lambda: leaks.repacked(
            leaks.leaky_epub(), {"EPUB/one.xhtml": b'<!DOCTYPE x [<!ENTITY a "aaa">]><html>&a;</html>'}
        ),
        "holds 'EPUB/one.xhtml', which defines entities of its own; save it anew",
    ),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_cleaned_without_changing_what_it_says_is_refused(name):
    kind, make, said = REFUSED[name]
    with pytest.raises(AttachmentError) as told_so:
        clean(make(), kind)
    assert str(told_so.value) == said


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 cut", b"<html>no</html>", b"\0" * 5000, b"\xff\xfb" * 900]
)
def test_what_is_not_of_its_format_is_refused(kind, data):
    with pytest.raises(AttachmentError, match=r"^is not (an|a) "):
        clean(data, kind)


@pytest.mark.real("ffmpeg")
@pytest.mark.parametrize("kind", ["mp3", "mp4", "docx", "odt", "epub"])
def test_a_damaged_document_is_refused_or_cleaned_and_nothing_else(tmp_path, kind):
    data = MAKERS[kind]() if kind in MAKERS else leaks.leaky_film(tmp_path, kind)
    step = max(1, len(data) // 60)
    for place in range(0, len(data), step):
        for damaged in (data[:place], data[:place] + b"\xff\xff\xff\xff" + data[place + 4 :]):
            with contextlib.suppress(AttachmentError):
                clean(damaged, kind)


def test_a_bomb_is_refused_before_it_is_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("mimetype", "application/epub+zip")
        for number in range(4):
            container.writestr(f"{number}", bytes(100_000_000))
    with pytest.raises(AttachmentError, match=r"^unpacks to 400 MB; the limit is 300 MB$"):
        clean(stream.getvalue(), "epub")


def test_a_document_that_site_toml_allows_is_kept_as_it_is(tmp_path):
    source = tmp_path / "x.odt"
    source.write_bytes(leaks.leaky_odt(TRACKED))
    kept = cleaned(source, "digest", "odt", tmp_path / "cache", as_it_is=True)
    assert kept.read_bytes() == source.read_bytes()
    with pytest.raises(AttachmentError):
        cleaned(source, "digest", "odt", tmp_path / "cache")
