"""Documents that tell who made them, where and when, in every way that their format has."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import docx
from ebooklib import epub
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from tests.components import find

SECRETS = (
    "Jane Writer",
    "LeakyWriter",
    "jane@desk.example",
    r"C:\Users\jane",
    "see my remark",
    "2021-03-04",
    "2021:03:04",
    "Telephone 7",
    "46.2044",
    "payroll",
    "4A5B6C7D",
)
PLAIN = "What everybody may read"


def photo(kind: str = "JPEG") -> bytes:
    """A picture that tells where and when it was taken, with more behind its end."""
    image = Image.radial_gradient("L").convert("RGB")
    exif = Image.Exif()
    exif[Base.Artist] = "Jane Writer"
    exif[Base.Model] = "Telephone 7"
    exif[Base.DateTime] = "2021:03:04 05:06:07"
    exif.get_ifd(IFD.GPSInfo).update({GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (46.0, 12.0, 15.8)})
    stream = io.BytesIO()
    comment = {"comment": b"see my remark"} if kind == "JPEG" else {}
    image.save(stream, kind, exif=exif, xmp=b"<x>jane@desk.example</x>", **comment)
    return stream.getvalue() + b"payroll behind the end"


def repacked(
    data: bytes, changes: dict[str, bytes | None], times: tuple[int, ...] = (2021, 3, 4, 5, 6, 8)
) -> bytes:
    """A container with some members others, or absent where None."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        members = {name: old.read(name) for name in old.namelist()} | changes
        for name, content in members.items():
            if content is not None:
                new.writestr(zipfile.ZipInfo(name, times), content)  # type: ignore[arg-type]
    return stream.getvalue()


def leaky_docx() -> bytes:
    document = docx.Document()
    document.add_paragraph(PLAIN)
    document.add_picture(io.BytesIO(photo()))
    document.core_properties.author = "Jane Writer"
    document.core_properties.last_modified_by = "jane@desk.example"
    stream = io.BytesIO()
    document.save(stream)
    body = zipfile.ZipFile(stream).read("word/document.xml").decode()
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = body.replace("<w:p>", '<w:p w:rsidR="4A5B6C7D"><w:commentRangeStart w:id="0"/>', 1)
    body = body.replace('name="Picture 1"', r'name="C:\Users\jane\IMG_1.jpg"')
    remark = f'<w:comments {space}><w:comment w:author="Jane Writer">see my remark</w:comment></w:comments>'
    return repacked(
        stream.getvalue(),
        {
            "word/document.xml": body.encode(),
            "word/comments.xml": remark.encode(),
            "docProps/custom.xml": b"<x>payroll</x>",
            "customXml/item1.xml": rb"<x>C:\Users\jane</x>",
            "docProps/thumbnail.jpeg": photo(),
        },
    )


_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_CONTENT = f"""<?xml version="1.0"?><!-- Jane Writer -->
<office:document-content xmlns:office="{_OFFICE}" office:version="1.3"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:officeooo="http://openoffice.org/2009/office"><office:body><office:text>
<text:p officeooo:rsid="4A5B6C7D">{PLAIN}<office:annotation><dc:creator>Jane Writer</dc:creator>
<dc:date>2021-03-04T05:06:07</dc:date><text:p>see my remark</text:p></office:annotation>
<text:a xlink:href="https://network.example/">a link</text:a>EXTRA
<draw:frame draw:name="C:\\Users\\jane\\a.jpg"><draw:image xlink:href="Pictures/a.jpg"/></draw:frame></text:p>
</office:text></office:body></office:document-content>"""
_META = f"""<office:document-meta xmlns:office="{_OFFICE}">Jane Writer LeakyWriter</office:document-meta>"""


def leaky_odt(extra: str = "", **members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        container.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        container.writestr("content.xml", _CONTENT.replace("EXTRA", extra))
        container.writestr("meta.xml", _META)
        container.writestr("settings.xml", r"<x>C:\Users\jane</x>")
        container.writestr("Thumbnails/thumbnail.png", photo("PNG"))
        container.writestr("Pictures/a.jpg", photo())
        container.writestr("META-INF/manifest.xml", "<x/>")
        for name, content in members.items():
            container.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return repacked(stream.getvalue(), {})  # without the time of day, which `writestr` gives to each member


def leaky_epub(page: str = "", style: str = "") -> bytes:
    book = epub.EpubBook()
    book.set_identifier("jane@desk.example")
    book.set_title("Report")
    book.set_language("en")
    book.add_author("Jane Writer")
    book.add_metadata("DC", "date", "2021-03-04")
    book.add_metadata(None, "meta", "", {"name": "generator", "content": "LeakyWriter"})
    chapter = epub.EpubHtml(title="One", file_name="one.xhtml", lang="en")
    chapter.content = (
        f"<p>{PLAIN}<img src='a.jpg' alt='x'/><a href='https://network.example/'>x</a></p>{page}"
    )
    book.add_item(chapter)
    book.add_item(epub.EpubItem(file_name="a.jpg", media_type="image/jpeg", content=photo()))
    css = f"p {{ color: red }} /* Jane Writer */ {style}".encode()
    book.add_item(epub.EpubItem(file_name="a.css", media_type="text/css", content=css))
    book.toc, book.spine = (chapter,), ["nav", chapter]
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    stream = io.BytesIO()
    epub.write_epub(stream, book)
    with zipfile.ZipFile(stream) as container:
        one = container.read("EPUB/one.xhtml").replace(b"<p>", b"<!-- see my remark --><p>", 1)
    extra = {"EPUB/one.xhtml": one, "META-INF/calibre_bookmarks.txt": b"payroll"}
    return repacked(stream.getvalue(), extra)  # type: ignore[arg-type]


_TAGS = [
    *("-metadata", "artist=Jane Writer", "-metadata", "comment=see my remark"),
    *("-metadata", "location=+46.2044+006.1432/", "-metadata", "creation_time=2021-03-04T05:06:07Z"),
    *("-metadata:s:a:0", r"handler_name=C:\Users\jane"),
]


def leaky_film(folder: Path, kind: str) -> bytes:
    """A second of sound, with pictures where `kind` is mp4."""
    target = folder / f"leaky.{kind}"
    pictures = ["-f", "lavfi", "-i", "testsrc=s=64x48:d=1:r=5", "-c:v", "mpeg4"] if kind == "mp4" else []
    tone = ["-f", "lavfi", "-i", "sine=440:d=1"]
    more = (
        ["-id3v2_version", "3", "-write_id3v1", "1"] if kind == "mp3" else ["-movflags", "use_metadata_tags"]
    )
    quiet = [str(find("ffmpeg")), "-nostdin", "-v", "error"]
    subprocess.run([*quiet, *tone, *pictures, *_TAGS, *more, str(target)], check=True)
    return target.read_bytes() + (b"APETAGEXpayroll" if kind == "mp3" else b"")
