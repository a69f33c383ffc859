"""The leak gate over real outputs: an honest one has no finding, and every leak that is planted is found.

Each leak is one file of a built tree, changed as an editor's program or a slip would change it.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from tests.integration.checkout import AT, Built, Checkout, Told
from tocsin.leaks import gate
from tocsin.library.hidden import HiddenItem, Unpublished, collect_unpublished
from tocsin.library.withheld import Term

NAME = "Zorvana Quillfeather"
ARABIC = "زورفانا كويلفيذر"
TERMS = (Term(NAME, 3), Term(ARABIC, 3))
Plant = Callable[[Path], object]


@pytest.fixture(scope="module")
def honest(built_small: Checkout, demo: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small output with a picture of every format and a document of the demonstration. Do not change it."""
    output = tmp_path_factory.mktemp("honest") / "output"
    shutil.copytree(built_small.output, output)
    for name, pattern in {"a.jpg": "*.jpg", "a.avif": "*.avif", "a.png": "*.png", "a.pdf": "*.pdf"}.items():
        shutil.copyfile(sorted(demo.output.rglob(pattern))[0], output / name)
    return output


# One of each kind: most tests plant one leak and look into the whole output again.
KINDS = (
    "*.html",
    "fr/index.html",
    "feeds/all.*",
    "feeds/feeds.opml",
    "*.xml",
    "*.txt",
    "*.ico",
    "a.*",
    "s/*.css",
)
KINDS += ("search/2026/fragment/*", "search/2026/*.json", "server/*", "_headers")


