"""Real feed readers, and a subscriber whose address is blocked: he moves to another mirror's feed.

Two servers on this machine serve two editions of a site, stamped for their own addresses; the second has an
item more. After the move nothing appears twice, what was read stays read, the new item is there, and every
link leads to the new mirror. Two controls show that the tests would notice: with ids that are links all comes
twice, with ids that languages share one language overwrites the other.
"""

import functools
import http.server
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import feedparser_sgmllib
import pytest

# The copy of feedparser that reader brings looks for a module of Python 2 by its old name.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)

from reader import Reader, make_reader  # noqa: E402 - the line above lets it be imported

from tests.components import find  # noqa: E402
from tests.integration.checkout import SITE, Built, Checkout  # noqa: E402
from tests.integration.test_site import stamps_of  # noqa: E402
from tocsin.render.stamps import restamp  # noqa: E402

ENDINGS = ("rss", "atom")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """The console belongs to the tests."""


@dataclass
class Mirror:
    """A server on this machine and the folder that it serves."""

    folder: Path
    base: str

    def fill(self, site: Checkout) -> None:
        """Take over the feeds of a site's output, stamped for this mirror."""
        for path, stamps in stamps_of(site).items():
            if path.endswith(ENDINGS):
                data = restamp((site.output / path).read_bytes(), stamps, SITE, self.base)
                target = self.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)

    def change(self, path: str, edit: Callable[[str], str]) -> None:
        """Edit a file that is served."""
        file = self.folder / path
        file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")


@pytest.fixture
def mirrors(tmp_path: Path) -> Iterator[tuple[Mirror, Mirror]]:
    """Two mirrors, each at its own address."""
    servers, found = [], []
    for name in ("a", "b"):
        folder = tmp_path / f"mirror-{name}"
        folder.mkdir()
        handler = functools.partial(Quiet, directory=str(folder))
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        found.append(Mirror(folder, f"http://127.0.0.1:{servers[-1].server_address[1]}/"))
    yield found[0], found[1]
    for server in servers:
        server.shutdown()
        server.server_close()


def statement(site: Checkout, number: int) -> None:
    site.write(
        f"content/statements/2026/s{number}/en.md",
        f"---\nid: 000000001{number}\noriginal: true\nfictional: true\nissued: 2026-04-0{number}\n"
        f"form: press-release\ntitle: Statement {number}\n---\n\nText with a [page](page:about).\n",
    )


@pytest.fixture
def editions(small: Checkout, mirrors: tuple[Mirror, Mirror]) -> tuple[Mirror, Mirror]:
    """The site on the first mirror, and with one item more on the second."""
    for number in (1, 2):
        statement(small, number)
    assert small.build().code == 0
    mirrors[0].fill(small)
    statement(small, 3)
    assert small.build().code == 0
    mirrors[1].fill(small)
    return mirrors


@dataclass(frozen=True)
class Row:
    """An item as newsboat keeps it."""

    guid: str
    feed: str
    url: str
    unread: int
    title: str


