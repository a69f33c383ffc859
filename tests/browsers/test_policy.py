"""The headers that the preview sends, obeyed by a real browser: what the policy forbids does not happen."""

from pathlib import Path

import pytest

from tests.browsers.driver import Chromium
from tests.browsers.served import plant, serving
from tocsin.console import server

pytestmark = pytest.mark.real("chromium")

# Each with what Chromium says about it.
FORBIDDEN = {
    "inline-style": ("<main><h1 style='color: red'>x</h1></main>", "style-src"),
    "inline-script": ("<main><h1>x</h1><script>document.title = 'done'</script></main>", "script-src"),
    "script": ("<main><h1>x</h1><script src='own.js'></script></main>", "script-src"),
    "frame": ("<main><h1>x</h1><iframe src='plain.html' title='x'></iframe></main>", "default-src"),
    "abroad": ("<main><h1>x</h1><img alt='' src='http://mirror.example/x.png'></main>", "img-src"),
    "data": (
        "<main><h1>x</h1><img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></main>",
        "img-src",
    ),
}


@pytest.fixture(scope="module")
def forbidden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages without a policy of their own, so that the headers alone are tried."""
    folder = tmp_path_factory.mktemp("forbidden")
    plant(folder, {name: page for name, (page, _) in FORBIDDEN.items()} | {"plain": "<main>x</main>"})
    (folder / "own.js").write_text("document.title = 'done'", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_the_policy_forbids_does_not_happen_and_is_told(name, forbidden, browser):
    with (
        serving(server.Server(0, forbidden, None)) as address,
        Chromium(browser.browser, address).open(f"{name}.html") as view,
    ):
        told = " ".join(view.heard.messages)
        assert "Content Security Policy" in told
        assert FORBIDDEN[name][1] in told
        assert view.page.title() == "A fault"
        assert view.heard.abroad == []


def test_a_page_cannot_be_framed(forbidden, planted, browser):
    folder, _, bare = planted
    (forbidden / "own-page.html").write_text("<title>Own</title>", encoding="utf-8")
    with serving(server.Server(0, forbidden, None)) as address:
        plant(
            folder,
            {"framing": f"<main><h1>x</h1><iframe src='{address}own-page.html' title='x'></iframe></main>"},
        )
        shown = browser.browser.new_context().new_page()
        told: list[str] = []
        shown.on("console", lambda message: told.append(message.text))
        shown.goto(f"{bare}framing.html", wait_until="load")
        assert [frame.title() for frame in shown.frames[1:]] != ["Own"]
        shown.context.close()
    assert "frame-ancestors 'none'" in " ".join(told)


def test_the_page_in_the_frame_is_shown_where_nothing_forbids_it(planted, browser):
    folder, _, bare = planted
    plant(
        folder,
        {"own-page": "<main>x</main>", "allowed": "<main><iframe src='own-page.html'></iframe></main>"},
    )
    with Chromium(browser.browser, bare).open("allowed.html") as view:
        assert [frame.title() for frame in view.page.frames[1:]] == ["A fault"]
