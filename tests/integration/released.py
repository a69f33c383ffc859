"""Releases for tests: a desk with a clock of its own, and what an independent client of TUF makes of them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tuf.api.metadata import TargetFile
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher

from tests.integration.checkout import Checkout
from tocsin.console.desk import Desk
from tocsin.console.facts import the_site
from tocsin.release.editions import editions_of
from tocsin.reporting import BufferReporter
from tocsin.signed.edition import Edition
from tocsin.signed.paths import path_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def desk_of(site: Checkout) -> Desk:
    """The desk of a checkout, with demonstration keys."""
    desk = Desk(site.root, the_site(site.root), BufferReporter())
    desk.ready(NOON)
    return desk


def newest(desk: Desk) -> dict[str, Edition]:
    """All editions of the newest release, with the public metadata as it is now."""
    current = desk.workshop.state.current
    assert current is not None
    manifest = desk.workshop.manifest(current.release)
    assert manifest is not None
    return editions_of(manifest, desk.workshop.state.newest(), desk.workshop.blobs)


def put(edition: Edition, folder: Path) -> Path:
    """Write all of an edition, as a mirror holds it."""
    for path in edition.files:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(edition.read(path))
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *what: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder that a plain web server serves."""

    def handler(*args: object) -> _Quiet:
        return _Quiet(*args, directory=str(folder))  # type: ignore[arg-type]

    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Stripping(FetcherInterface):
    """Fetches a target of an edition from where it is served (F8)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.inner = Urllib3Fetcher()
        self.asked: list[str] = []

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = path_of(url.removeprefix(self.address))
        self.asked.append(path)
        return self.inner._fetch(self.address + path)


class Client:
    """python-tuf's own client, which knows nothing of Tocsin but the rule about editions."""

    def __init__(self, folder: Path, address: str, root: bytes) -> None:
        (folder / "files").mkdir(parents=True, exist_ok=True)
        config = UpdaterConfig(prefix_targets_with_hash=False)
        self.folder = folder
        self.fetcher = _Stripping(address)
        metadata = f"{address}metadata/"
        self.updater = Updater(
            str(folder), metadata, str(folder / "files"), address, self.fetcher, config, bootstrap=root
        )
        self.updater.refresh()

    def info(self, target: str) -> TargetFile | None:
        return self.updater.get_targetinfo(target)

    def fetch(self, edition: str, path: str) -> bytes | None:
        """A file of an edition, verified; None where no list names it."""
        info = self.info(f"editions/{edition}/{path}") or self.info(path)
        return Path(self.updater.download_target(info)).read_bytes() if info else None