class Newsboat:
    """The program without its window, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "config").write_text(f'error-log "{folder / "errors"}"\n', encoding="utf-8")

    def reload(self, *urls: str) -> None:
        """Fetch the feeds. Its exit code says nothing, so its log of errors has to be empty."""
        (self.folder / "urls").write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
        options = ["-q", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload", "print-unread"]
        subprocess.run(
            [str(find("newsboat")), *options],
            cwd=self.folder,
            env={"HOME": str(self.folder), "LANG": "C.UTF-8", "TERM": "dumb"},
            check=True,
            capture_output=True,
            timeout=60,
        )
        errors = self.folder / "errors"
        assert not errors.exists() or errors.read_text(encoding="utf-8") == ""

    def rows(self) -> dict[str, Row]:
        with sqlite3.connect(self.folder / "cache.db") as cache:
            found = cache.execute("SELECT guid, feedurl, url, unread, title FROM rss_item").fetchall()
        assert len({row[0] for row in found}) == len(found)
        return {row[0]: Row(*row) for row in found}

    def read(self, guid: str) -> None:
        """Mark an item as read."""
        with sqlite3.connect(self.folder / "cache.db") as cache:
            cache.execute("UPDATE rss_item SET unread = 0 WHERE guid = ?", [guid])


def tag(number: int) -> str:
    kind, identity = ("appeal", "0000000001") if number == 0 else ("statement", f"000000001{number}")
    return f"tag:omct.example,2026-01-01:{kind}/{identity}/en"


ADDRESSES = "tag:omct.example,2026-01-01:addresses/en"


@pytest.fixture
def newsboat(tmp_path: Path) -> Newsboat:
    return Newsboat(tmp_path / "newsboat")


@pytest.mark.real("newsboat")
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["all", "countries/ke"])
def test_a_subscriber_of_newsboat_moves_to_another_mirror(editions, newsboat, ending, name):
    here, there = editions
    held = {tag(0)} if name != "all" else {tag(0), tag(1), tag(2)}
    newsboat.reload(f"{here.base}feeds/{name}.{ending}")
    assert set(newsboat.rows()) == {*held, ADDRESSES}
    assert all(row.url.startswith(here.base) for row in newsboat.rows().values())
    newsboat.read(tag(0))
    newsboat.reload(f"{there.base}feeds/{name}.{ending}")
    rows = newsboat.rows()
    assert set(rows) == {*held, ADDRESSES, *([tag(3)] if name == "all" else [])}
    assert {guid for guid, row in rows.items() if not row.unread} == {tag(0)}
    assert all(row.feed.startswith(there.base) for row in rows.values())
    assert all(row.url.startswith(there.base) for row in rows.values())
    newsboat.reload(f"{there.base}feeds/{name}.{ending}")
    assert newsboat.rows() == rows


@pytest.mark.real("newsboat")
@pytest.mark.parametrize("ending", ENDINGS)
def test_control_with_ids_that_are_links_everything_appears_twice(editions, newsboat, ending):
    def links_for_ids(text: str) -> str:
        if ending == "rss":
            return re.sub(
                r"(<item>.*?<link>(.*?)</link>.*?<guid[^>]*>).*?(</guid>)", r"\1\2\3", text, flags=re.S
            )
        pattern = r'(<entry [^>]*><id>).*?(</id>.*?rel="alternate" href="([^"]*)")'
        return re.sub(pattern, r"\1\3\2", text, flags=re.S)

    for mirror in editions:
        mirror.change(f"feeds/all.{ending}", links_for_ids)
    newsboat.reload(f"{editions[0].base}feeds/all.{ending}")
    assert len(newsboat.rows()) == 4
    newsboat.read(next(guid for guid in newsboat.rows() if "/first/" in guid))
    newsboat.reload(f"{editions[1].base}feeds/all.{ending}")
    rows = newsboat.rows()
    assert len(rows) >= 5
    assert {row.title for row in rows.values() if row.unread} >= {"Kenya: Threats against a defender"}


@pytest.mark.real("newsboat")
def test_two_languages_stay_two_and_control_with_shared_ids_one_overwrites_the_other(
    demo: Built, mirrors, newsboat, tmp_path
):
    here, there = mirrors
    here.fill(demo.checkout)
    feeds = ("feeds/portraits.rss", "fr/feeds/portraits.rss")
    newsboat.reload(*(here.base + feed for feed in feeds))
    apart = len(newsboat.rows())
    there.fill(demo.checkout)
    for feed in feeds:
        there.change(feed, lambda text: re.sub(r"/(?:en|fr)</guid>", "</guid>", text))
    other = Newsboat(tmp_path / "other")
    other.reload(*(there.base + feed for feed in feeds))
    assert len(other.rows()) * 2 == apart


@pytest.fixture
def reader() -> Iterator[Reader]:
    with make_reader(":memory:", plugins=[]) as made:
        yield made


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_subscriber_of_reader_moves_to_another_mirror(editions, reader, ending):
    here, there = (f"{mirror.base}feeds/all.{ending}" for mirror in editions)
    reader.add_feed(here)
    reader.update_feeds()
    entries = {entry.id: entry for entry in reader.get_entries()}
    assert set(entries) == {tag(0), tag(1), tag(2), ADDRESSES}
    reader.mark_entry_as_read((here, tag(0)))
    reader.change_feed_url(here, there)
    reader.update_feeds()
    found = list(reader.get_entries())
    assert {entry.id for entry in found} == {tag(0), tag(1), tag(2), tag(3), ADDRESSES}
    assert len(found) == 5
    assert {entry.id for entry in found if entry.read} == {tag(0)}
    assert all(str(entry.link).startswith(editions[1].base) for entry in found)
    assert reader.get_feed(there).last_exception is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_control_with_ids_that_are_links_reader_has_everything_twice(editions, reader, ending):
    element = "guid" if ending == "rss" else "id"
    for mirror in editions:
        mirror.change(
            f"feeds/all.{ending}",
            lambda text, base=mirror.base: re.sub(rf"(<{element}[^>]*>)(tag:[^<]*)", rf"\g<1>{base}\2", text),
        )
    here, there = (f"{mirror.base}feeds/all.{ending}" for mirror in editions)
    reader.add_feed(here)
    reader.update_feeds()
    reader.mark_entry_as_read((here, f"{editions[0].base}{tag(0)}"))
    reader.change_feed_url(here, there)
    reader.update_feeds()
    titles = [entry.title for entry in reader.get_entries()]
    assert titles.count("Statement 1") == 2
    assert titles.count("Statement 3") == 1
