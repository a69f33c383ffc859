"""Every link of the output leads somewhere: at a domain, below a path, and from a folder.

The pages are read by lxml and fetched from a real server; `tocsin.checks` has no part in it.
"""

import functools
import http.client
import http.server
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from lxml import etree, html

from tests.integration.checkout import LANGUAGES, SITE, Built, Page, home

# What nothing links to: robots and search engines ask for these by their names, and a server for the first.
UNLINKED = {"404.html", "robots.txt", "sitemap.xml", ".well-known/security.txt"}
# What servers are set up with, and what they answer with.
FOR_SERVERS = {
    "_headers",
    "server/405.txt",
    "server/410.txt",
    "server/Caddyfile",
    "server/apache.conf",
    "server/nginx.conf",
}
ADDRESSES = ("href", "src", "poster", "cite", "action", "formaction", "data", "background", "longdesc")


def links(root: html.HtmlElement) -> Iterator[str]:
    """Every address that a page names, as it is written."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in ADDRESSES:
            if (value := element.get(name)) is not None:
                yield value
        for name in ("srcset", "imagesrcset"):
            for candidate in (element.get(name) or "").split(","):
                if candidate.strip():
                    yield candidate.split()[0]
        if element.tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            yield (element.get("content") or "").partition("url=")[2]


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a page and its head go in two pieces, of which the second would wait

    def log_message(self, *arguments: object) -> None: ...

    def list_directory(self, path: str) -> None:  # type: ignore[override]
        self.send_error(404)


@dataclass
class Crawl:
    """What a visitor finds who starts at the home page and follows every link."""

    base: str
    found: dict[str, str] = field(default_factory=dict)
    """The content type of every address that was fetched, below the base."""
    dead: list[str] = field(default_factory=list)
    outside: Counter[str] = field(default_factory=Counter)
    links: int = 0

    def run(self) -> "Crawl":
        parts = urlsplit(self.base)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        wanted: dict[str, set[str]] = {self.base: set()}
        ids: dict[str, set[str]] = {}
        waiting = [(self.base, "(start)")]
        while waiting:
            url, origin = waiting.pop()
            root = self.fetch(connection, url, origin)
            if root is None:
                continue
            ids[url] = set(root.xpath("//@id"))
            for page, fragment in filter(None, (self.resolve(url, written) for written in links(root))):
                if page not in wanted:
                    wanted[page] = set()
                    waiting.append((page, url))
                wanted[page].add(unquote(fragment))
        for url, fragments in wanted.items():
            self.dead += [f"{url} lacks #{f}" for f in fragments if f and url in ids and f not in ids[url]]
        connection.close()
        return self

    def fetch(self, connection: http.client.HTTPConnection, url: str, origin: str) -> html.HtmlElement | None:
        """The page at an address, None for what is no page or is not there."""
        parts = urlsplit(self.base)
        connection.request("GET", url.removeprefix(f"{parts.scheme}://{parts.netloc}"))
        answer = connection.getresponse()
        data, kind = answer.read(), answer.headers.get_content_type()
        if answer.status != 200:
            self.dead.append(f"{url} is {answer.status}, linked from {origin}")
            return None
        self.found[url.removeprefix(self.base)] = kind
        if kind != "text/html":
            return None
        return html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))

    def resolve(self, url: str, written: str) -> tuple[str, str] | None:
        """Page and fragment that a link leads to; the canonical address of the site is this copy's."""
        if written.startswith(SITE):
            written = self.base + written.removeprefix(SITE)
        target = urljoin(url, written)
        if urlsplit(target).scheme in {"mailto", "tel"}:
            self.outside[urlsplit(target).scheme] += 1
            return None
        if not target.startswith(self.base):
            self.outside[f"{urlsplit(target).scheme}://{urlsplit(target).netloc}"] += 1
            return None
        self.links += 1
        page, fragment = urldefrag(target)
        return page, fragment


def serve(folder: Path) -> http.server.ThreadingHTTPServer:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _sitemaps(demo: Built) -> list[str]:
    """The sitemaps that the sitemap names, where it is an index of others."""
    root = etree.fromstring((demo.output / "sitemap.xml").read_bytes())
    return [loc.text or "" for loc in root.findall("{*}sitemap/{*}loc")]


