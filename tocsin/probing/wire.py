"""Asking a server, bounded in bytes and seconds, and telling apart why it does not answer."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from tocsin.probing.faults import Fault

# What readers' browsers send: a server that knows who looks can show another site.
BROWSER = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED


class SilenceError(Exception):
    """Nobody answers; `fault` says how far it went."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Way:
    """How a mirror is reached. `patience` in seconds, `slowest` in bytes a second.

    `proxy` is asked for names, too. `context` says which authorities are trusted.
    """

    proxy: str | None = None
    patience: float = 20
    slowest: int = 4096
    workers: int = 4
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    resolve: Callable[..., list[Any]] = socket.getaddrinfo


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: headers by name in lower case, several of one name joined; body as it was sent.

    `is_cut` says that the body is longer than what was asked for; `certificate` is DER, empty without TLS.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False
    certificate: bytes = b""

    @property
    def location(self) -> str:
        """Where it leads, as it may be shown."""
        return self.headers.get("location", "nowhere")[:200]


def reach(address: str, way: Way) -> None:
    """Knock, step by step: name, connection, encryption. Raise `SilenceError` at the first that fails.

    Through a proxy the steps cannot be told apart; then the first question tells what it can.
    """
    if way.proxy:
        return
    parts = urlsplit(address)
    host = parts.hostname or ""
    if host.endswith(".onion"):  # asking for such a name tells everybody on the way (RFC 7686, 2)
        raise SilenceError(
            Fault.NO_CONNECTION, "An onion service is reached through Tor alone: give the mirror a proxy."
        )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with _connected(_resolved(host, port, way), way) as plain:
        if parts.scheme == "https":
            _shake_hands(plain, host, way)


def _resolved(host: str, port: int, way: Way) -> list[Any]:
    try:
        found = way.resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise SilenceError(Fault.NO_NAME, f"The name {host} is not known.") from None
    if not _is_own(host):
        private = sorted({one[4][0] for one in found if not ipaddress.ip_address(one[4][0]).is_global})
        if private:
            raise SilenceError(Fault.SINKHOLED, f"The name {host} leads to {', '.join(private)}.")
    return found


def _is_own(host: str) -> bool:
    """True for a number, and for this machine, which may well be private."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return True


@contextmanager
def _connected(places: list[Any], way: Way) -> Iterator[socket.socket]:
    reason = "nobody answers"
    for family, kind, protocol, _, place in places:
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(way.patience)
        with plain:
            try:
                plain.connect(place)
            except TimeoutError:
                reason = "nothing comes back in time"
                continue
            except ConnectionRefusedError:
                reason = "the connection is refused"
                continue
            except OSError as error:
                reason = str(error.strerror or "nobody answers").lower()
                continue
            yield plain
            return
    raise SilenceError(Fault.NO_CONNECTION, f"At its address: {reason}.")


def _shake_hands(plain: socket.socket, host: str, way: Way) -> None:
    try:
        way.context.wrap_socket(plain, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        fault = Fault.EXPIRED_CERTIFICATE if error.verify_code == _EXPIRED else Fault.CERTIFICATE
        raise SilenceError(fault, f"The certificate is not accepted: {error.verify_message}.") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError):
        detail = f"After the name {host} was said, the connection broke off."
        raise SilenceError(Fault.CUT, detail) from None
    except TimeoutError:
        raise SilenceError(Fault.NO_TLS, "No encryption is agreed upon in time.") from None
    except ssl.SSLError as error:
        reason = (error.reason or "no reason given").lower().replace("_", " ")
        raise SilenceError(Fault.NO_TLS, f"No encryption can be agreed upon: {reason}.") from None


class Wire:
    """Questions to one server, by several threads. Redirects are not followed, cookies not kept."""

    def __init__(self, address: str, way: Way) -> None:
        self.base = address.rstrip("/") + "/"
        self.way = way
        self._client = httpx.Client(
            proxy=way.proxy,
            trust_env=False,
            verify=way.context,
            timeout=way.patience,
            headers={"User-Agent": BROWSER, "Accept": "*/*", "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=way.workers),
        )

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    @contextmanager
    def asking(self, path: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """An answer whose body has not been read; `path` may bear a query. Raise `SilenceError`."""
        name, mark, query = path.partition("?")
        try:
            with self._client.stream(
                "GET", self.base + quote(name) + mark + query, headers=headers
            ) as answer:
                yield answer
        except httpx.HTTPError as error:
            raise SilenceError(*_reason(error, self.way)) from None

    def pieces(self, answer: httpx.Response, most: int) -> Iterator[bytes]:
        """The body as it was sent, until it is longer than `most`; raise `SilenceError` where it drips."""
        until = time.monotonic() + 2 * self.way.patience + most / self.way.slowest
        size = 0
        for piece in answer.iter_raw():
            size += len(piece)
            yield piece
            if size > most:
                return
            if time.monotonic() > until:
                raise SilenceError(Fault.DRIPS, "comes too slowly")

    def ask(self, path: str, most: int, headers: Mapping[str, str] | None = None) -> Answer:
        """A whole answer, of whose body at most `most` bytes and a little more are read."""
        with self.asking(path, headers) as answer:
            body = b"".join(self.pieces(answer, most))
            return Answer(
                answer.status_code, told(answer), body[:most], len(body) > most, certificate_of(answer)
            )


def told(answer: httpx.Response) -> dict[str, str]:
    """The headers of an answer by name in lower case."""
    return {name.lower(): ", ".join(answer.headers.get_list(name)) for name in answer.headers}


def certificate_of(answer: httpx.Response) -> bytes:
    """The certificate of the server that gave an answer, as DER."""
    stream = answer.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream else None
    return (tls.getpeercert(True) or b"") if tls else b""


def _reason(error: httpx.HTTPError, way: Way) -> tuple[Fault, str]:
    """Which fault, and words that do not differ from machine to machine."""
    text = str(error).lower()
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        return Fault.NO_ANSWER, "does not come in time"
    if "certificate" in text:
        fault = Fault.EXPIRED_CERTIFICATE if "expired" in text else Fault.CERTIFICATE
        return fault, "cannot be fetched: the certificate of the server is not accepted"
    if "ssl" in text:
        return Fault.NO_TLS, "cannot be fetched: no encryption can be agreed upon"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        where = "the proxy does not lead there" if way.proxy else "nobody answers at that address"
        return Fault.NO_CONNECTION, f"cannot be fetched: {where}"
    return Fault.NO_ANSWER, "cannot be fetched: the connection broke off"
