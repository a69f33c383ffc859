"""A release at a real onion service, served by what `publish` writes for tor and nginx, verified over it."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.components import find
from tests.integration.checkout import Checkout, copy_built
from tests.integration.released import NOON, desk_of, newest
from tests.integration.servers import free_port
from tests.integration.tor_network import TorNetwork, make_onion, tor_network
from tests.mirror_editions import unseen
from tocsin.console.release import release
from tocsin.mirrors.configured import load_reached
from tocsin.mirrors.everywhere import publish_everywhere
from tocsin.mirrors.looking import Wanted, look
from tocsin.reporting import SilentReporter
from tocsin.signed.edition import Edition
from tocsin.verify.verdicts import Verdict
from tocsin.verify.verifying import Options, Trust, verify
from tocsin.verify.web import WebSource

pytestmark = pytest.mark.real("tor", "nginx")

EDITION = "abcdefghij"
FACTS = """\
schema = 1

[mirrors.onion]
edition = "{edition}"
address = "http://{host}/"
kind = "onion"
"""
WAYS = """\
schema = 1

[mirrors.onion]
proxy = "{proxy}"

[mirrors.onion.onion]
folder = "{folder}"
service = "{service}"
port = {port}
"""
NGINX = """\
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/published/nginx.conf;
}}
"""


class Reached(NamedTuple):
    """A release behind an onion service."""

    address: str
    network: TorNetwork
    edition: Edition
    tree: Path
    root: bytes
    nginx: Path

    def verdict(self) -> Verdict:
        source = WebSource(self.address, proxy=self.network.proxy)
        return verify(source, Trust(self.root), Options(at=NOON), SilentReporter()).worst


@contextmanager
def nginx(folder: Path) -> Iterator[None]:
    """The real nginx with the settings that were published."""
    settings = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    settings.write_text(NGINX.format(folder=folder, user=user), encoding="utf-8")
    command = [str(find("nginx")), "-c", str(settings), "-p", str(folder), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def released(site: Checkout, host: str, ways: str) -> tuple[Edition, bytes]:
    """A release with an edition of the onion service."""
    site.write("mirrors.toml", FACTS.format(edition=EDITION, host=host))
    site.write("deploy.toml", ways)
    desk = desk_of(site)
    release(desk, NOON)
    edition = newest(desk)[EDITION]
    return edition, edition.read("metadata/1.root.json")


@pytest.fixture(scope="module")
def reached(built_small, tmp_path_factory) -> Iterator[Reached]:
    site = copy_built(built_small, tmp_path_factory.mktemp("onion") / "checkout")
    # Sockets and keys want short paths that belong to us alone.
    with tempfile.TemporaryDirectory(prefix="tocsin-tor-") as made:
        folder = Path(made)
        service, published = folder / "service", folder / "published"
        host = make_onion(service)
        ways = WAYS.format(proxy="socks5h://127.0.0.1:9", folder=published, service=service, port=free_port())
        edition, root = released(site, host, ways)
        [mirror] = load_reached(site.root)
        [outcome] = publish_everywhere(site.root, [mirror], {EDITION: edition}, unseen())
        assert outcome.faults == ()
        with nginx(folder), tor_network(folder, published / "torrc") as network:
            found = Reached(f"http://{host}/", network, edition, published / "site", root, folder)
            network.wait_for(host)
            yield found


def test_the_release_behind_the_onion_is_authentic_and_nobody_was_noted_down(reached):
    assert reached.address.removesuffix("/").endswith(".onion")
    assert reached.verdict() is Verdict.AUTHENTIC
    logs = [reached.nginx / name for name in ("access.log", "error.log")]
    assert all(not log.exists() or "GET" not in log.read_text(encoding="utf-8") for log in logs)


def test_whoever_publishes_sees_by_the_same_way_that_everything_is_there(reached):
    wanted = Wanted(reached.address, reached.edition, list(reached.edition.files), [], reached.network.proxy)
    found = look(wanted)
    assert (found.faults, found.looked >= 40) == ((), True)


def test_headers_are_those_of_the_policy_without_those_that_need_tls(reached):
    with httpx.Client(proxy=reached.network.proxy, trust_env=False, timeout=60) as client:
        headers = client.get(reached.address).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in headers
    assert "onion-location" not in headers, "the reader is there already"


def test_a_page_that_somebody_changed_on_the_host_is_found_by_that_way(reached):
    page = reached.tree / "fr" / "index.html"
    kept = page.read_bytes()
    page.write_bytes(kept.replace(b"</body>", b"<p>Nothing happened.</p></body>"))
    try:
        assert reached.verdict() is Verdict.ALTERED
    finally:
        page.write_bytes(kept)
