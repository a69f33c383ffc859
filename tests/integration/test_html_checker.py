"""Every page and the style sheet pass the Nu HTML checker without a word.

Pages are fetched from a loopback server and not read from the folder: there the checker takes the style sheet
of every page to be foreign to the page's own policy.
"""

import functools
import http.server
import json
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.components import find
from tests.integration.checkout import SITE, Built

pytestmark = pytest.mark.real("vnu")

# The checker's grammar for HTML needs a deeper stack than Java gives by itself. It refuses loopback addresses
# unless it is told that this is meant.
JAVA = ["java", "-Xss4m", "-Xmx512m", "-Dnu.validator.servlet.allow-forbidden-hosts=true", "-jar"]
FAULTY = "seeded-fault.html"


class Server(http.server.ThreadingHTTPServer):
    """Serves an output as its own edition, and one page that is wrong; keeps what was asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        self.asked: set[str] = set()
        self.base = f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.SimpleHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.add(self.path.removeprefix("/"))
        if self.path == f"/{FAULTY}":
            self.answer(b"<!doctype html><html lang='en'><title>x</title><p><center>x</center><img src='x'>")
        elif self.path == "/404.html":  # names the host that serves it
            self.answer(
                Path(self.translate_path(self.path))
                .read_bytes()
                .replace(SITE.encode(), self.server.base.encode())
            )
        else:
            super().do_GET()

    def answer(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def guess_type(self, path: object) -> str:
        kind = super().guess_type(str(path))
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def log_message(self, *arguments: object) -> None: ...


def check(*arguments: str) -> list[dict[str, Any]]:
    """Everything that the checker says, be it an error, a warning or a remark."""
    command = [*JAVA, str(find("vnu")), "--format", "json", "--stdout", "--exit-zero-always", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    return messages


@dataclass(frozen=True)
class Report:
    messages: list[dict[str, Any]]
    asked: set[str]

    def about(self, *, the_fault: bool) -> list[str]:
        return [
            f"{m.get('url')}:{m.get('lastLine')}: {m['message']}"
            for m in self.messages
            if str(m.get("url")).endswith(FAULTY) == the_fault
        ]


@pytest.fixture(scope="module")
def report(demo: Built) -> Report:
    """All pages in one run of the checker: to start it takes longer than to check a hundred of them."""
    with Server(demo.output) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        messages = check(*(server.base + address for address in [*demo.pages, FAULTY]))
        server.shutdown()
    return Report(messages, server.asked)


def test_the_checker_has_nothing_to_say_about_any_page(report):
    assert report.about(the_fault=False) == []


def test_the_checker_looked_at_every_page(report, demo):
    assert report.asked >= {*demo.pages, FAULTY}
    assert len(demo.pages) == demo.told["pages"]


def test_the_checker_speaks_up_where_a_page_is_wrong(report):
    said = " ".join(report.about(the_fault=True))
    assert "The “center” element is obsolete" in said
    assert "An “img” element must have an “alt” attribute" in said


def test_the_checker_has_nothing_to_say_about_the_style_sheet(demo):
    sheets = sorted(str(path) for path in demo.output.rglob("*.css"))
    assert sheets
    assert [message["message"] for message in check("--css", *sheets)] == []


def test_the_checker_speaks_up_where_a_style_sheet_is_wrong(tmp_path):
    (tmp_path / "wrong.css").write_text("p { colour: red }", encoding="utf-8")
    assert (
        "“colour”: Property “colour” doesn't exist"
        in check("--css", str(tmp_path / "wrong.css"))[0]["message"]
    )
