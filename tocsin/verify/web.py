"""A copy of the site as a web server gives it out. urllib3 is the client: python-tuf brings it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from urllib.parse import quote, urlsplit

import urllib3
from urllib3 import exceptions

from tocsin.errors import UnreadableError, VerifyError
from tocsin.proxies import proxy_fault

# Seconds that a server has for each piece of an answer: to an onion service the first comes by six relays.
_PATIENCE, _PATIENCE_BY_PROXY = 20, 60
_PIECE = 1 << 16
_ABSENT = (404, 410)
_INDEX = "index.html"
# Names that intruders leave or look for. No site of ours has them.
_INTRUDERS = (
    "wp-login.php",
    "wp-admin/",
    "admin/",
    "index.php",
    "shell.php",
    ".git/HEAD",
    ".env",
    ".htaccess",
    "phpinfo.php",
    "sw.js",
    "service-worker.js",
    "cgi-bin/",
)
# As a reader's browser asks: a server that knows who verifies can show the verifier another site.
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
}


def site_address(text: str) -> str:
    """The address of a site with `/` at its end; raise `VerifyError` for what is none."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise VerifyError(f"'{text}' is no address of a site; it begins with https:// and ends with a folder")
    if parts.username is not None:
        raise VerifyError("an address with a name and a password in it is not used: it ends up in lists")
    return text.rstrip("/") + "/"


class WebSource:
    """What is served at an address. Redirects are not followed: a file is at its path, or it is not.

    `proxy` is asked for names, too, and nothing goes past it. `patience` is in seconds: what a server has for
    each piece of an answer. A whole answer has twice that, and a second more for every `slowest` bytes that
    are expected. Raises `VerifyError` for an address or a proxy that cannot be used, an onion address without
    a proxy when it is first asked.
    """

    def __init__(
        self,
        address: str,
        *,
        proxy: str | None = None,
        patience: float | None = None,
        slowest: int = 4096,
        workers: int = 8,
    ) -> None:
        self.address = self.place = site_address(address)
        self.workers = workers
        self.clock: datetime | None = None
        if proxy and (fault := proxy_fault(proxy)):
            raise VerifyError(fault)
        self._proxy = proxy
        self._patience = patience or (_PATIENCE_BY_PROXY if proxy else _PATIENCE)
        self._slowest = slowest

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        """What opens connections. The environment's proxies are not used."""
        # Asking for such a name tells everybody on the way (RFC 7686, section 2).
        if not self._proxy and (urlsplit(self.address).hostname or "").rstrip(".").endswith(".onion"):
            raise VerifyError(
                f"{self.address} is an onion address, which is reached through Tor alone: start Tor, and add "
                "--proxy socks5h://127.0.0.1:9050"
            )
        return _pool(self._proxy, self._patience, self.workers)

    def chunks(self, path: str, most: int) -> Iterator[bytes]:
        until = time.monotonic() + 2 * self._patience + most / self._slowest
        with self._answer(path) as answer:
            self._check(answer)
            size = 0
            for piece in _pieces(answer):
                size += len(piece)
                yield piece
                if size > most:
                    return
                if time.monotonic() > until:
                    raise UnreadableError("comes too slowly", is_silence=True)

    def other_names(self, path: str) -> tuple[str, ...]:
        """Pages are linked by the folder that they lie in."""
        folder, _, name = path.rpartition("/")
        return (f"{folder}/" if folder else "",) if name == _INDEX else ()

    def strays(self, files: Container[str]) -> Iterator[tuple[str, str]]:
        random = f"{secrets.token_hex(12)}.html"
        if fault := self._answers(random):
            yield random, f"{fault}, though nothing can have a name drawn at random"
            return
        for name in _INTRUDERS:
            if name not in files and (fault := self._answers(name)):
                yield name, fault

    def _answers(self, path: str) -> str | None:
        """What a server answers at a path where nothing may be; None for a refusal."""
        try:
            with self._answer(path) as answer:
                if 200 <= answer.status < 300:
                    return "is given out and is not part of the release"
                return "leads elsewhere" if 300 <= answer.status < 400 else None
        except UnreadableError:
            return None

    @contextmanager
    def _answer(self, path: str) -> Iterator[urllib3.BaseHTTPResponse]:
        answer = None
        try:
            answer = self._pool.request(
                "GET", self.address + quote(path), preload_content=False, redirect=False
            )
            self._note_clock(answer.headers.get("Date", ""))
            yield answer
        except UnreadableError:
            raise
        except (exceptions.HTTPError, exceptions.LocationValueError, OSError) as error:
            raise UnreadableError(_reason(error, self._proxy), is_silence=True) from None
        finally:
            if answer is not None:
                answer.close()  # not given back to the pool: what is left of a long answer is never read

    def _check(self, answer: urllib3.BaseHTTPResponse) -> None:
        status = answer.status
        if status == 200:
            return
        if 300 <= status < 400:
            there = answer.headers.get("Location", "nowhere")[:200]
            raise UnreadableError(f"leads elsewhere, to {there}; this is not followed")
        raise UnreadableError("is not there" if status in _ABSENT else f"is refused with status {status}")

    def _note_clock(self, text: str) -> None:
        """The server's clock, of the first answer that tells it."""
        if self.clock is None and text:
            try:
                told = parsedate_to_datetime(text)
            except ValueError:
                return
            self.clock = told if told.tzinfo else told.replace(tzinfo=UTC)


def _pieces(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """As they come, so that a server that drips is noticed; never unpacked."""
    while piece := answer.read1(_PIECE, decode_content=False):
        yield piece


def _pool(proxy: str | None, patience: float, workers: int) -> urllib3.PoolManager:
    wait = urllib3.Timeout(connect=patience, read=patience)
    if not proxy:
        return urllib3.PoolManager(maxsize=workers, headers=_HEADERS, retries=False, timeout=wait)
    if proxy.startswith("http://"):
        return urllib3.ProxyManager(proxy, maxsize=workers, headers=_HEADERS, retries=False, timeout=wait)
    from urllib3.contrib.socks import SOCKSProxyManager

    return SOCKSProxyManager(proxy, maxsize=workers, headers=_HEADERS, retries=False, timeout=wait)


def _reason(error: Exception, proxy: str | None) -> str:
    """Why nothing came, without what differs from machine to machine."""
    if proxy and isinstance(error, exceptions.ProxyError | exceptions.NewConnectionError):
        return f"cannot be fetched: the proxy does not {'answer' if _is_away(error) else 'lead there'}"
    if isinstance(error, exceptions.NameResolutionError):
        return "cannot be fetched: the name of the server is not known"
    if isinstance(error, exceptions.NewConnectionError):
        return "cannot be fetched: nobody answers at that address"
    if isinstance(error, exceptions.TimeoutError):
        return "does not come in time"
    if isinstance(error, exceptions.SSLError):
        return "cannot be fetched: the certificate of the server is not accepted"
    return "cannot be fetched: the connection broke off"


def _is_away(error: exceptions.ProxyError | exceptions.NewConnectionError) -> bool:
    """True where it is the proxy that nobody reaches, and not what lies behind it."""
    if isinstance(error, exceptions.ProxyError):
        return isinstance(error.original_error, exceptions.NewConnectionError)
    from socks import ProxyConnectionError  # type: ignore[import-untyped]

    return isinstance(error.__context__, ProxyConnectionError)
