"""The real nginx, Apache and Caddy on loopback, each with a tree and what was generated for it."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

from tests.components import find

NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/log/error.log info;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/log/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include /etc/nginx/mime.types;
    server {{
        listen 127.0.0.1:{http};
        listen 127.0.0.1:{https} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        root {tree};
        include {folder}/site.conf;
    }}
}}
"""

# As Debian sets it up, with the modules that are switched on there, and what they bring along.
APACHE = """\
ServerRoot {folder}
PidFile {folder}/apache.pid
Mutex file:{folder}
ErrorLog {folder}/log/error.log
LogFormat "%h %r" common
CustomLog {folder}/log/access.log common
Listen 127.0.0.1:{http}
Listen 127.0.0.1:{https}
{user}
{modules}
ServerTokens Prod
SSLSessionCache none
<VirtualHost *:{http}>
    ServerName localhost
    Define TOCSIN_ROOT {tree}
    Include {folder}/site.conf
</VirtualHost>
<VirtualHost *:{https}>
    ServerName localhost
    SSLEngine on
    SSLCertificateFile {folder}/cert.pem
    SSLCertificateKeyFile {folder}/key.pem
    Define TOCSIN_ROOT {tree}
    Include {folder}/site.conf
</VirtualHost>
"""
APACHE_MODULES = Path("/usr/lib/apache2/modules")
APACHE_SETTINGS = Path("/etc/apache2/mods-available")
SWITCHED_ON = """
mpm_event access_compat alias auth_basic authn_core authn_file authz_core authz_host authz_user autoindex
deflate dir env filter headers mime negotiation reqtimeout rewrite setenvif socache_shmcb ssl
""".split()  # noqa: SIM905
WITH_SETTINGS = ("alias", "autoindex", "deflate", "dir", "mime", "negotiation", "reqtimeout", "setenvif")

CADDY = """\
{{
    admin off
    auto_https off
    storage file_system {folder}/storage
    default_sni localhost
    log {{
        output file {folder}/log/error.log
    }}
}}
http://localhost:{http}, http://127.0.0.1:{http} {{
    root * {tree}
    import {folder}/site.conf
}}
https://localhost:{https}, https://127.0.0.1:{https} {{
    tls {folder}/cert.pem {folder}/key.pem
    root * {tree}
    import {folder}/site.conf
}}
"""


# What is generated for each.
GENERATED = {"nginx": "nginx.conf", "apache2": "apache.conf", "caddy": "Caddyfile"}


CERTIFICATE = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What a server said. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Server:
    """A running server."""

    name: str
    http: int
    https: int
    folder: Path

    def ask(
        self,
        target: str,
        method: str = "GET",
        *,
        secure: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, whose target is sent as it is."""
        connection: HTTPConnection
        if secure:
            context = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
            connection = HTTPSConnection("localhost", self.https, timeout=30, context=context)
        else:
            connection = HTTPConnection("localhost", self.http, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in ({"Host": "localhost"} | dict(headers or {})).items():
                connection.putheader(name, value)
            connection.endheaders()
            found = connection.getresponse()
            names = [name.lower() for name, _ in found.getheaders()]
            assert len(set(names)) == len(names), f"{self.name} says something twice: {found.getheaders()}"
            told = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, told, found.read())
        finally:
            connection.close()

    @property
    def logs(self) -> str:
        """All that it wrote down."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted((self.folder / "log").iterdir()))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def certificate(folder: Path) -> None:
    """A key and a certificate for localhost that signs itself."""
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = [str(find("openssl")), *CERTIFICATE.split(), "-addext", NAMES, *files]
    subprocess.run(command, check=True, capture_output=True)


def modules() -> str:
    """What loads the modules of Apache, with Debian's settings for them."""
    lines = [f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in SWITCHED_ON]
    lines += ["TypesConfig /etc/mime.types"]
    return "\n".join([*lines, *(f"Include {APACHE_SETTINGS}/{name}.conf" for name in WITH_SETTINGS)])


def command(name: str, folder: Path, values: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """Write the settings of a server; how it is started, and how it checks them."""
    is_root = os.geteuid() == 0
    program = str(find(name))
    settings = folder / f"{name}.conf"
    shutil.copy(f"{values['tree']}/server/{GENERATED[name]}", folder / "site.conf")
    if name == "nginx":
        settings.write_text(NGINX.format(**values))
        start = [program, "-c", str(settings), "-p", str(folder), "-e", str(folder / "log/error.log")]
        return start, [*start, "-t"]
    if name == "apache2":
        user = "User nobody\nGroup nogroup" if is_root else ""
        settings.write_text(APACHE.format(**values, user=user, modules=modules()))
        return [program, "-DFOREGROUND", "-f", str(settings)], [program, "-t", "-f", str(settings)]
    settings.write_text(CADDY.format(**values))
    options = ["--adapter", "caddyfile", "--config", str(settings)]
    return [program, "run", *options], [program, "validate", *options]


@contextmanager
def running(name: str, tree: Path) -> Iterator[Server]:
    """Start a server on a tree that anybody may read; first it must find its own settings in order."""
    with tempfile.TemporaryDirectory(prefix=f"tocsin-{name}-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "log").mkdir()
        certificate(folder)
        server = Server(name, free_port(), free_port(), folder)
        values = {"folder": folder, "tree": tree, "http": server.http, "https": server.https}
        start, check = command(name, folder, values)
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        told = subprocess.run(check, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert told.returncode == 0, told.stderr
        assert "[warn]" not in told.stderr, told.stderr
        process = subprocess.Popen(
            start, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        try:
            wait_until_it_answers(process, server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_it_answers(process: "subprocess.Popen[bytes]", server: Server) -> None:
    for _ in range(300):
        assert process.poll() is None, server.logs
        try:
            server.ask("/")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{server.name} does not answer: {server.logs}")


def readable_copy(tree: Path, target: Path) -> Path:
    """A copy of a tree that servers, which do not run as root, can read."""
    shutil.copytree(tree, target)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target
