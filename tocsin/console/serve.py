"""`serve`: build, serve the output on this machine only, build again whenever a source changes."""

from __future__ import annotations

import argparse
import functools
import http.server
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tocsin import forks
from tocsin.console.build import build_site
from tocsin.errors import ContentError, TocsinError
from tocsin.library.shared import load_site
from tocsin.reporting import Reporter

WATCHED = ("content", "data", "theme", "site.toml")
# Milliseconds after which the watcher, if nothing happens, lets go once.
TICK = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=port, default=8000, metavar="N", help="port on 127.0.0.1 (default: 8000)"
    )
    parser.add_argument("--drafts", action="store_true", help="show drafts too")


def port(text: str) -> int:
    """A number of a port; 0 lets the system choose one."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


class Server(http.server.ThreadingHTTPServer):
    """Serves an output to this machine; `address` is what its stamped files call the site."""

    def __init__(self, number: int, output: Path, address: str) -> None:
        super().__init__(("127.0.0.1", number), functools.partial(Handler, directory=str(output)))
        self.address = address.encode()
        self.base = f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the tree as a mirror would: no listings, the site's own page for what is not there."""

    server: Server

    def list_directory(self, path: str) -> None:  # type: ignore[override]
        self.send_error(404)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        data = page.read_bytes()
        if self.server.address:
            data = data.replace(self.server.address, self.server.base.encode())
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def guess_type(self, path: object) -> str:
        ending = str(path).rpartition(".")[2]
        known = {"atom": "application/atom+xml", "rss": "application/rss+xml", "avif": "image/avif"}
        guessed = known.get(ending) or str(super().guess_type(str(path)))
        return f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed

    def log_message(self, *arguments: object) -> None:
        """Keep no log of what is read."""


def run(root: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    output = root / "preview"
    _build(root, output, options, reporter)
    site, _ = load_site(root)
    try:
        server = Server(options.port, output, site.address if site else "")
    except OSError as error:
        raise TocsinError(
            f"port {options.port} cannot be used ({error.strerror}); choose another with --port"
        ) from None
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        watch(root, output, options, reporter, lambda: print(f"{server.base}  (Ctrl-C ends)", flush=True))
        server.shutdown()
    return 0


def watch(
    root: Path, output: Path, options: argparse.Namespace, reporter: Reporter, begun: Callable[[], None]
) -> None:
    """Build again after each change, until interrupted. A fault is told and the last good site stays.

    `begun` is called once nothing can be missed any more: what changed before is then built already.
    """
    from watchfiles import watch as changes

    paths = [root / name for name in WATCHED if (root / name).exists()]
    is_first = True
    for found in changes(*paths, raise_interrupt=False, yield_on_timeout=True, rust_timeout=TICK):
        if found or is_first:
            _build(root, output, options, reporter)
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
