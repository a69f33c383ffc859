"""Calling the programs that do the sending: with few words of the environment, and no secret in arguments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from tocsin.mirrors.place import STOPPED, PlaceError
from tocsin.model.mirrors import Secret

# All that programs get of our environment. Variables such as AWS_CA_BUNDLE would change what they do.
_PASSED = ("PATH", "HOME", "SSH_AUTH_SOCK", "TMPDIR", "SYSTEMROOT", "APPDATA", "GNUPGHOME")
_PACKAGES = {
    "rclone": "rclone",
    "rsync": "rsync",
    "ssh": "openssh-client",
    "git": "git",
    "nc": "netcat-openbsd",
}
_HOPELESS = re.compile(
    r"permission denied|access ?denied|forbidden|authentication failed|no space left|disk quota"
    r"|host key verification failed|unauthori[sz]ed|invalidaccesskeyid|signaturedoesnotmatch"
    r"|nosuchbucket|unable to authenticate|could not read (?:username|password)|read-only file system",
    re.IGNORECASE,
)
_MOST_LINES = 4
SECONDS = 3600
# Seconds until a stop is noticed, and that a program then has to end by itself before it is killed.
_TICK, _GRACE = 0.2, 3


class Program:
    """A program found on the path. `told` are variables of its own; `secrets` are masked in what it says.

    It ends where `stop` is set while it runs.
    """

    def __init__(
        self, name: str, told: Mapping[str, str], secrets: Iterable[str] = (), *, stop: Event | None = None
    ) -> None:
        self.name = name
        self.stop = stop or Event()
        self.file = found(name)
        passed = {variable: os.environ[variable] for variable in _PASSED if variable in os.environ}
        self.environment = {**passed, "LC_ALL": "C.UTF-8", **told}
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def run(self, words: Sequence[str], *, given: bytes = b"", fine: Iterable[int] = (0,)) -> bytes:
        """What it prints; raise `PlaceError` with what it says of its failure."""
        try:
            code, out, error = self._ran([*_leash(), self.file, *words], given)
        except subprocess.TimeoutExpired:
            raise PlaceError(f"{self.name} did not end within an hour") from None
        except OSError as failure:
            raise PlaceError(f"{self.name} cannot be started: {failure.strerror}", is_final=True) from None
        if self.stop.is_set():
            raise PlaceError(STOPPED, is_final=True)
        if code not in fine:
            said = self.masked(error.decode("utf-8", "replace") or out.decode("utf-8", "replace"))
            raise PlaceError(
                f"{self.name} failed ({code}): {_last(said)}", is_final=bool(_HOPELESS.search(said))
            )
        return out

    def _ran(self, command: Sequence[str], given: bytes) -> tuple[int, bytes, bytes]:
        """Exit code, output and errors of a command."""
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            try:
                with _ended_by(self.stop, process):
                    out, error = process.communicate(given, timeout=SECONDS)
            except BaseException:
                process.kill()
                raise
        return process.returncode, out, error

    def masked(self, text: str) -> str:
        """A text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def found(name: str) -> str:
    """Where a program is; raise `PlaceError` with the package where it is missing."""
    path = shutil.which(name)
    if path is None:
        package = _PACKAGES.get(Path(name).name)
        way = f"; in Debian: apt install {package}" if package else "; install it, or name its path"
        raise PlaceError(f"the program '{name}' is missing{way}", is_final=True)
    return path


def _leash() -> list[str]:
    """What lets a program die with us: one that went on alone would push into the next publish."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


@contextmanager
def _ended_by(stop: Event, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a program that is at work when publishing is stopped: its transfer may take an hour."""
    is_done = Event()

    def watch() -> None:
        while not is_done.wait(_TICK):
            if stop.is_set():
                process.terminate()
                if not is_done.wait(_GRACE):
                    process.kill()
                return

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_done.set()
        watcher.join()


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-_MOST_LINES:]) or "it does not say why"


def secret_of(secret: Secret) -> str:
    """The value of a secret; raise `PlaceError` where it is not to be had."""
    if secret.environment:
        value = os.environ.get(secret.environment, "")
        if not value:
            raise PlaceError(f"the environment variable {secret.environment} is not set", is_final=True)
        return value
    try:
        told = subprocess.run(list(secret.command), capture_output=True, check=False, timeout=120)
    except (OSError, subprocess.TimeoutExpired):
        told = None
    value = told.stdout.decode("utf-8", "replace").rstrip("\r\n") if told and told.returncode == 0 else ""
    if not value:  # what it said is not passed on: it may hold the secret
        raise PlaceError(f"the password command '{secret.command[0]}' gave nothing", is_final=True)
    return value


def ssh_command(key: Path, known_hosts: Path, port: int, proxy: str | None) -> list[str]:
    """How ssh is called: with one key, one list of hosts, and none of the user's settings."""
    options = [
        "BatchMode=yes",
        "IdentitiesOnly=yes",
        "StrictHostKeyChecking=yes",
        f"UserKnownHostsFile={_quoted(known_hosts)}",
        "GlobalKnownHostsFile=/dev/null",
        "ConnectTimeout=30",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=4",
        "ForwardAgent=no",
    ]
    if proxy:
        form = "5" if proxy.startswith("socks") else "connect"
        options.append(f"ProxyCommand={found('nc')} -X {form} -x {proxy.partition('://')[2]} %h %p")
    words = [found("ssh"), "-F", os.devnull, "-i", str(key), "-p", str(port)]
    return [*words, *(word for option in options for word in ("-o", option))]


def _quoted(path: Path) -> str:
    return f'"{path}"'


def upload_proxy(proxy: str) -> str:
    """A proxy as programs written in Go want it: their `socks5` asks the proxy for names."""
    return proxy.replace("socks5h://", "socks5://")