@pytest.fixture(scope="module")
def few(honest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of that output a few files of every kind. Do not change it."""
    root = tmp_path_factory.mktemp("few") / "output"
    for path in (path for kind in KINDS for path in honest.glob(kind)):
        target = root / path.relative_to(honest)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return root


@pytest.fixture
def output(few: Path, tmp_path: Path) -> Path:
    """The same, to plant something in."""
    return Path(shutil.copytree(few, tmp_path / "output"))


def found(output: Path, unpublished: Unpublished | None = None, **options: bool) -> list[tuple[str, str]]:
    """Path and rule of every finding; nothing of what is withheld is repeated."""
    findings = gate(output, TERMS, unpublished, **options).findings
    said = " ".join(map(str, findings)).casefold()
    assert not [word for word in (*NAME.casefold().split(), *ARABIC.split()) if word in said]
    return [(finding.path, finding.rule) for finding in findings]


def edit(output: Path, name: str, old: str, new: str) -> None:
    text = (output / name).read_text(encoding="utf-8")
    assert old in text
    (output / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_honest_output_has_no_finding(honest):
    report = gate(honest, TERMS)
    assert (report.findings, report.files) == ((), sum(path.is_file() for path in honest.rglob("*")))


def test_the_honest_demonstration_has_no_finding_with_everything_that_is_searched_for(demo, tmp_path):
    at = datetime.fromisoformat(AT.replace("Z", "+00:00"))
    unpublished = collect_unpublished(demo.checkout.root, at, tmp_path)
    assert unpublished.public
    report = gate(demo.output, TERMS, unpublished, workers=2)
    assert report.findings == ()
    assert report.files == demo.told["files"]


def test_the_output_is_looked_into_equally_by_one_process_and_by_several(output):
    plant_in_text(output)
    (output / "zorvana-quillfeather.txt").write_text("x", encoding="utf-8")
    assert gate(output, TERMS, workers=1) == gate(output, TERMS, workers=2)


# Texts


def plant_in_text(output: Path) -> None:
    edit(output, "index.html", "</main>", "<p>By <b>Zor</b>vana\n <i>Quill&shy;feather</i></p></main>")


def plant_in_search_fragment(output: Path) -> None:
    path = sorted(output.rglob("*.pf_fragment"))[0]
    page = json.loads(gzip.decompress(path.read_bytes())[12:])
    page["content"] += f" {NAME}"
    path.write_bytes(gzip.compress(b"pagefind_dcd" + json.dumps(page).encode(), mtime=0))
    path.rename(output / "a.pf_fragment")


def plant_in_search_index(output: Path) -> None:
    text = b"quillfeather"
    words = b"\x82\x81" + bytes([0x60 + len(text)]) + text + b"\x9f\x7f\x61a\xff\xff"
    (output / "a.pf_index").write_bytes(gzip.compress(b"pagefind_dcd" + words, mtime=0))


def write(name: str, text: str) -> Plant:
    return lambda output: (output / name).write_text(text, encoding="utf-8")


def replace(name: str, old: str, new: str) -> Plant:
    return lambda output: edit(output, name, old, new)


TEXTS: dict[str, tuple[Plant, str]] = {
    "visible": (plant_in_text, "index.html"),
    "attribute": (replace("index.html", "<main", f'<main title="{NAME}"'), "index.html"),
    "link": (
        replace("index.html", "</main>", '<a href="p/zorvana%5Fquillfeather/">x</a></main>'),
        "index.html",
    ),
    "comment": (replace("index.html", "</main>", f"<!-- ask {NAME} --></main>"), "index.html"),
    "title": (replace("index.html", "<title>", f"<title>{NAME.upper()} "), "index.html"),
    "description": (replace("index.html", "<head>", f'<head><meta name="a" content="{NAME}">'), "index.html"),
    "broken markup": (replace("index.html", "</main>", f"<p title='{NAME}"), "index.html"),
    "other script": (replace("fr/index.html", "</main>", "<p>زورفـانا كويلفيذر</p></main>"), "fr/index.html"),
    "atom": (
        replace("feeds/all.atom", "</title>", " Zorvana Quill&lt;i&gt;feather&lt;/i&gt;</title>"),
        "feeds/all.atom",
    ),
    "rss": (replace("feeds/all.rss", "</title>", f"</title><category>{NAME}</category>"), "feeds/all.rss"),
    "json": (
        lambda output: edit(
            output, "feeds/all.json", '"version"', '"x": "\\u005aorvana \\u0051uillfeather", "version"'
        ),
        "feeds/all.json",
    ),
    "html in json": (write("x.json", json.dumps({"a": "Zor<b>vana</b> Quillfeather"})), "x.json"),
    "key in json": (write("x.json", json.dumps({NAME: 1})), "x.json"),
    "lost key in json": (write("x.json", '{"a": "' + NAME + '", "a": ""}'), "x.json"),
    "opml": (
        replace("feeds/feeds.opml", "</head>", f"<ownerName>{NAME}</ownerName></head>"),
        "feeds/feeds.opml",
    ),
    "sitemap": (
        replace("sitemap.xml", "</sitemapindex>", "<!--zorvana-quillfeather--></sitemapindex>"),
        "sitemap.xml",
    ),
    "robots": (
        replace("robots.txt", "User-agent", "# zorvana.quillfeather@mail.example\nUser-agent"),
        "robots.txt",
    ),
    "settings of servers": (
        replace("server/nginx.conf", "access_log off", "# Zorvana Quillfeather\naccess_log off"),
        "server/nginx.conf",
    ),
    "settings without an ending": (
        replace("server/Caddyfile", "encode gzip", "# Zorvana Quillfeather\nencode gzip"),
        "server/Caddyfile",
    ),
    "mark of what was withdrawn": (write("x.html.gone", NAME), "x.html.gone"),
    "style": (write("s/x.css", 'p::after { content: "\\5aorvana  Quillfeather" }'), "s/x.css"),
    "script": (write("s/x.js", 'x = "Zorvana\\x20Quillfeather"'), "s/x.js"),
    "search fragment": (plant_in_search_fragment, "a.pf_fragment"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_withheld_name_in_a_text_is_found(output, name):
    plant, path = TEXTS[name]
    plant(output)
    assert found(output) == [(path, "withheld-term")]


def test_a_withheld_word_in_the_search_index_is_found(output):
    plant_in_search_index(output)
    report = gate(output, (Term("Quillfeather", 1),))
    assert [str(finding) for finding in report.findings] == [
        "ERROR a.pf_index: holds the withheld term of data/withheld.toml:1 in the search index"
    ]


def test_a_finding_tells_where_in_the_file_and_which_entry(output):
    plant_in_text(output)
    edit(output, "index.html", "<main", f'<main title="{NAME}"')
    assert [str(finding) for finding in gate(output, TERMS).findings] == [
        "ERROR index.html: holds the withheld term of data/withheld.toml:3 in an attribute",
        "ERROR index.html: holds the withheld term of data/withheld.toml:3 in its text",
    ]


# Names of files and folders


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("zorvana-quillfeather.txt", "[…].txt"),
        ("people/Zorvana_Quillfeather/x.txt", "people/[…]"),
        ("people/zorvana/quillfeather.txt", "people/[…].txt"),
        ("زورفانا كويلفيذر.txt", "[…].txt"),
    ],
)
def test_a_withheld_name_in_the_name_of_a_file_is_found_once_and_not_repeated(output, path, told):
    for name in {path, f"{path.rpartition('/')[0]}/other.txt"} if "/x." in path else {path}:
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text("x", encoding="utf-8")
    assert found(output) == [(told, "withheld-term")]


# Pictures


def exif_of(name: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x9C9D] = name.encode("utf-16-le")  # XPAuthor, as Windows writes it
    return exif


def resave(name: str, **options: object) -> Plant:
    def plant(output: Path) -> None:
        with Image.open(output / name) as picture:
            picture.load()
            picture.save(output / name, **options)

    return plant


def with_chunk(name: bytes, content: bytes) -> Plant:
    def plant(output: Path) -> None:
        data = (output / "a.png").read_bytes()
        chunk = struct.pack(">I", len(content)) + name + content
        chunk += struct.pack(">I", zlib.crc32(name + content))
        (output / "a.png").write_bytes(data[:33] + chunk + data[33:])

    return plant


def append(name: str, data: bytes) -> Plant:
    return lambda output: (output / name).write_bytes((output / name).read_bytes() + data)


def plant_in_icon(output: Path) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", NAME)
    inner = io.BytesIO()
    Image.new("P", (16, 16)).save(inner, "PNG", pnginfo=text)
    head = struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 0, 32, len(inner.getvalue()), 22)
    (output / "favicon.ico").write_bytes(head + inner.getvalue())


BOTH = {"withheld-term", "picture-metadata"}
PICTURES: dict[str, tuple[Plant, str, set[str]]] = {
    "jpeg comment": (resave("a.jpg", comment=NAME.encode()), "a.jpg", BOTH),
    "jpeg exif": (resave("a.jpg", exif=exif_of(NAME)), "a.jpg", BOTH),
    "jpeg xmp": (resave("a.jpg", xmp=f"<x:xmpmeta>{NAME}</x:xmpmeta>".encode()), "a.jpg", BOTH),
    "jpeg tail": (append("a.jpg", NAME.encode()), "a.jpg", BOTH),
    "png text": (with_chunk(b"tEXt", f"Author\0{NAME}".encode()), "a.png", BOTH),
    "png packed text": (with_chunk(b"zTXt", b"Author\0\0" + zlib.compress(NAME.encode())), "a.png", BOTH),
    "png international text": (
        with_chunk(b"iTXt", b"Author\0\1\0ar\0\0" + zlib.compress(ARABIC.encode())),
        "a.png",
        BOTH,
    ),
    "png own chunk": (with_chunk(b"maKr", NAME.encode()), "a.png", BOTH),
    "png exif": (resave("a.png", exif=exif_of(NAME)), "a.png", BOTH),
    "png time": (with_chunk(b"tIME", bytes([7, 234, 11, 21, 23, 59, 1])), "a.png", {"time"}),
    "png tail": (append("a.png", NAME.encode()), "a.png", BOTH),
    "avif exif": (resave("a.avif", exif=exif_of(NAME)), "a.avif", BOTH),
    "avif xmp": (resave("a.avif", xmp=f"<x>{NAME}</x>".encode()), "a.avif", BOTH),
    "avif tail": (
        append("a.avif", struct.pack(">I", 8 + len(NAME)) + b"free" + NAME.encode()),
        "a.avif",
        BOTH,
    ),
    "icon": (plant_in_icon, "favicon.ico", BOTH),
}


@pytest.mark.parametrize("name", PICTURES)
def test_what_a_picture_tells_beside_what_it_shows_is_found(output, name):
    plant, path, rules = PICTURES[name]
    plant(output)
    assert set(found(output)) == {(path, rule) for rule in rules}


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.avif"])
def test_where_a_picture_was_taken_is_found(output, name):
    exif = exif_of("x")
    exif.get_ifd(0x8825)[2] = (4.0, 3.0, 2.0)
    resave(name, exif=exif)(output)
    assert set(found(output)) == {(name, "gps-position"), (name, "picture-metadata")}


def test_a_colour_profile_is_found(output):
    resave("a.jpg", icc_profile=b"x" * 200)(output)
    assert found(output) == [("a.jpg", "picture-metadata")]


# Documents


def change_pdf(change: Callable[[pikepdf.Pdf], object]) -> Plant:
    def plant(output: Path) -> None:
        with pikepdf.open(output / "a.pdf", allow_overwriting_input=True) as document:
            change(document)
            document.save(output / "a.pdf", deterministic_id=True, fix_metadata_version=False)

    return plant


def page_that_says(document: pikepdf.Pdf) -> None:
    document.add_blank_page(page_size=(300, 300))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page = document.pages[-1]
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(b"BT /F1 9 Tf 9 99 Td (Zorvana) Tj 0 -12 Td (Quillfeather) Tj ET")


def picture_in_page(document: pikepdf.Pdf) -> None:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG", exif=exif_of(NAME))
    picture = document.make_stream(data.getvalue())
    picture.update(
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": 8,
            "/Height": 8,
            "/ColorSpace": pikepdf.Name.DeviceRGB,
            "/BitsPerComponent": 8,
            "/Filter": pikepdf.Name.DCTDecode,
        }
    )
    document.pages[0].Resources.XObject = pikepdf.Dictionary(I0=picture)


def xmp(document: pikepdf.Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:creator"] = [NAME]


def link(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(
        S=pikepdf.Name.URI, URI=pikepdf.String("https://x.example/zorvana-quillfeather")
    )
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].Annots = pikepdf.Array([note])


def outline(document: pikepdf.Pdf) -> None:
    with document.open_outline() as tree:
        tree.root.append(pikepdf.OutlineItem(ARABIC, 0))


def attach(document: pikepdf.Pdf) -> None:
    document.attachments["notes.txt"] = NAME.encode()


def author(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = ARABIC


def dated(document: pikepdf.Pdf) -> None:
    document.pages[0].Annots = pikepdf.Array(
        [pikepdf.Dictionary(M=pikepdf.String("D:20261121235901+03'00'"))]
    )


def add_to_pdf(output: Path) -> None:
    """As programs do that save only what has changed."""
    data = (output / "a.pdf").read_bytes()
    (output / "a.pdf").write_bytes(data + data[data.rindex(b"startxref") :])


DOCUMENT = {"withheld-term", "document-metadata"}
DOCUMENTS: dict[str, tuple[Plant, set[str]]] = {
    "text": (change_pdf(page_that_says), {"withheld-term"}),
    "author": (change_pdf(author), DOCUMENT),
    "xmp": (change_pdf(xmp), DOCUMENT),
    "link": (change_pdf(link), {"withheld-term"}),
    "outline": (change_pdf(outline), {"withheld-term"}),
    "file inside": (change_pdf(attach), DOCUMENT),
    "picture": (change_pdf(picture_in_page), BOTH),
    "date": (change_pdf(dated), {"time"}),
    "earlier version": (add_to_pdf, {"document-metadata"}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_says_and_tells_of_its_makers_is_found(output, name):
    plant, rules = DOCUMENTS[name]
    plant(output)
    assert set(found(output)) >= {("a.pdf", rule) for rule in rules}
    assert {path for path, _ in found(output)} == {"a.pdf"}


# Archives


def archive_of(
    members: dict[str, bytes], *, at: tuple[int, ...] = (1980, 1, 1, 0, 0, 0), comment: bytes = b""
) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = comment
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name, at), data)  # type: ignore[arg-type]
    return written.getvalue()


PAGE = f"<p>{NAME}</p>".encode()
ARCHIVES: dict[str, tuple[str, bytes, str]] = {
    "member": ("a.zip", archive_of({"x.html": PAGE}), "withheld-term"),
    "book": ("a.epub", archive_of({"mimetype": b"application/epub+zip", "x.xhtml": PAGE}), "withheld-term"),
    "archive in archive": ("a.zip", archive_of({"b.zip": archive_of({"x.html": PAGE})}), "withheld-term"),
    "name of a member": ("a.zip", archive_of({"zorvana-quillfeather.txt": b"x"}), "withheld-term"),
    "comment": ("a.zip", archive_of({"x.txt": b"x"}, comment=NAME.encode()), "withheld-term"),
    "time": ("a.zip", archive_of({"x.txt": b"x"}, at=(2026, 11, 21, 23, 59, 2)), "time"),
    "unknown member": ("a.zip", archive_of({"x.doc": b"x"}), "not-looked-into"),
    "not an archive": ("a.zip", b"PK no", "not-looked-into"),
    "packed": ("a.html.gz", gzip.compress(PAGE, mtime=0), "withheld-term"),
    "time of packing": ("a.txt.gz", gzip.compress(b"x", mtime=1_790_000_000), "time"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_are_looked_into(output, name):
    path, data, rule = ARCHIVES[name]
    (output / path).write_bytes(data)
    assert found(output) == [(path, rule)]


def test_an_archive_without_leaks_is_none(output):
    members = {"x.html": b"<p>Nobody</p>", "a.png": (output / "a.png").read_bytes(), "folder/": b""}
    (output / "a.zip").write_bytes(archive_of(members))
    (output / "b.zip").write_bytes(archive_of(members, at=(2026, 11, 21, 0, 0, 0)))
    assert found(output) == []


# What cannot be looked into, times, addresses that hold files


@pytest.mark.parametrize(
    "name", ["x.docx", "x.svg", "x.webp", "x.mp3", "x.mp4", ".DS_Store", "index.html~", "x", "x.html.br"]
)
def test_a_file_of_an_unknown_kind_is_never_passed_over(output, name):
    (output / name).write_bytes(b"x")
    assert found(output) == [(name, "not-looked-into")]


@pytest.mark.parametrize(
    "name", ["x.jpg", "x.png", "x.avif", "x.ico", "x.pdf", "x.json", "x.pf_index", "x.pagefind", "x.gz"]
)
@pytest.mark.parametrize("data", [b"", b"\xff\xfe no", f"{NAME}".encode() * 9])
def test_a_file_that_is_not_what_its_name_says_is_never_passed_over(output, name, data):
    (output / name).write_bytes(data)
    assert ("not-looked-into") in {rule for path, rule in found(output) if path == name}


def test_a_text_that_is_not_utf_8_is_never_passed_over(output):
    (output / "x.txt").write_bytes("Zorvana Quillfeather é".encode("latin-1"))
    assert found(output) == [("x.txt", "not-looked-into")]


def test_links_of_the_file_system_are_found(output):
    (output / "x.html").symlink_to(output / "index.html")
    assert found(output) == [("x.html", "not-looked-into")]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("feeds/all.atom", "T00:00:00+00:00</updated>", "T21:14:07+00:00</updated>"),
        ("feeds/all.rss", " 00:00:00 +0000</pubDate>", " 21:14:07 +0000</pubDate>"),
        ("feeds/all.json", "T00:00:00+00:00", "T21:14:07+03:00"),
        ("index.html", "<head>", '<head><meta name="made" content="2026-11-21T21:14:07Z">'),
        ("index.html", "</main>", "<!-- Sat, 21 Nov 2026 21:14:07 GMT --></main>"),
    ],
)
def test_a_time_at_which_somebody_worked_is_found(output, name, old, new):
    edit(output, name, old, new)
    assert found(output) == [(name, "time")]


def test_an_instant_that_the_sources_state_may_be_told(output):
    edit(output, "feeds/all.atom", "T00:00:00+00:00</updated>", "T08:00:00+00:00</updated>")
    text = (output / "feeds/all.atom").read_text(encoding="utf-8")
    told = datetime.fromisoformat(text.split("T08:00:00")[0][-10:] + "T08:00:00+00:00")
    assert found(output, Unpublished(instants=frozenset({told}))) == []


def test_times_of_files_count_where_they_are_published(output):
    noon = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    for path in output.rglob("*"):
        os.utime(path, (noon, noon))
    assert found(output, file_times=True) == []
    os.utime(output / "index.html", (noon + 3601, noon + 3601))
    assert found(output, file_times=True) == [("index.html", "time")]
    assert found(output) == []


def test_files_within_addresses_are_found(output):
    edit(output, "index.html", "</main>", '<img src="data:image/png;base64,AAAA" alt=""></main>')
    assert found(output) == [("index.html", "data-address")]


# What is not public

TEXT = "On the morning of the fourth of May eleven officers searched the reading room and took every list."
HIDDEN = HiddenItem(
    folder="content/appeals/2026/secret",
    reason="is a draft",
    names=("Wendeline Ashgrove",),
    titles=("Raid on the reading room", "reading-room-raid"),
    texts=(f"<p>{TEXT}</p>",),
    file_names=("ashgrove-portrait.jpg",),
    renditions=("0123456789abcdef-640.jpg",),
)


@pytest.mark.parametrize(
    ("leak", "rule"),
    [
        ("Wendeline Ashgrove", "hidden-name"),
        ("by ashgrove, wendeline", "hidden-name"),
        ("RAID on the reading-room", "hidden-words"),
        ("x/reading-room-raid/", "hidden-words"),
        ("they say <b>eleven officers</b> searched the reading room and left", "hidden-words"),
        ("see Ashgrove-Portrait.JPG", "original-file-name"),
    ],
)
def test_what_a_hidden_item_says_is_found(output, leak, rule):
    edit(output, "index.html", "</main>", f"<p>{leak}</p></main>")
    assert found(output, Unpublished((HIDDEN,))) == [("index.html", rule)]


@pytest.mark.parametrize(
    "text",
    [
        "officers searched the reading room",
        "the fourth of May",
        "Wendeline and Mr Ashgrove",
        "a portrait.jpg",
    ],
)
def test_a_few_words_that_a_hidden_item_also_has_are_nobodys(output, text):
    edit(output, "index.html", "</main>", f"<p>{text}</p></main>")
    assert found(output, Unpublished((HIDDEN,))) == []


def test_what_public_sources_say_may_be_said(output):
    edit(
        output, "index.html", "</main>", f"<p>Wendeline Ashgrove. Raid on the reading room. {TEXT}</p></main>"
    )
    public = (f"title: Raid on the reading room\n---\n**Wendeline** Ashgrove. {TEXT}",)
    assert found(output, Unpublished((HIDDEN,), public)) == []


def test_names_of_what_was_withdrawn_may_not_be_said_though_public_sources_do(output):
    edit(output, "index.html", "</main>", f"<p>Wendeline Ashgrove. {TEXT}</p></main>")
    withdrawn = HiddenItem(
        "content/x", "was withdrawn", ("Wendeline Ashgrove",), texts=(TEXT,), is_withdrawn=True
    )
    public = (f"Wendeline Ashgrove. {TEXT}",)
    assert found(output, Unpublished((withdrawn,), public)) == [("index.html", "hidden-name")]


def test_pictures_of_a_hidden_item_are_found(output):
    (output / "i").mkdir(exist_ok=True)
    shutil.copyfile(output / "a.jpg", output / "i/0123456789abcdef-640.jpg")
    assert found(output, Unpublished((HIDDEN,))) == [("i/0123456789abcdef-640.jpg", "hidden-picture")]


def test_original_file_names_of_public_items_are_found(output):
    edit(output, "index.html", "</main>", "<p>IMG_20130212.jpg</p></main>")
    assert found(output, Unpublished(file_names=("IMG_20130212.jpg",))) == [
        ("index.html", "original-file-name")
    ]


# The command


PRIVATE = f'[teacher]\nnames = ["{NAME}", "{ARABIC}"]\n'
APPEAL = "content/appeals/2026/first/en.md"


def is_silent(told: Told) -> bool:
    said = (told.out + told.err).casefold()
    return not [word for word in (*NAME.casefold().split(), *ARABIC.split()) if word in said]


def test_check_tells_withheld_names_in_sources_and_output_and_repeats_none(small):
    small.write("data/withheld.toml", PRIVATE)
    small.edit(APPEAL, "A text", f"By Zorvana *Quill*feather.\n\nA text of {ARABIC}")
    told = small.run("check", "--json", "--at", AT)
    result = json.loads(told.out)
    assert told.code == 1
    assert is_silent(told)
    rules = {(one["path"], one["line"], one["rule"]) for one in result["findings"]}
    assert {(APPEAL, 16, "withheld-term"), (APPEAL, 18, "withheld-term")} <= rules
    assert ("appeals/first/index.html", 0, "withheld-term") in rules
    assert ("feeds/all.atom", 0, "withheld-term") in rules
    assert any(path.endswith(".pf_fragment") for path, *_ in rules)
    assert {rule for *_, rule in rules} == {"withheld-term"}
    assert result["withheld"] == 2


def test_check_of_an_honest_site_says_for_how_many_names_it_looked(small):
    small.write("data/withheld.toml", PRIVATE)
    told = small.run("check", "--at", AT)
    assert (told.code, told.err) == (0, "")
    assert " files for leaks and 2 spellings of withheld names: 0 errors, 0 warnings" in told.out


def test_withheld_names_are_told_together_with_what_stops_the_build(small):
    small.write("data/withheld.toml", PRIVATE)
    small.edit(APPEAL, "themes: [defenders]", "themes: [defenders]\nzorvana-quillfeather: 1")
    told = small.run("check", "--at", AT)
    assert told.code == 1
    assert is_silent(told)
    assert f"{APPEAL}:9: " in told.err
    assert "unknown key '[…]'" in told.err
    assert "holds the withheld term of data/withheld.toml:1; take it out" in told.err


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_messages_of_a_build_do_not_repeat_a_withheld_name(small, options):
    small.write("data/withheld.toml", PRIVATE)
    small.edit(APPEAL, "themes: [defenders]", "themes: [zorvana-quillfeather]")
    told = small.build(*options)
    assert told.code == 1
    assert is_silent(told)
    said = str(json.loads(told.out)) if options else told.err
    assert "unknown theme '[…]'" in said


def test_tasks_that_show_what_sources_say_do_not_show_a_withheld_name(small):
    small.write("data/withheld.toml", PRIVATE)
    small.edit(APPEAL, "title: Threats against a defender", f"title: Threats against {NAME}, a defender")
    for task in ("diff", "translations"):
        for options in ((), ("--json",)):
            told = small.run(task, *options)
            assert told.code == 0, told.err
            assert "Threats against […], a defender" in told.out
            assert is_silent(told)


def test_faults_of_the_private_list_stop_check_and_repeat_nothing(small):
    small.write("data/withheld.toml", f'[teacher]\nnames = "{NAME}"\n')
    told = small.run("check")
    assert (told.code, told.out) == (1, "")
    assert told.err == (
        "ERROR data/withheld.toml:2: entry 1: 'names' must be a list of texts in quotes, at least one\n"
        "1 error. Nothing was written.\n"
    )


def test_check_finds_what_a_theme_tells_of_a_draft(small):
    """A template that says more than it may: here, what stands in a draft."""
    small.write(
        "content/appeals/2026/second/en.md",
        (small.root / APPEAL)
        .read_text(encoding="utf-8")
        .replace("id: 0000000001", "id: 0000000009\ndraft: true")
        .replace("Threats against a defender", "Wendeline Ashgrove was taken away at night")
        .replace("A text", "Eleven officers searched the reading room and took every list.\n\nA text"),
    )
    assert small.run("check", "--at", AT).code == 0
    for text in (
        "searched the reading room and took every list",
        "wendeline ashgrove WAS taken away at night",
    ):
        small.edit("theme/templates/themes.html", "{% block main %}", f"{{% block main %}}<p>{text}</p>")
    told = small.run("check", "--json", "--at", AT)
    assert told.code == 1
    found = {(one["path"], one["rule"]) for one in json.loads(told.out)["findings"]}
    assert ("themes/index.html", "hidden-words") in found


def leaks_told(site: Checkout) -> set[tuple[str, str]]:
    """Path and message of what `check` says."""
    told = json.loads(site.run("check", "--json", "--at", AT).out)
    return {(one["path"], one["message"]) for one in told["findings"]}


def test_check_finds_a_withdrawn_persons_name_where_another_item_still_says_it(small):
    withdrawn = (small.root / APPEAL).read_text(encoding="utf-8").replace("0000000001", "0000000009")
    person = "persons:\n  teacher: {name_mode: full}\nnames:\n  teacher: Wendeline Ashgrove\n"
    person += "withdrawn: 2026-11-20T09:30Z"
    small.write("content/appeals/2026/second/en.md", withdrawn.replace("status:", f"{person}\nstatus:"))
    assert leaks_told(small) == set()
    small.edit(APPEAL, "A text", "Like Wendeline **Ashgrove** before.\n\nA text")
    found = leaks_told(small)
    said = "holds a name of content/appeals/2026/second, which was withdrawn, in its text"
    assert ("appeals/first/index.html", said) in found
    assert {message for _, message in found} <= {said, said.replace("its text", "the search index")}