@pytest.fixture(scope="module", params=["", "some/path/"], ids=["at-the-root", "below-a-path"])
def crawl(demo: Built, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Crawl:
    """The site as a visitor meets it who is served it at the root of a host, then below a path."""
    folder = tmp_path_factory.mktemp("served")
    place = folder / request.param
    place.parent.mkdir(parents=True, exist_ok=True)
    if request.param:
        place.symlink_to(demo.output)
    else:
        folder = demo.output
    with serve(folder) as server:
        found = Crawl(f"http://127.0.0.1:{server.server_port}/{request.param}").run()
        server.shutdown()
    return found


def test_no_link_is_dead(crawl):
    assert crawl.dead == []


def test_every_page_can_be_reached_from_the_home_page_by_links(crawl, demo, items):
    pages = {address for address in crawl.found if crawl.found[address] == "text/html"}
    assert pages == set(demo.pages) - UNLINKED
    # Every text with its print version, and every section, country and theme in every language.
    texts = sum(len(item.heads) for item in items.values() if item.kind != "member")
    assert len(pages) >= 2 * texts + 10 * len(LANGUAGES)


def test_nothing_lies_in_the_output_that_no_page_leads_to(crawl, demo):
    files = {path.relative_to(demo.output).as_posix() for path in demo.output.rglob("*") if path.is_file()}
    reached = {f"{path}index.html" if path.endswith("/") or not path else path for path in crawl.found}
    listed = {unquote(address.removeprefix(SITE)) for address in _sitemaps(demo)}
    # What other sites show; no reader's browser fetches it.
    cards = {
        address.removeprefix(SITE)
        for page in demo.pages.values()
        for address in page.find("//meta[@property='og:image']/@content")
    }
    # What the script of the search page fetches when somebody searches.
    searched = tuple(
        folder
        for language in LANGUAGES
        for place in demo.page(f"{home(language)}search/").find("//div[@data-engine]")
        for folder in (place.get("data-engine"), *place.get("data-shards").split())
    )
    indexes = {name for name in files if name.startswith(searched)}
    assert len(indexes) > 100
    assert files - reached - cards - indexes == UNLINKED | FOR_SERVERS | listed
    assert len(files) == demo.told["files"]


def test_the_crawl_followed_as_many_links_as_a_site_has(crawl):
    pages = [address for address, kind in crawl.found.items() if kind == "text/html"]
    assert crawl.links > 20 * len(pages) > 0
    assert crawl.outside["mailto"] > 0


def test_pages_load_nothing_from_other_hosts(demo):
    loading = (
        "//@srcset|//img/@src|//script/@src|//iframe/@src|//object/@data|//link[@rel='stylesheet']/@href"
    )
    foreign = [
        (page.address, value)
        for page in demo.pages.values()
        for value in page.find(loading)
        if "//" in value and not (page.address == "404.html" and value.startswith(SITE))
    ]
    assert foreign == []


def test_no_page_needs_a_script_a_style_of_its_own_or_another_sites_frame(demo):
    found = [a for a, page in demo.pages.items() if page.find("//style|//@style|//iframe|//svg|//form")]
    assert found == []


def test_the_search_page_alone_has_a_script_and_a_policy_that_lets_it_run(demo):
    search = {f"{home(language)}search/" for language in LANGUAGES}
    assert {a for a, page in demo.pages.items() if page.find("//script")} == search
    for address, page in demo.pages.items():
        assert page.find("//script[not(@src) or text()]|//@*[starts-with(name(), 'on')]") == []
        policy = page.one("//meta[@http-equiv='Content-Security-Policy']").get("content")
        scripted = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; " if address in search else ""
        assert policy == (
            f"default-src 'none'; {scripted}style-src 'self'; img-src 'self'; "
            "base-uri 'none'; form-action 'none'"
        ), address


def test_pages_and_prints_link_relatively_so_that_a_folder_on_a_disk_works_too(demo):
    """As a browser resolves `file:`, but that it opens `index.html` where a link ends at a folder."""
    dead, count = [], 0
    for address, page in demo.pages.items():
        if address in UNLINKED:
            continue
        base = (demo.output / address / "index.html").as_uri()
        for written in links(page.root):
            if urlsplit(written).scheme:
                continue
            count += 1
            target, fragment = urldefrag(urljoin(base, written))
            path = Path(unquote(urlsplit(target).path))
            if not path.is_relative_to(demo.output):
                dead.append((address, written, "leaves the folder"))
            elif not (path / "index.html" if path.is_dir() else path).is_file():
                dead.append((address, written, "is not there"))
            elif fragment and fragment not in _page_at(demo, path).ids:
                dead.append((address, written, "has no such place"))
    assert dead == []
    assert count > 20 * len(demo.pages)


def _page_at(demo: Built, path: Path) -> Page:
    file = path / "index.html" if path.is_dir() else path
    return demo.page(file.relative_to(demo.output).as_posix().removesuffix("index.html"))


def absolute(page: Page, written: str) -> str:
    """Where a link of a page leads on the canonical site, without that site's address."""
    return urljoin(SITE + page.address, written).removeprefix(SITE)


def alternates(page: Page) -> dict[str, str]:
    found = page.find("//head/link[@rel='alternate'][@hreflang]")
    languages = [link.get("hreflang") for link in found]
    assert len(languages) == len(set(languages)), page.address
    return {link.get("hreflang"): absolute(page, link.get("href")) for link in found}


def is_print(address: str) -> bool:
    return "/print/" in address


def test_pages_name_their_other_languages_and_are_named_by_them(demo):
    many = 0
    for address, page in demo.pages.items():
        named = alternates(page)
        if not named:
            continue
        many += len(named) > 1
        spoken = {code: target for code, target in named.items() if code != "x-default"}
        assert spoken.get(page.language) == address, f"{address} does not name itself"
        for code, target in spoken.items():
            assert demo.page(target).language == code, f"{address} → {target}"
            assert alternates(demo.page(target)) == named, (
                f"{address} → {target} does not name the same pages"
            )
    assert many > len(demo.pages) / 4


def test_a_page_names_exactly_the_languages_in_which_its_text_exists(demo, items):
    for item in items.values():
        if item.kind == "member":
            continue
        for language in item.heads:
            named = set(alternates(demo.page(item.address(language)))) - {"x-default"}
            assert named == set(item.heads), item.address(language)


def test_every_page_has_one_canonical_address_which_is_its_own_or_that_of_what_it_stands_for(demo, items):
    own = {item.address(language) for item in items.values() for language in item.heads}
    for address, page in demo.pages.items():
        if address == "404.html":
            assert page.find("//link[@rel='canonical']") == []
            continue
        canonical = page.one("//link[@rel='canonical']").get("href")
        assert canonical.startswith(SITE), address
        target = canonical.removeprefix(SITE)
        if is_print(address):
            shown = address.removesuffix("print/")
            assert target == demo.page(shown).one("//link[@rel='canonical']").get("href").removeprefix(
                SITE
            ), address
        elif target != address:
            # The page of a text that is lacking in this language: it stands for the text where it exists.
            assert target in own, address
            assert address not in own, address
            assert target.rstrip("/").rpartition("/")[2] == address.rstrip("/").rpartition("/")[2], address


def test_every_page_offers_every_language_and_says_which_one_it_is_in(demo):
    for address, page in demo.pages.items():
        if is_print(address) or address == "404.html":
            continue
        # A page that shows a text in another language offers the languages of that text.
        shown = demo.page(page.one("//link[@rel='canonical']").get("href").removeprefix(SITE))
        switcher = page.one("//body/nav[.//*[@aria-current]][count(.//*[@lang]) > 1]")
        here = switcher.xpath(".//*[@aria-current]")
        assert [element.get("lang") for element in here] == [page.language], address
        offered = [link.get("hreflang") for link in switcher.xpath(".//a[@hreflang]")]
        assert sorted([*offered, page.language]) == sorted(LANGUAGES), address
        for link in switcher.xpath(".//a[@hreflang]"):
            target = demo.page(absolute(page, link.get("href")))
            assert target.language == link.get("hreflang") == link.get("lang"), address
            same = alternates(shown).get(link.get("hreflang"))
            assert target.address == (same or home(target.language)), address


def test_a_link_to_a_page_in_another_language_says_so(demo):
    silent = set()
    for address, page in demo.pages.items():
        for link in page.find("//body//a[@href][not(@hreflang)]"):
            target = demo.pages.get(absolute(page, urldefrag(link.get("href"))[0]))
            # The page of the foreign text, a print version of it, and the address of the site itself.
            if target is not None and target.language != page.language and link.get("href") != SITE:
                silent.add((address, link.get("href")))
    assert silent == set()
