"""An output on this machine as a mirror would serve it, with the headers of the site's policy."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

from tocsin.model.mirrors import is_loopback
from tocsin.model.site import Site
from tocsin.serving.media_types import media_type
from tocsin.serving.policy import BASE, Policy
from tocsin.serving.routing import Route, route


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
            from tocsin.render.served import policy_of  # which is slow to import, and some need no policy

            self.policy = policy_of(site)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the policy has it: no listings, the site's own page for what is not there.

    Connections are kept, and what is ready is sent at once.
    """

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def handle(self) -> None:
        """Answer until the client has enough; one that breaks off is no error of ours."""
        with suppress(ConnectionError):
            super().handle()

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
        if self.command not in {"GET", "HEAD"} or self._has_body():
            self.send_header("Connection", "close")  # which also ends it here: a body is read by nobody
        super().end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(data)

    def do_HEAD(self) -> None:
        """The same without a body."""
        self.do_GET()

    def _has_body(self) -> bool:
        return "Content-Length" in self.headers or "Transfer-Encoding" in self.headers

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


@contextmanager
def served_here(places: Iterable[tuple[str, Path]], site: Site | None) -> Iterator[None]:
    """Serve folders of this machine at their addresses, where nobody does yet, so as to look at them.

    Without a `site` the headers are those of any.
    """
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
