"""What others make of the headers: csp_evaluator of every policy, the MDN HTTP Observatory of every server.

Whether http leads to https is the affair of whoever runs the host; here a small server of the test does it.
"""

import http.server
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.components import TOOLS, find, node
from tests.integration.checkout import Built
from tests.integration.servers import GENERATED, Server, readable_copy, running
from tocsin.serving.policy import header_policy, meta_policy

# csp_evaluator's own numbers; the lower the worse.
MEDIUM = 30


def judge(name: str, asked: object, **environment: str) -> list[Any]:
    done = subprocess.run(
        [str(node()), str(TOOLS / "judge-headers.mjs"), name],
        input=json.dumps(asked),
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: list[Any] = json.loads(done.stdout)
    return told


@pytest.mark.real("csp_evaluator")
def test_csp_evaluator_finds_nothing_high_or_medium():
    plain, scripted = (
        [meta_policy(), header_policy()],
        [meta_policy(scripted=True), header_policy(scripted=True)],
    )
    found = judge("csp", [*plain, *scripted])
    assert found[:2] == [[], []]
    assert [finding for one in found[2:] for finding in one if finding["severity"] <= MEDIUM] == []


@pytest.mark.real("csp_evaluator")
def test_csp_evaluator_speaks_up_where_a_policy_is_weak():
    found = judge(
        "csp", [header_policy(scripted=True).replace("'self'", "'self' 'unsafe-inline'"), "img-src *"]
    )
    assert all(min(finding["severity"] for finding in one) <= MEDIUM for one in found)


class ToHttps(http.server.BaseHTTPRequestHandler):
    """Leads every request to the same path over https, as a mirror host sets it up."""

    port = 0

    def do_GET(self) -> None:
        self.send_response(301)
        self.send_header("Location", f"https://localhost:{self.port}{self.path}")
        self.end_headers()

    do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None: ...


@pytest.fixture(scope="module")
def tree(demo: Built) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tocsin-served-") as made:
        Path(made).chmod(0o755)
        yield readable_copy(demo.output, Path(made) / "tree")


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.real(name, "openssl", "observatory")) for name in GENERATED]
)
def observed(tree: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Server, int]]:
    """A server with the demonstration, and a port that leads to it."""
    with running(request.param, tree) as server:
        handler = type("Handler", (ToHttps,), {"port": server.https})
        with http.server.ThreadingHTTPServer(("localhost", 0), handler) as first:
            thread = threading.Thread(target=first.serve_forever)
            thread.start()
            yield server, first.server_port
            first.shutdown()
            thread.join()


def observe(observed: tuple[Server, int], *paths: str) -> list[Mapping[str, Any]]:
    server, port = observed
    # Its install step fetches the list of preloaded hosts; none of those is on this machine.
    listed = find("observatory").parent / "conf" / "hsts-preload.json"
    if not listed.is_file():
        listed.write_text("{}", encoding="utf-8")
    asked = [{"path": path, "httpPort": port, "httpsPort": server.https} for path in paths]
    return judge("observatory", asked, NODE_EXTRA_CA_CERTS=str(server.folder / "cert.pem"))


def test_the_observatory_gives_its_best_score_with_and_without_the_script(observed):
    plain, search, appeals = observe(observed, "/", "/search/", "/ar/appeals/")
    assert [(one["score"], one["failed"]) for one in (plain, appeals)] == [(130, 0), (130, 0)]
    assert (search["score"], search["failed"]) == (135, 0)
    assert {one["grade"]["grade"] for one in (plain, search, appeals)} == {"A+"}
    integrity = "sri-implemented-and-all-scripts-loaded-securely"
    assert search["modifiers"].keys() - plain["modifiers"].keys() == {integrity}
