"""Publishing by the real programs to real places: each holds exactly the edition, release after release."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests import mirror_editions as small
from tests.components import find
from tests.integration.far_places import Socks, s3_server, ssh_server, wait_until_open
from tests.integration.servers import free_port
from tocsin.mirrors.everywhere import publish_everywhere
from tocsin.mirrors.publishing import Outcome
from tocsin.model.mirrors import (
    ArchiveSettings,
    GitSettings,
    IpfsSettings,
    OnionSettings,
    RcloneSettings,
    RsyncSettings,
    Secret,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECRET = "kFq7-very-secret-word"
RELEASES = (small.first, small.second, small.withdrawn)


@pytest.fixture(scope="module")
def s3():
    with s3_server() as server:
        yield server


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("S3_SECRET", SECRET)
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")  # rclone must not hear of it


def publish(root, reached, files, count) -> Outcome:
    edition = small.edition_of(files, count, edition=reached.mirror.edition, address=reached.mirror.address)
    return publish_everywhere(root, [reached], {reached.mirror.edition: edition}, small.unseen())[0]


def follow(root, reached, there: Callable[[], Mapping[str, bytes]]) -> list[Outcome]:
    """Publish three releases and look each time at all that is there."""
    outcomes = []
    for count, files in enumerate(RELEASES, 1):
        outcome = publish(root, reached, files(), count)
        assert (outcome.faults, outcome.state) == ((), "published")
        edition = small.edition_of(
            files(), count, edition=reached.mirror.edition, address=reached.mirror.address
        )
        assert there() == small.whole(edition)
        outcomes.append(outcome)
    assert [outcome.put for outcome in outcomes[1:]] < [len(edition.files)] * 2
    return outcomes


@pytest.mark.real("rclone")
def test_a_bucket(s3, tmp_path):
    s3.make("plain-bucket")
    reached = small.reached("rclone", s3.settings("plain-bucket"))
    outcomes = follow(tmp_path, reached, lambda: s3.tree("plain-bucket"))
    assert outcomes[-1].recalled


@pytest.mark.real("rclone")
def test_a_folder_of_a_bucket_with_versions_keeps_none_that_was_withdrawn(s3, tmp_path):
    s3.make("versioned", versioned=True)
    s3.client.put_object(Bucket="versioned", Key="else/other.txt", Body=b"not ours")
    reached = small.reached("rclone", s3.settings("versioned/site"))

    def there():
        own = s3.tree("versioned")
        assert own.pop("else/other.txt") == b"not ours"
        return {path.removeprefix("site/"): data for path, data in own.items()}

    outcomes = follow(tmp_path, reached, there)
    assert outcomes[-1].notes == ("the bucket keeps old versions; they were deleted, and none is left",)
    assert s3.versions("versioned") == []


@pytest.mark.real("rclone")
def test_a_bucket_that_cannot_be_asked_for_versions_is_refused(s3, tmp_path, monkeypatch):
    reached = small.reached("rclone", s3.settings("no-such-bucket"))
    outcome = publish(tmp_path, reached, small.first(), 1)
    assert outcome.state == "failed"
    assert outcome.faults[0].startswith(
        "the bucket cannot be asked whether it keeps old versions: rclone failed (1): "
    )
    assert outcome.faults[0].endswith(
        '; if you know that it keeps none, add versions = "none" to its table in deploy.toml'
    )


@pytest.mark.real("rclone")
def test_what_is_listed_puts_right_what_was_changed_and_planted(s3, tmp_path):
    s3.make("audited")
    reached = small.reached("rclone", s3.settings("audited"))
    edition = small.edition_of(small.first())
    publish(tmp_path, reached, small.first(), 1)
    s3.client.put_object(Bucket="audited", Key="wp-login.php", Body=b"planted")
    s3.client.put_object(
        Bucket="audited", Key="fr/index.html", Body=b"x" * len(edition.read("fr/index.html"))
    )
    s3.client.delete_object(Bucket="audited", Key="feed.xml")
    assert publish(tmp_path, reached, small.first(), 1).state == "current"
    manner = small.unseen()
    manner.audit = True
    outcome = publish_everywhere(tmp_path, [reached], {small.ID: edition}, manner)[0]
    assert outcome.notes == ("was listed: 1 that are not ours, 1 missing, 1 changed",)
    assert (outcome.put, outcome.deleted) == (2, 1)
    assert s3.tree("audited") == small.whole(edition)


@pytest.mark.real("rclone")
def test_no_secret_is_in_arguments_or_in_what_is_told(s3, tmp_path, monkeypatch):
    seen = []
    real = subprocess.Popen

    def watched(words, **options):
        seen.append(words)
        return real(words, **options)

    monkeypatch.setattr(subprocess, "Popen", watched)
    settings = s3.settings("nowhere", address=f"http://127.0.0.1:1/{SECRET}")
    outcome = publish(tmp_path, small.reached("rclone", settings, attempts=1), small.first(), 1)
    assert outcome.state == "failed"
    assert seen
    assert SECRET not in str(seen)
    assert SECRET not in str(outcome.faults)
    assert "***" in str(outcome.faults)


@pytest.mark.real("rclone")
def test_a_bucket_is_reached_through_the_proxy_which_is_asked_for_the_name(s3, tmp_path):
    s3.make("by-proxy")
    port = int(s3.address.rpartition(":")[2])
    with Socks(port) as proxy:
        settings = s3.settings("by-proxy", address=f"http://storage:{port}")
        reached = small.reached("rclone", settings)
        reached = replace(reached, proxy=proxy.address, attempts=1)
        outcome = publish(tmp_path, reached, small.first(), 1)
        assert outcome.faults == ()
        assert set(proxy.asked) == {"storage", "127.0.0.1"}  # the store, and the mirror's own address
    assert len(s3.tree("by-proxy")) == outcome.put


@pytest.mark.real("rclone", "sshd", "ssh")
def test_sftp_leaves_no_empty_folder(tmp_path):
    with ssh_server(tmp_path / "ssh") as server:
        site = tmp_path / "site"
        settings = RcloneSettings(
            backend="sftp",
            path=str(site),
            options={
                "host": "127.0.0.1",
                "port": str(server.port),
                "user": server.user,
                "key_file": server.key,
                "known_hosts_file": server.known_hosts,
                "shell_type": "none",
            },
        )
        follow(tmp_path, small.reached("rclone", settings), lambda: small.tree(site))
        assert not (site / "with space").exists()
        proxied = small.reached("rclone", settings)
        proxied = replace(proxied, proxy="socks5h://127.0.0.1:9", attempts=1)
        (fault,) = publish(tmp_path, proxied, small.first(), 4).faults
        assert fault == (
            "rclone would reach sftp past the proxy; publish there by rsync, or take the proxy out of "
            "deploy.toml"
        )


@pytest.mark.real("rclone")
def test_webdav_with_a_password_that_a_command_gives(tmp_path):
    site, port = tmp_path / "site", free_port()
    site.mkdir()
    words = ["serve", "webdav", str(site), "--addr", f"127.0.0.1:{port}", "--user", "us", "--pass", SECRET]
    process = subprocess.Popen([str(find("rclone")), *words], stderr=subprocess.DEVNULL)
    try:
        wait_until_open(port)
        settings = RcloneSettings(
            backend="webdav",
            options={"url": f"http://127.0.0.1:{port}", "vendor": "other", "user": "us"},
            secrets={"pass": Secret(command=("printf", "%s\\n", SECRET))},
        )
        follow(tmp_path, small.reached("rclone", settings), lambda: small.tree(site))
        assert not (site / "with space").exists()
        wrong = settings.model_copy(update={"secrets": {"pass": Secret(command=("echo", "wrong-word"))}})
        outcome = publish(tmp_path, small.reached("rclone", wrong, attempts=3), small.first(), 4)
        assert outcome.state == "failed"
        assert "401" in outcome.faults[0]
        assert "wrong-word" not in outcome.faults[0]
    finally:
        process.terminate()
        process.wait(timeout=30)


def rsync_settings(server, **more) -> RsyncSettings:
    return RsyncSettings(
        host="127.0.0.1",
        user=server.user,
        port=server.port,
        key=server.key,
        known_hosts=server.known_hosts,
        **more,
    )


@pytest.mark.real("rsync", "rrsync", "sshd", "ssh")
def test_a_key_that_may_only_write(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    with ssh_server(tmp_path / "ssh", f"rrsync -wo {site}") as server:
        settings = rsync_settings(server)
        follow(tmp_path, small.reached("rsync", settings), lambda: small.tree(site))
        assert not (site / "with space").exists()
        assert {path.stat().st_mode & 0o777 for path in site.rglob("*") if path.is_file()} == {0o644}
        with_shell = small.reached("rsync", rsync_settings(server, shell=True), attempts=1)
        outcome = publish(tmp_path, with_shell, small.first(), 5)
        assert outcome.state == "failed"
        assert "ssh failed" in outcome.faults[0]


@pytest.mark.real("rsync", "sshd", "ssh")
def test_with_a_shell_releases_lie_side_by_side_and_a_link_is_switched(tmp_path):
    site = tmp_path / "the site"
    with ssh_server(tmp_path / "ssh") as server:
        settings = rsync_settings(server, shell=True, folder=str(site))
        follow(tmp_path, small.reached("rsync", settings), lambda: small.tree(site / "current"))
    assert (site / "current").is_symlink()
    assert len(list((site / "releases").iterdir())) == 1
    assert not (site / "current/with space").exists()


@pytest.mark.real("rsync", "sshd", "ssh", "nc")
def test_a_server_is_reached_through_the_proxy_which_is_asked_for_the_name(tmp_path):
    site = tmp_path / "site"
    with ssh_server(tmp_path / "ssh") as server, Socks(server.port) as proxy:
        known = (tmp_path / "ssh/known_hosts").read_text()
        (tmp_path / "ssh/known_hosts").write_text(known.replace("127.0.0.1", "server.example"))
        settings = rsync_settings(server, folder=str(site)).model_copy(update={"host": "server.example"})
        reached = replace(small.reached("rsync", settings, attempts=1), proxy=proxy.address)
        outcome = publish(tmp_path, reached, small.first(), 1)
        assert outcome.faults == ()
        assert set(proxy.asked) == {"server.example", "127.0.0.1"}  # and the mirror's own address
    assert len(small.tree(site)) == outcome.put


@pytest.mark.real("rsync", "sshd", "ssh")
def test_an_unknown_host_is_refused_and_not_asked_again(tmp_path):
    with ssh_server(tmp_path / "ssh") as server:
        (tmp_path / "ssh/known_hosts").write_text("")
        outcome = publish(tmp_path, small.reached("rsync", rsync_settings(server)), small.first(), 1)
    assert outcome.state == "failed"
    assert "Host key verification failed" in outcome.faults[0]


@pytest.mark.real("git")
def test_a_branch_holds_one_commit_without_a_past(tmp_path):
    run = ["git", "-C", str(tmp_path)]
    subprocess.run([*run, "init", "--quiet", "--bare", "bare"], check=True)
    settings = GitSettings(repository="bare", branch="pages")

    def there():
        count = ["git", "--git-dir", str(tmp_path / "bare"), "rev-list", "--count", "pages"]
        assert subprocess.run(count, capture_output=True, text=True, check=True).stdout == "1\n"
        work = tmp_path / "work"
        subprocess.run([*run, "clone", "--quiet", "--branch", "pages", "bare", str(work)], check=True)
        found = {path: data for path, data in small.tree(work).items() if not path.startswith(".git/")}
        subprocess.run(["rm", "-r", str(work)], check=True)
        return found

    outcomes = follow(tmp_path, small.reached("git", settings), there)
    assert outcomes[-1].withdrawn
    assert not outcomes[-1].recalled
    own = tmp_path / "mirrors/.workshops/oslo/repository"
    told = ["git", "--git-dir", str(own), "cat-file", "--batch-all-objects", "--batch"]
    kept = subprocess.run(told, capture_output=True, check=True).stdout
    assert b"two, edited" in kept
    assert b"picture of three" not in kept  # in no repository of ours, at least
    first = subprocess.run([*told[:3], "rev-parse", "next"], capture_output=True, check=True).stdout
    subprocess.run(["rm", "-r", str(tmp_path / "mirrors")], check=True)
    publish(tmp_path, small.reached("git", settings), small.withdrawn(), 3)
    again = subprocess.run([*told[:3], "rev-parse", "next"], capture_output=True, check=True).stdout
    assert again == first  # the same release is the same commit, on whatever machine


def test_an_archive_is_the_same_bytes_everywhere(tmp_path):
    settings = ArchiveSettings(folder="stick")

    def there():
        (found,) = (tmp_path / "stick").iterdir()
        with zipfile.ZipFile(found) as archive:
            entries = archive.infolist()
            assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
            assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
            return {entry.filename: archive.read(entry) for entry in entries}

    outcomes = follow(tmp_path, small.reached("archive", settings), there)
    assert not outcomes[-1].recalled
    (found,) = (tmp_path / "stick").iterdir()
    before = found.read_bytes()
    subprocess.run(["rm", "-r", str(tmp_path / "mirrors"), str(tmp_path / "stick")], check=True)
    publish(tmp_path, small.reached("archive", settings), small.withdrawn(), 3)
    assert found.read_bytes() == before


def ipfs_settings(tmp_path, **more) -> IpfsSettings:
    program = tmp_path / "ipfs"
    program.write_text(f"#!{sys.executable}\n" + (HERE / "ipfs_double.py").read_text())
    program.chmod(0o755)
    return IpfsSettings(repository="node", program=str(program), **more)


def test_a_node_of_ipfs_gets_the_offline_edition_and_lets_go_of_the_last_one(tmp_path):
    reached = small.reached("ipfs", ipfs_settings(tmp_path, name="site"))
    node = tmp_path / "node"

    def there():
        (found,) = [path for path in node.iterdir() if path.name.startswith("bafy")]
        return small.tree(found)

    outcomes = follow(tmp_path, reached, there)
    (address,) = (node / "pins").read_text().split()
    assert outcomes[-1].notes == (f"its address is ipfs://{address}",)
    assert f'"--key=site", "/ipfs/{address}"' in (node / "calls").read_text()
    assert outcomes[-1].withdrawn
    assert not outcomes[-1].recalled


@pytest.mark.real("kubo")
def test_a_real_node_of_ipfs_gives_back_what_it_was_given(tmp_path, monkeypatch):
    program = tmp_path / "ipfs"
    kubo = ROOT / "tests/tools/ipfs/kubo.py"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{kubo}" "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "IPFS_PATH": str(tmp_path / "node")}

    def ask(*words: str) -> str:
        done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def there():
        told = json.loads((tmp_path / "mirrors/.accounts/offline-oslo.changes.json").read_text())
        shutil.rmtree(tmp_path / "got", ignore_errors=True)
        ask("get", told["note"], str(tmp_path / "got"))
        assert told["note"] in ask("pin", "ls")
        return small.tree(tmp_path / "got")

    settings = IpfsSettings(repository=str(tmp_path / "node"), program=str(program))
    outcomes = follow(tmp_path, small.reached("ipfs", settings), there)
    addresses = [outcome.notes[-1].removeprefix("its address is ipfs://") for outcome in outcomes]
    assert len(set(addresses)) == 3
    pinned = ask("pin", "ls")
    assert [address in pinned for address in addresses] == [False, False, True]


def test_what_can_be_withdrawn_never_goes_to_ipfs(tmp_path):
    settings = ipfs_settings(tmp_path)
    reached = small.reached("ipfs", settings)
    reached = replace(reached, mirror=replace(reached.mirror, edition=small.ID))
    edition = small.edition_of(small.first())
    (outcome,) = publish_everywhere(tmp_path, [reached], {small.ID: edition}, small.unseen())
    assert outcome.faults == ("can recall nothing, so it takes the offline edition only",)
    assert not (tmp_path / "node").exists()
    proxied = replace(small.reached("ipfs", settings), proxy="socks5h://127.0.0.1:9")
    assert publish(tmp_path, proxied, small.first(), 1).faults == (
        "the kind ipfs keeps to no proxy; take it out of deploy.toml",
    )


ONION = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion"
POLICY = "add_header X-Content-Type-Options nosniff always;\n"


@pytest.mark.real("nginx")
def test_an_onion_service_has_its_settings_beside_the_tree(tmp_path):
    port = free_port()
    settings = OnionSettings(folder="onion", service="/var/lib/tor/site", port=port)
    reached = small.reached("onion", settings, address=f"http://{ONION}/")
    reached = replace(reached, proxy="socks5h://127.0.0.1:9")  # for looking at it, where somebody does
    files = small.first() | {"server/nginx.conf": POLICY.encode()}
    outcome = publish(tmp_path, reached, files, 1)
    assert (outcome.state, outcome.faults) == ("published", ())
    folder = tmp_path / "onion"
    assert (folder / "torrc").read_text().splitlines()[2:5] == [
        "HiddenServiceDir /var/lib/tor/site",
        "HiddenServiceVersion 3",
        f"HiddenServicePort 80 127.0.0.1:{port}",
    ]
    assert (folder / "policy.conf").read_text() == POLICY
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"user {pwd.getpwuid(os.getuid()).pw_name};\ndaemon off;\npid {tmp_path}/pid;\n"
        "error_log stderr;\nevents { worker_connections 64; }\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/body; include {folder}/nginx.conf; }}\n"
    )
    process = subprocess.Popen([find("nginx"), "-c", whole, "-p", tmp_path], stderr=subprocess.DEVNULL)
    try:
        wait_until_open(port)
        answer = httpx.get(f"http://127.0.0.1:{port}/fr/index.html", headers={"Host": ONION})
        assert answer.content == files["fr/index.html"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.real("tor")
def test_tor_understands_the_settings_of_an_onion_service(tmp_path):
    service = tmp_path / "service"
    service.mkdir(mode=0o700)
    settings = OnionSettings(folder="onion", service=str(service), port=8199)
    reached = small.reached("onion", settings, address=f"http://{ONION}/")
    reached = replace(reached, proxy="socks5h://127.0.0.1:9")
    assert publish(tmp_path, reached, small.first(), 1).state == "published"
    words = ["--verify-config", "-f", str(tmp_path / "onion/torrc"), "--DataDirectory", str(tmp_path / "tor")]
    told = subprocess.run([find("tor"), *words, "--hush"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_an_onion_address_is_that_of_the_key(tmp_path):
    (tmp_path / "service").mkdir()
    (tmp_path / "service/hostname").write_text(f"{'a' * 56}.onion\n")
    settings = OnionSettings(folder="onion", service="service")
    reached = small.reached("onion", settings, address=f"http://{ONION}/")
    assert publish(tmp_path, reached, small.first(), 1).faults == (
        f"the key that tor holds is that of {'a' * 56}.onion, not of {ONION}",
    )


def test_a_missing_program_is_told_with_its_package(tmp_path, monkeypatch, s3):
    monkeypatch.setenv("PATH", str(tmp_path))
    git = small.reached("git", GitSettings(repository="bare"))
    rclone = small.reached("rclone", s3.settings("plain-bucket"))
    assert publish(tmp_path, git, small.first(), 1).faults == (
        "the program 'git' is missing; in Debian: apt install git",
    )
    assert publish(tmp_path, rclone, small.first(), 1).faults == (
        "the program 'rclone' is missing; in Debian: apt install rclone",
    )


def test_a_secret_that_is_not_there_is_told_by_the_name_of_its_place(tmp_path, monkeypatch, s3):
    monkeypatch.delenv("S3_SECRET")
    outcome = publish(tmp_path, small.reached("rclone", s3.settings("x")), small.first(), 1)
    assert outcome.faults == ("the environment variable S3_SECRET is not set",)
    settings = s3.settings("x").model_copy(
        update={"secrets": {"secret_access_key": Secret(command=("sh", "-c", f"echo {SECRET} >&2; exit 1"))}}
    )
    outcome = publish(tmp_path, small.reached("rclone", settings), small.first(), 1)
    assert outcome.faults == ("the password command 'sh' gave nothing",)
    assert SECRET not in str(outcome)
