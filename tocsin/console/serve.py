"""`serve`: build, serve the output on this machine only, build again whenever a source changes."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tocsin import forks
from tocsin.console.build import build_site
from tocsin.console.server import Server
from tocsin.errors import ContentError, ReleaseError, TocsinError
from tocsin.library.elsewhere import MIRRORS_FILE
from tocsin.library.faults import unknown
from tocsin.library.shared import load_site
from tocsin.mirrors.configured import load_reached
from tocsin.mirrors.directory import Directory
from tocsin.mirrors.everywhere import place_of
from tocsin.model.mirrors import is_loopback
from tocsin.reporting import Reporter

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
