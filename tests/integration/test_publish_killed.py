"""Publishers that are killed while rclone or rsync is sending: what readers get, and what comes of it."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import mirror_editions as small
from tests.integration import publisher
from tests.integration.far_places import Meter, s3_server, ssh_server

FACTS = f"""\
schema = 1

[mirrors.oslo]
edition = "{small.ID}"
address = "{small.ADDRESS}"
kind = "%s"
"""
S3 = """\
[mirrors.oslo.rclone]
backend = "s3"
path = "{bucket}"
versions = "none"

[mirrors.oslo.rclone.options]
provider = "Other"
endpoint = "http://127.0.0.1:{port}"
region = "us-east-1"
access_key_id = "somebody"
upload_cutoff = "1Mi"

[mirrors.oslo.rclone.secrets]
secret_access_key = {{ command = ["echo", "secret"] }}
"""
SFTP = """\
[mirrors.oslo.rclone]
backend = "sftp"
path = "{folder}/site"

[mirrors.oslo.rclone.options]
host = "127.0.0.1"
port = "{port}"
user = "{user}"
key_file = "{folder}/ssh/user"
known_hosts_file = "{folder}/ssh/known_hosts"
shell_type = "none"
"""
RSYNC = """\
[mirrors.oslo.rsync]
host = "127.0.0.1"
port = {port}
user = "{user}"
key = "{folder}/ssh/user"
known_hosts = "{folder}/ssh/known_hosts"
"""
WITH_SHELL = RSYNC + 'shell = true\nfolder = "{folder}/site"\n'
# Kilobytes a second: what is sent takes many seconds.
SLOW = 100
BEGUN = 250_000


@dataclass
class Far:
    """A mirror far away. `tree` is what readers get there, `rest` says what else is there."""

    folder: Path
    ways: str
    meter: Meter
    tree: Callable[[], Mapping[str, bytes]]
    rest: Callable[[], list[str]]

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def limit(self, kilobytes: int | None) -> None:
        limit = f"bandwidth = {kilobytes}\n" if kilobytes else ""
        ways = f"schema = 1\n\n[mirrors.oslo]\nattempts = 1\n{limit}\n{self.ways}"
        (self.root / "deploy.toml").write_text(ways)

    def orphans(self) -> list[str]:
        """Programs that work for the publisher, here and there."""
        return [words for words in _running(str(self.folder)) if "sshd_config" not in words]


Way = Callable[[Path], AbstractContextManager[Far]]


def _running(part: str) -> Iterator[str]:
    for told in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = told.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if part in words:
            yield words


@contextmanager
def bucket(folder: Path) -> Iterator[Far]:
    with s3_server() as server, Meter(int(server.address.rpartition(":")[2])) as meter:
        name = f"site-{secrets.token_hex(4)}"  # the server's memory is that of this process
        server.make(name)

        def rest() -> list[str]:
            told = server.client.list_multipart_uploads(Bucket=name)
            return [one["Key"] for one in told.get("Uploads", [])]

        ways = S3.format(port=meter.port, bucket=name)
        yield Far(folder, ways, meter, lambda: server.tree(name), rest)


@contextmanager
def _by_ssh(folder: Path, ways: str, forced: str = "", site: str = "site") -> Iterator[Far]:
    (folder / "site").mkdir()
    with ssh_server(folder / "ssh", forced) as server, Meter(server.port) as meter:
        known = folder / "ssh/known_hosts"
        known.write_text(known.read_text().replace(str(server.port), str(meter.port)))

        def tree() -> Mapping[str, bytes]:
            return small.tree(folder / site)

        def rest() -> list[str]:
            incoming = [path.name for path in folder.glob(".*")]
            return incoming if site == "site" else _beside(folder / "site")

        told = ways.format(port=meter.port, user=server.user, folder=folder)
        yield Far(folder, told, meter, tree, rest)


def _beside(site: Path) -> list[str]:
    """What lies beside the release that is served."""
    served = (site / "current").resolve()
    found = (*site.iterdir(), *(site / "releases").iterdir())
    return [path.name for path in found if path.resolve() not in {served, served.parent}]


def sftp(folder: Path) -> AbstractContextManager[Far]:
    return _by_ssh(folder, SFTP)


def write_only(folder: Path) -> AbstractContextManager[Far]:
    return _by_ssh(folder, RSYNC, f"rrsync -wo {folder}/site")


def with_shell(folder: Path) -> AbstractContextManager[Far]:
    return _by_ssh(folder, WITH_SHELL, site="site/current")


NEEDS: dict[Way, list[str]] = {bucket: ["rclone"], sftp: ["rclone", "sshd", "ssh"]}
NEEDS |= {write_only: ["rsync", "rrsync", "sshd", "ssh"], with_shell: ["rsync", "sshd", "ssh"]}
KILLED, TERMINATED, INTERRUPTED = signal.SIGKILL, signal.SIGTERM, signal.SIGINT


def ways(*cases: tuple[Way, signal.Signals]) -> pytest.MarkDecorator:
    """Places far away, and how the publisher ends."""
    found = [
        pytest.param(way, number, marks=pytest.mark.real(*NEEDS[way]), id=f"{way.__name__}-{number.name}")
        for way, number in cases
    ]
    return pytest.mark.parametrize(("way", "number"), found)


@contextmanager
def published(way: Way, folder: Path) -> Iterator[Far]:
    """A mirror that has the first release."""
    (folder / "root").mkdir()
    with way(folder) as far:
        kind = "rsync" if "rsync" in far.ways else "rclone"
        (far.root / "mirrors.toml").write_text(FACTS % kind)
        far.limit(None)
        assert publisher.publish(far.root, 1).faults == ()
        yield far


def killed_while_sending(far: Far, count: int, number: signal.Signals) -> None:
    """Publish slowly, and end the publisher when bytes of the large file are on their way."""
    far.limit(SLOW)
    before = far.meter.up
    process = publisher.start(far.root, count)
    try:
        wait_for(lambda: far.meter.up - before > BEGUN or process.poll() is not None)
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        begun = time.monotonic()
        process.send_signal(number)
        process.wait(timeout=30)
        assert time.monotonic() - begun < 8
    finally:
        process.kill()
        process.communicate()
    wait_for(lambda: far.orphans() == [])
    assert far.meter.up - before < publisher.SIZE
    far.limit(None)


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


@ways(
    (bucket, KILLED),
    (bucket, TERMINATED),
    (sftp, INTERRUPTED),
    (write_only, KILLED),
    (write_only, INTERRUPTED),
    (with_shell, KILLED),
)
def test_readers_keep_the_last_release_and_the_next_publish_goes_on(
    way: Way, number: signal.Signals, tmp_path: Path
) -> None:
    with published(way, tmp_path) as far:
        before, after = small.whole(publisher.edition(1)), small.whole(publisher.edition(2))
        killed_while_sending(far, 2, number)
        found = far.tree()
        assert {path: found.get(path) for path in before} == before
        assert set(found) <= set(before) | set(after)

        outcome = publisher.publish(far.root, 2)
        assert (outcome.faults, outcome.state) == ((), "published")
        assert far.tree() == after
        assert (far.rest(), far.orphans()) == ([], [])
        assert small.tree(far.root / "mirrors/.workshops") == {}
        assert publisher.publish(far.root, 2).put == 0


@ways((write_only, KILLED))
def test_nothing_stays_of_a_release_that_was_never_published_to_its_end(
    way: Way, number: signal.Signals, tmp_path: Path
) -> None:
    with published(way, tmp_path) as far:
        killed_while_sending(far, 2, number)
        assert publisher.publish(far.root, 3).faults == ()
        assert far.tree() == small.whole(publisher.edition(3))
        assert far.rest() == []


@ways((bucket, KILLED), (sftp, KILLED), (write_only, KILLED))
def test_what_is_replaced_is_the_old_one_or_the_new_one(
    way: Way, number: signal.Signals, tmp_path: Path
) -> None:
    with published(way, tmp_path) as far:
        before, after = small.whole(publisher.edition(1)), small.whole(publisher.edition(4))
        killed_while_sending(far, 4, number)
        found = far.tree()
        wrong = {path for path in before if found.get(path) not in {before[path], after.get(path)}}
        assert wrong == set()
        assert publisher.publish(far.root, 4).faults == ()
        assert far.tree() == after
        assert far.rest() == []
