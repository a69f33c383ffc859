"""A private tor network on loopback: three authorities, four relays, a client, the host of an onion service.

What tor's own tests call a testing network: the same programs and protocols as out there, with intervals of
seconds in place of hours. Nothing leaves this machine.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.components import find
from tests.integration.servers import free_port

AUTHORITIES, RELAYS = ("a0", "a1", "a2"), ("r0", "r1", "r2", "r3")
CLIENT, HOST = "c0", "h0"
BOOTSTRAPPED = "Bootstrapped 100%"
PATIENCE = 240.0
# Seconds from one vote of the authorities to the next, which begin at multiples of it on the clock.
INTERVAL = 20

SETTINGS = """\
TestingTorNetwork 1
DataDirectory {folder}
Nickname {name}
Address 127.0.0.1
ShutdownWaitLength 0
Log notice file {folder}/notice.log
PathsNeededToBuildCircuits 0.25
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
V3AuthNIntervalsValid 2
TestingV3AuthInitialVotingInterval {interval}
TestingV3AuthInitialVoteDelay 4
TestingV3AuthInitialDistDelay 4
ConnLimit 60
ExitRelay 0
AssumeReachable 1
EnforceDistinctSubnets 0
V3AuthVotingInterval {interval}
V3AuthVoteDelay 4
V3AuthDistDelay 4
SocksPort {socks}
"""
AUTHORITY = """\
OrPort 127.0.0.1:{port}
DirPort 127.0.0.1:{directory}
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo authority@tocsin.example
TestingMinExitFlagThreshold 0
"""
NOBODY = "x orport=1 v3ident=" + "0" * 40 + " 127.0.0.1:1 " + "0" * 40


@dataclass(frozen=True)
class TorNetwork:
    """A running network. `proxy` is where its client listens."""

    folder: Path
    socks: int

    @property
    def proxy(self) -> str:
        return f"socks5h://127.0.0.1:{self.socks}"

    def wait_for(self, host: str) -> None:
        """Wait until the client reaches an onion service: a new one is found once it has told where it is."""
        until = time.monotonic() + PATIENCE
        while not self._reaches(host):
            assert time.monotonic() < until, self.log(HOST) + self.log(CLIENT)
            time.sleep(1)

    def _reaches(self, host: str) -> bool:
        """Ask the client for a connection (RFC 1928), which is then let go."""
        with socket.create_connection(("127.0.0.1", self.socks), timeout=PATIENCE) as asked:
            asked.sendall(b"\x05\x01\x00")
            asked.recv(2)
            asked.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host.encode() + b"\x00\x50")
            return asked.recv(10)[1:2] == b"\x00"

    def log(self, name: str) -> str:
        file = self.folder / name / "notice.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _tor(*words: str) -> list[str]:
    return [str(find("tor")), "--defaults-torrc", os.devnull, *words]


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder)}


def make_onion(service: Path) -> str:
    """Let tor make the key of an onion service, without any network; the host that the key stands for."""
    folder = service.parent / f"{service.name}-maker"
    folder.mkdir(mode=0o700, parents=True)
    (folder / "torrc").touch()
    options = ["--DataDirectory", str(folder), "--DisableNetwork", "1", "--SocksPort", "0"]
    options += ["--HiddenServiceDir", str(service), "--HiddenServicePort", "80 127.0.0.1:9"]
    process = subprocess.Popen(
        _tor("-f", str(folder / "torrc"), *options), env=_environment(folder), stdout=subprocess.DEVNULL
    )
    try:
        told = service / "hostname"
        for _ in range(300):
            if told.is_file() and (host := told.read_text(encoding="ascii").strip()):
                return host
            assert process.poll() is None, "tor ended before it had made a key"
            time.sleep(0.1)
        raise AssertionError("tor made no key")
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)


@contextmanager
def tor_network(folder: Path, hosted: Path) -> Iterator[TorNetwork]:
    """Start a network whose host includes the settings in the file `hosted`; ready when all know of all."""
    network = TorNetwork(folder, free_port())
    known = "".join(_authority(folder, name) for name in AUTHORITIES)
    for name in RELAYS:
        _write(folder, name, f"OrPort 127.0.0.1:{free_port()}\n")
    _write(folder, CLIENT, "", socks=f"127.0.0.1:{network.socks}")
    _write(folder, HOST, f"%include {hosted}\n")
    running: dict[str, subprocess.Popen[bytes]] = {}
    # Whoever has not told of itself before the first vote is not known before the next.
    time.sleep(INTERVAL - time.time() % INTERVAL)
    try:
        for name in (*AUTHORITIES, *RELAYS, CLIENT, HOST):
            torrc = folder / name / "torrc"
            torrc.write_text(torrc.read_text(encoding="utf-8") + known, encoding="utf-8")
            running[name] = subprocess.Popen(
                _tor("-f", str(torrc)),
                env=_environment(folder),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        until = time.monotonic() + PATIENCE
        while not all(BOOTSTRAPPED in network.log(name) for name in (CLIENT, HOST)):
            assert time.monotonic() < until, network.log(CLIENT) + network.log(HOST)
            ended = [name for name, process in running.items() if process.poll() is not None]
            assert not ended, "".join(network.log(name) for name in ended)
            time.sleep(0.5)
        yield network
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(timeout=30)


def _write(folder: Path, name: str, more: str, socks: str = "0") -> None:
    own = folder / name
    own.mkdir(mode=0o700, exist_ok=True)
    text = SETTINGS.format(folder=own, name=name, socks=socks, interval=INTERVAL) + more
    (own / "torrc").write_text(text, encoding="utf-8")


def _authority(folder: Path, name: str) -> str:
    """Make the keys and settings of an authority; the line by which all others know it."""
    port, directory = free_port(), free_port()
    _write(folder, name, AUTHORITY.format(port=port, directory=directory))
    keys = folder / name / "keys"
    keys.mkdir(mode=0o700)
    files = [
        ("-i", "authority_identity_key"),
        ("-s", "authority_signing_key"),
        ("-c", "authority_certificate"),
    ]
    options = [word for option, file in files for word in (option, str(keys / file))]
    subprocess.run(
        [
            "tor-gencert",
            "--create-identity-key",
            "--passphrase-fd",
            "0",
            "-a",
            f"127.0.0.1:{directory}",
            *options,
        ],
        input=b"\n",
        check=True,
        capture_output=True,
        env=_environment(folder),
    )
    told = subprocess.run(
        _tor("--quiet", "-f", str(folder / name / "torrc"), "--list-fingerprint", "--DirAuthority", NOBODY),
        check=True,
        capture_output=True,
        text=True,
        env=_environment(folder),
    )
    fingerprint = told.stdout.splitlines()[-1].partition(" ")[2].replace(" ", "")
    certificate = (keys / "authority_certificate").read_text(encoding="ascii")
    identity = next(line.split()[1] for line in certificate.splitlines() if line.startswith("fingerprint "))
    place = f"127.0.0.1:{directory} {fingerprint}"
    return f"DirAuthority {name} orport={port} no-v2 v3ident={identity} {place}\n"
