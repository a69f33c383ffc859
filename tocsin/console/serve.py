"""`serve`: build, serve the output on this machine only, build again whenever a source changes."""

from __future__ import annotations

import argparse
import http.server
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from tocsin import forks
from tocsin.console.build import build_site
from tocsin.errors import ContentError, ReleaseError, TocsinError
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.library.faults import unknown
from tocsin.library.shared import load_site
from tocsin.mirrors.configured import load_reached
from tocsin.mirrors.directory import Directory
from tocsin.mirrors.everywhere import place_of
from tocsin.model.mirrors import is_loopback
from tocsin.model.site import Site
from tocsin.render.served import policy_of
from tocsin.reporting import Reporter
from tocsin.serving.media_types import media_type
from tocsin.serving.policy import BASE, Policy
from tocsin.serving.routing import Route, route

WATCHED = ("content", "data", "theme", "site.toml")
# Milliseconds after which the watcher, if nothing happens, lets go once.
TICK = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=port, default=8000, metavar="N", help="port on 127.0.0.1 (default: 8000)"
    )
    parser.add_argument("--drafts", action="store_true", help="show drafts too")
    parser.add_argument("--mirror", metavar="NAME", help="serve a mirror that is a folder of this machine")


def port(text: str) -> int:
    """A number of a port; 0 lets the system choose one."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


class Server(http.server.ThreadingHTTPServer):
    """Serves an output to this machine as a mirror would, with the headers of the site's policy.

    `address` is what its stamped files call the site.
    """

    def __init__(self, number: int, output: Path, site: Site | None) -> None:
        super().__init__(("127.0.0.1", number), Handler)
        self.output = output
        self.address = site.address if site else ""
        self.base = f"http://127.0.0.1:{self.server_port}/"
        self.policy = Policy()
        self.read_policy(site)

    def read_policy(self, site: Site | None) -> None:
        """Keep the policy of a site from now on."""
        if site is not None:
            self.policy = policy_of(site)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the policy has it: no listings, the site's own page for what is not there."""

    server: Server

    def do_GET(self) -> None:
        """Answer any request."""
        output, policy = self.server.output, self.server.policy
        found = route(self.command, self.path, lambda file: (output / file).is_file())
        try:
            data, written = self._read(found)
        except OSError:  # a build has just taken it away
            found, data, written = Route(404, ""), b"", None
        status = 304 if written and self.headers["If-Modified-Since"] == written else found.status
        self.send_response(status)
        for name, value in policy.headers(found.file, status, secure=False).items():
            self.send_header(name, value)
        for name, value in self._about(found, data, written):
            if status != 304 or name == "Last-Modified":
                self.send_header(name, value)
        super().end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(data)

    def do_HEAD(self) -> None:
        """The same without a body."""
        self.do_GET()

    def _read(self, found: Route) -> tuple[bytes, str | None]:
        """The body of an answer, and when it was written where a browser may ask whether it still holds."""
        if not found.file:
            return b"", None
        path = self.server.output / found.file
        data = path.read_bytes()
        if found.status == 404 and self.server.address:  # its links say where the site is
            return data.replace(self.server.address.encode(), self.server.base.encode()), None
        if found.status != 200:
            return data, None
        return data, formatdate(path.stat().st_mtime, usegmt=True)

    def _about(self, found: Route, data: bytes, written: str | None) -> Iterator[tuple[str, str]]:
        yield "Content-Length", str(len(data))
        if found.file:
            yield "Content-Type", media_type(found.file)
        if found.location:
            yield "Location", found.location
        if written:
            yield "Last-Modified", written

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no request, and methods that this class has no name for."""
        if code == 501:
            self.do_GET()
        else:
            super().send_error(code, message, explain)

    def end_headers(self) -> None:
        for header in BASE:
            self.send_header(*header)
        super().end_headers()

    def version_string(self) -> str:
        """No more than that there is a server."""
        return "Tocsin"

    def log_message(self, *arguments: object) -> None:
        """Keep no log of what is read."""


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    if options.mirror:
        return _serve_mirror(root, options.mirror)
    output = root / "preview"
    _build(root, output, options, reporter)
    site, _ = load_site(root)
    try:
        server = Server(options.port, output, site)
    except OSError as error:
        raise TocsinError(
            f"port {options.port} cannot be used ({error.strerror}); choose another with --port"
        ) from None
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def begun() -> None:
            print(f"{server.base}  (Ctrl-C ends)", flush=True)

        watch(root, output, options, reporter, begun, lambda: server.read_policy(load_site(root)[0]))
        server.shutdown()
    return 0


def _serve_mirror(root: Path, name: str) -> int:
    """Serve what was published to a mirror, at its own address, until interrupted."""
    found = {one.mirror.name: one for one in load_reached(root)}
    if name not in found:
        raise ReleaseError(unknown("mirror", name, found, MIRRORS_FILE))
    place, address = place_of(found[name], root), urlsplit(found[name].mirror.address)
    if not isinstance(place, Directory) or not is_loopback(address.hostname or "") or not address.port:
        raise ReleaseError(f"the mirror '{name}' is no folder with an address of this machine")
    if not place.folder.is_dir():
        raise ReleaseError(f"nothing was published to the mirror '{name}' yet; run 'publish' first")
    try:
        server = Server(address.port, place.folder, load_site(root)[0])
    except OSError as error:
        raise ReleaseError(f"port {address.port} cannot be used ({error.strerror})") from None
    with server:
        print(f"{server.base}  (Ctrl-C ends)", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return 0


@contextmanager
def served_here(places: Iterable[tuple[str, Path]], site: Site | None) -> Iterator[None]:
    """Serve folders of this machine at their addresses, where nobody does yet, so as to look at them."""
    with ExitStack() as servers:
        for address, folder in places:
            found = urlsplit(address)
            if not is_loopback(found.hostname or "") or not found.port:
                continue
            try:
                server = servers.enter_context(Server(found.port, folder, site))
            except OSError:
                continue  # somebody serves there already
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            servers.callback(server.shutdown)
        yield


def watch(
    root: Path,
    output: Path,
    options: argparse.Namespace,
    reporter: Reporter,
    begun: Callable[[], None],
    built: Callable[[], None] = lambda: None,
) -> None:
    """Build again after each change, until interrupted. A fault is told and the last good site stays.

    `begun` is called once nothing can be missed any more: what changed before is then built already. `built`
    is called after each build.
    """
    from watchfiles import watch as changes

    paths = [root / name for name in WATCHED if (root / name).exists()]
    is_first = True
    for found in changes(*paths, raise_interrupt=False, yield_on_timeout=True, rust_timeout=TICK):
        if found or is_first:
            _build(root, output, options, reporter)
            built()
        if is_first:
            begun()
            is_first = False


def _build(root: Path, output: Path, options: argparse.Namespace, reporter: Reporter) -> None:
    try:
        # One process: forking is not safe while the server's threads run.
        workers = forks.processors() if threading.active_count() == 1 else 1
        numbers = build_site(
            root, output, at=datetime.now(UTC), workers=workers, reporter=reporter, drafts=options.drafts
        )
        reporter.detail(f"{numbers['changed']} files written")
    except ContentError as error:
        for finding in error.findings:
            reporter.finding(finding)
        reporter.detail(str(error))
    except TocsinError as error:
        reporter.detail(f"ERROR {error}")
