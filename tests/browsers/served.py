"""Servers on loopback: of the site, as the project's own server shows it, and of planted faults."""

import functools
import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tocsin.console import server
from tocsin.library.shared import load_site


@contextmanager
def serving(server: http.server.ThreadingHTTPServer) -> Iterator[str]:
    """Serve until it is no longer needed; gives the address, with the slash at its end."""
    with server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def site_server(output: Path) -> http.server.ThreadingHTTPServer:
    """The project's own server, with the headers that it sends."""
    return server.Server(0, output, load_site(output.parent)[0])


class Planted(http.server.ThreadingHTTPServer):
    """Serves a folder bare, without any header that would guard its readers; keeps what was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Bare, directory=str(folder)))
        self.asked: list[str] = []


class Bare(http.server.SimpleHTTPRequestHandler):
    server: Planted

    def do_GET(self) -> None:
        self.server.asked.append(self.path.removeprefix("/"))
        super().do_GET()

    def log_message(self, *arguments: object) -> None: ...


FAULT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A fault</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
{head}</head>
<body>{body}</body></html>
"""


def plant(folder: Path, faults: Mapping[str, str]) -> None:
    """Write a page for each fault, by its name without `.html`; what stands before `<body>` is its head."""
    for name, fault in faults.items():
        head, _, body = fault.rpartition("<body>")
        (folder / f"{name}.html").write_text(FAULT.format(head=head, body=body), encoding="utf-8")
