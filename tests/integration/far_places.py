"""Real places to publish to, on loopback: an S3 server, an ssh server, and what is in them."""

from __future__ import annotations

import io
import os
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.components import find
from tests.integration.servers import free_port
from tocsin.model.mirrors import RcloneSettings, Secret

SSHD = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
Subsystem sftp internal-sftp
LogLevel ERROR
"""


@dataclass(frozen=True)
class Shell:
    """A running ssh server: `folder` holds keys, `user` may log in with the key `user_key`."""

    port: int
    folder: Path
    user: str

    @property
    def key(self) -> str:
        return str(self.folder / "user")

    @property
    def known_hosts(self) -> str:
        return str(self.folder / "known_hosts")


@contextmanager
def ssh_server(folder: Path, forced: str = "") -> Iterator[Shell]:
    """Debian's sshd, which lets one key in: to do anything, or the `forced` command alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)], check=True
        )
    options = f'restrict,command="{forced}" ' if forced else ""
    (folder / "authorized").write_text(options + (folder / "user.pub").read_text())
    port = free_port()
    host = " ".join((folder / "host.pub").read_text().split()[:2])
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}\n")
    (folder / "sshd_config").write_text(SSHD.format(port=port, folder=folder))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it shuts itself in; Debian makes it at the start
    process = subprocess.Popen(
        [str(find("sshd")), "-D", "-e", "-f", str(folder / "sshd_config")], stderr=subprocess.DEVNULL
    )
    try:
        wait_until_open(port)
        yield Shell(port, folder, os.environ.get("USER") or _user())
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_open(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nobody listens at {port}")


def _user() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


@dataclass(frozen=True)
class Buckets:
    """A running S3 server."""

    address: str
    client: Any

    def make(self, name: str, *, versioned: bool = False) -> None:
        self.client.create_bucket(Bucket=name)
        if versioned:
            status = {"Status": "Enabled"}
            self.client.put_bucket_versioning(Bucket=name, VersioningConfiguration=status)

    def tree(self, name: str) -> dict[str, bytes]:
        """All objects by key."""
        found = self.client.list_objects_v2(Bucket=name).get("Contents", [])
        return {
            one["Key"]: self.client.get_object(Bucket=name, Key=one["Key"])["Body"].read() for one in found
        }

    def versions(self, name: str) -> list[str]:
        """Keys of all versions that are not the newest, and of marks of deletion."""
        told = self.client.list_object_versions(Bucket=name)
        old = [one["Key"] for one in told.get("Versions", []) if not one["IsLatest"]]
        return sorted([*old, *(one["Key"] for one in told.get("DeleteMarkers", []))])

    def settings(self, path: str, secret: str = "S3_SECRET", address: str = "") -> RcloneSettings:
        """How rclone gets there."""
        options = {
            "provider": "Other",
            "endpoint": address or self.address,
            "region": "us-east-1",
            "access_key_id": "somebody",
        }
        secrets = {"secret_access_key": Secret(environment=secret)}
        return RcloneSettings(backend="s3", path=path, options=options, secrets=secrets)


@contextmanager
def s3_server() -> Iterator[Buckets]:
    """moto's server."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    if server._server:
        server._server.app = _whole(server._server.app)
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        yield Buckets(
            address,
            boto3.client(
                "s3",
                endpoint_url=address,
                aws_access_key_id="somebody",
                aws_secret_access_key="secret",
                region_name="us-east-1",
            ),
        )
    finally:
        server.stop()


def _whole(app: Any) -> Any:
    """Keep nothing of a file that breaks off, as S3 does; moto alone would keep what has come."""

    def answer(environ: dict[str, Any], start: Any) -> Any:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size)
        if len(body) < size:
            start("400 Bad Request", [])
            return [b""]
        return app({**environ, "wsgi.input": io.BytesIO(body)}, start)

    return answer


class Socks:
    """A proxy (SOCKS 5, RFC 1928) that takes whatever host is named for one port of this machine."""

    def __init__(self, port: int) -> None:
        asked: list[str] = []

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                here = self.request
                here.recv(2)
                here.recv(8)
                here.sendall(b"\x05\x00")
                kind = here.recv(4)[3]
                name = here.recv(here.recv(1)[0]).decode() if kind == 3 else socket.inet_ntoa(here.recv(4))
                here.recv(2)
                asked.append(name)
                with socket.create_connection(("127.0.0.1", port)) as there:
                    here.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
                    back = threading.Thread(target=_pour, args=(there, here), daemon=True)
                    back.start()
                    _pour(here, there)
                    back.join(timeout=10)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.asked = asked
        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"socks5h://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Socks:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Meter:
    """A port in front of one of this machine; `up` counts the bytes that have gone there."""

    def __init__(self, port: int) -> None:
        meter = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(("127.0.0.1", port)) as there:
                    back = threading.Thread(target=_pour, args=(there, self.request), daemon=True)
                    back.start()
                    _pour(self.request, there, meter._count)
                    back.join(timeout=10)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.up = 0
        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])

    def _count(self, size: int) -> None:
        self.up += size

    def __enter__(self) -> Meter:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _pour(source: Any, target: Any, count: Callable[[int], None] = lambda size: None) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
            count(len(data))
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
