"""Why nobody answers, step by step: name, connection, encryption, certificate; and who vouches for it."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.integration.far_places import Socks
from tests.simulator import HERE, Office
from tests.watched import POLICY, edition, reply, sent, site
from tocsin.probing.certificates import read_certificate
from tocsin.probing.faults import Fault
from tocsin.probing.probe import Depth, Manner, Outcome, Subject, probe
from tocsin.probing.wire import Way
from tocsin.verify.verifying import Trust

pytestmark = pytest.mark.real("ssh-keygen")

NOW = dt.datetime.now(dt.UTC)
AT = NOW + dt.timedelta(minutes=5)
YEAR = dt.timedelta(days=365)


class Authority:
    """One that signs certificates for this machine."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
        made = self._begun(self.name, self.key.public_key(), NOW - YEAR, NOW + 10 * YEAR)
        self.own = made.add_extension(x509.BasicConstraints(True, None), True).sign(self.key, hashes.SHA256())

    def _begun(self, subject: x509.Name, key: Any, begins: dt.datetime, ends: dt.datetime) -> Any:
        made = x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number(), begins, ends)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return made.add_extension(identifier, False).add_extension(issuer, False)

    def certificate(self, folder: Path, *, host: str = "127.0.0.1", days: int = 90) -> Path:
        """A file with a certificate and its key, valid for so many days from now on, or until so many ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mirror")])
        made = self._begun(name, key.public_key(), NOW - dt.timedelta(days=30), NOW + dt.timedelta(days=days))
        own = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        signed = made.add_extension(x509.SubjectAlternativeName([own]), False).sign(self.key, hashes.SHA256())
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file = folder / f"{signed.serial_number}.pem"
        file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
        return file

    @property
    def pem(self) -> str:
        return self.own.public_bytes(Encoding.PEM).decode()


@cache
def authority(name: str = "Honest Trust") -> Authority:
    return Authority(name)


def trusting(*authorities: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata="".join(one.pem for one in authorities))


@contextmanager
def secure(certificate: Path, scheme: str = "https") -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of a server with encryption, and what it serves."""
    serves: dict[str, Any] = {"tree": {}, "lie": None}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            path = self.path.partition("?")[0][1:]
            data = serves["tree"].get(f"{path}index.html" if path.endswith("/") or not path else path)
            headers = sent(path) | dict(POLICY.secure("/")) if scheme == "https" else sent(path)
            if serves["lie"]:
                status, data, more = serves["lie"](path)
                reply(self, status, data, headers | more)
            else:
                reply(self, 200 if data else 404, data or b"not here", headers)

        def log_message(self, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *arguments: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/", serves
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def look(address: str, way: Way, office: Office | None = None, state: Path | None = None) -> Outcome:
    office = office or Office(now=NOW)
    subject = Subject("oslo", address, address, way=way)
    return probe(subject, Trust(office.roots[1]), Manner(AT, Depth.QUICK, state=state))


def told(outcome: Outcome) -> list[tuple[Fault, str]]:
    return [(one.fault, one.detail) for one in outcome.found]


def resolving(*addresses: str) -> Any:
    """A name server's answer."""

    def resolve(host: str, port: int, **more: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in addresses]

    return resolve


def test_a_name_that_leads_nowhere():
    assert told(look("https://nobody.invalid/", Way(patience=1, resolve=resolving()))) == [
        (Fault.NO_NAME, "The name nobody.invalid is not known.")
    ]


@pytest.mark.parametrize("place", ["127.0.0.1", "10.10.34.35", "0.0.0.0"])
def test_a_name_that_is_led_astray(place: str):
    way = Way(patience=1, resolve=resolving(place))
    assert told(look("https://mirror.example/", way)) == [
        (Fault.SINKHOLED, f"The name mirror.example leads to {place}.")
    ]


def test_the_name_of_an_onion_service_is_asked_of_nobody():
    def resolve(*arguments: Any, **more: Any) -> list[Any]:
        raise AssertionError("the name was asked for")

    assert told(look(f"http://{'a' * 56}.onion/", Way(resolve=resolve))) == [
        (Fault.NO_CONNECTION, "An onion service is reached through Tor alone: give the mirror a proxy.")
    ]


def test_nobody_at_the_address():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    assert told(look(f"http://127.0.0.1:{port}/", Way(patience=1))) == [
        (Fault.NO_CONNECTION, "At its address: the connection is refused.")
    ]


@contextmanager
def raw(act: Any) -> Iterator[str]:
    """A server that does one thing to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            while True:
                try:
                    plain, _ = server.accept()
                except OSError:
                    return
                held.append(plain)
                act(plain)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for plain in held:
            plain.close()


def reset(plain: socket.socket) -> None:
    plain.recv(2048)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    plain.close()


def close(plain: socket.socket) -> None:
    plain.recv(2048)
    plain.close()


@pytest.mark.parametrize("act", [reset, close])
def test_a_connection_that_is_cut_after_the_name(act: Any):
    with raw(act) as address:
        assert told(look(address, Way(patience=10))) == [
            (Fault.CUT, "After the name 127.0.0.1 was said, the connection broke off.")
        ]


def test_no_encryption():
    with raw(lambda plain: plain.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as address:
        ((fault, _),) = told(look(address, Way(patience=10)))
        assert fault is Fault.NO_TLS
    with raw(lambda plain: None) as address:
        assert told(look(address, Way(patience=0.3))) == [
            (Fault.NO_TLS, "No encryption is agreed upon in time.")
        ]


def test_certificates_that_are_not_accepted(tmp_path: Path):
    trusted = Way(patience=10, context=trusting(authority()))
    with secure(authority().certificate(tmp_path, days=-2)) as (address, _):
        ((fault, _),) = told(look(address, trusted))
        assert fault is Fault.EXPIRED_CERTIFICATE
    with secure(authority("Somebody").certificate(tmp_path)) as (address, _):
        ((fault, _),) = told(look(address, trusted))
        assert fault is Fault.CERTIFICATE
    with secure(authority().certificate(tmp_path, host="other.example")) as (address, _):
        ((fault, detail),) = told(look(address, trusted))
        assert fault is Fault.CERTIFICATE
        assert "127.0.0.1" in detail


def published(address: str, serves: dict[str, Any]) -> Office:
    office = Office(addresses={HERE: address}, now=NOW)
    serves["tree"] = office.release(site(), "2026.11.21.1")[HERE]
    return office


def test_a_good_certificate_and_another_authority_later(tmp_path: Path):
    both = Way(patience=10, context=trusting(authority(), authority("Somebody")))
    state = tmp_path / "state"
    with secure(authority().certificate(tmp_path)) as (address, serves):
        office = published(address, serves)
        outcome = look(address, both, office, state)
        assert told(outcome) == []
        assert outcome.certificate
        assert outcome.certificate.issuer == "Honest Trust"
    with secure(authority("Somebody").certificate(tmp_path)) as (address, serves):
        office = published(address, serves)
        assert told(look(address, both, office, state))[0] == (
            Fault.OTHER_ISSUER,
            "The certificate was issued by Somebody, and before by Honest Trust.",
        )


def test_a_certificate_that_ends_soon(tmp_path: Path):
    trusted = Way(patience=10, context=trusting(authority()))
    with secure(authority().certificate(tmp_path, days=5)) as (address, serves):
        office = published(address, serves)
        ((fault, detail),) = told(look(address, trusted, office))
        ends = NOW + dt.timedelta(days=5)
        assert (fault, detail) == (Fault.ENDING_CERTIFICATE, f"The certificate ends on {ends:%Y-%m-%d}.")


def test_a_way_to_http_and_a_shorter_promise(tmp_path: Path):
    trusted = Way(patience=10, context=trusting(authority()))
    with secure(authority().certificate(tmp_path)) as (address, serves):
        office = published(address, serves)
        serves["lie"] = lambda path: (301, b"", {"Location": address.replace("https", "http") + path})
        ((fault, _),) = told(look(address, trusted, office))
        assert fault is Fault.LEADS_TO_HTTP
        short = {"Strict-Transport-Security": "max-age=60"}
        tree = serves["tree"]

        def weaker(path: str) -> tuple[int, bytes, dict[str, str]]:
            data = tree.get(f"{path}index.html" if path.endswith("/") or not path else path)
            return 200 if data else 404, data or b"not here", short

        serves["lie"] = weaker
        ((fault, detail),) = told(look(address, trusted, office))
        assert fault is Fault.HEADERS_WEAKENED
        assert detail.startswith("Strict-Transport-Security says 'max-age=60' (all ")


def test_what_is_no_certificate_is_none():
    assert read_certificate(b"") is None
    assert read_certificate(b"\x30\x03\x02\x01\x01") is None


def test_a_proxy_is_asked_for_the_name(tmp_path: Path):
    with secure(authority().certificate(tmp_path, host="mirror.example")) as (address, serves):
        port = int(address.rsplit(":", 1)[1].strip("/"))
        with Socks(port) as proxy:
            named = f"https://mirror.example:{port}/"
            office = published(named, serves)
            way = Way(proxy.address, patience=10, context=trusting(authority()))
            assert told(look(named, way, office)) == []
            assert set(proxy.asked) == {"mirror.example"}
    assert edition(serves["tree"]).about.address == named


def test_a_proxy_that_is_not_there():
    ((fault, detail),) = told(look("https://mirror.example/", Way("socks5h://127.0.0.1:9", patience=1)))
    assert (fault, detail) == (
        Fault.NO_CONNECTION,
        "The server cannot be fetched: the proxy does not lead there.",
    )
