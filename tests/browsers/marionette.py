"""Debian's Firefox as Tor Browser sets it at its level "Safest": no scripts, no SVG, no MathML, no web fonts.

It is driven over Marionette, the protocol that Firefox itself speaks on a local socket. A message is its
length, a colon and JSON: a command `[0, number, name, parameters]`, its answer `[1, number, error, result]`.
Commands run outside of the page, so they work where the page's own scripts do not.
"""

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What Tor Browser's security level sets (its NoScript, which blocks fonts and objects as well, is not here).
SAFEST = {
    "javascript.enabled": False,
    "svg.disabled": True,
    "mathml.disabled": True,
    "gfx.downloadable_fonts.enabled": False,
    "gfx.font_rendering.graphite.enabled": False,
    "gfx.font_rendering.opentype_svg.enabled": False,
}
# The browser's own errands lead nowhere; loopback is never sent to a proxy.
ALONE = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "browser.cache.disk.enable": False,
}
START_SECONDS = 60


class MarionetteError(Exception):
    """Firefox refused a command, or did not start."""


@dataclass
class Firefox:
    """A running browser. Commands are named as Marionette names them."""

    channel: socket.socket
    number: int = 0
    _left: bytes = field(default=b"", repr=False)

    def command(self, command: str, /, **parameters: object) -> Any:
        """Do one command and return its result."""
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.channel.sendall(b"%d:%b" % (len(message), message))
        _, _, error, result = self.receive()
        if error:
            raise MarionetteError(f"{command}: {error['error']}: {error['message']}")
        return result.get("value") if isinstance(result, dict) and "value" in result else result

    def receive(self) -> Any:
        """The next message, whole."""
        while b":" not in self._left:
            self._more()
        length, _, self._left = self._left.partition(b":")
        while len(self._left) < int(length):
            self._more()
        data, self._left = self._left[: int(length)], self._left[int(length) :]
        return json.loads(data)

    def _more(self) -> None:
        data = self.channel.recv(1 << 16)
        if not data:
            raise MarionetteError("Firefox has gone")
        self._left += data

    def open(self, address: str) -> None:
        """Load a page."""
        self.command("WebDriver:Navigate", url=address)

    def run(self, script: str) -> Any:
        """What a script returns that is no part of the page: it runs although the page's own do not."""
        return self.command("WebDriver:ExecuteScript", script=script, args=[])

    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self.command("WebDriver:TakeScreenshot", full=False))


@contextmanager
def firefox(program: Path, profile: Path) -> Iterator[Firefox]:
    """Start Firefox at "Safest" with a new profile in an empty folder; end it after use."""
    settings = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (SAFEST | ALONE).items()
    ]
    (profile / "user.js").write_text("\n".join(settings), encoding="utf-8")
    environment = os.environ | {"HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with (profile / "firefox.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", profile, "--marionette"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        with socket.create_connection(("127.0.0.1", port_of(process, profile)), timeout=60) as channel:
            browser = Firefox(channel)
            browser.receive()  # says which protocol it speaks
            browser.command("WebDriver:NewSession", capabilities={})
            yield browser
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def port_of(process: "subprocess.Popen[bytes]", profile: Path) -> int:
    """Wait until Firefox listens, and return where."""
    file = profile / "MarionetteActivePort"
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if file.is_file() and (text := file.read_text(encoding="ascii")).strip():
            return int(text)
        time.sleep(0.1)
    raise MarionetteError(
        f"Firefox did not start: {(profile / 'firefox.log').read_text(errors='replace')[-500:]}"
    )
