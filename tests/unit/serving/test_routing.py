"""What is answered to a request, as `serve` does it and as servers are configured to."""

from __future__ import annotations

import pytest

from tocsin.serving.routing import Route, route

TREE = {
    "index.html",
    "404.html",
    "appeals/index.html",
    "appeals/x/index.html",
    "fr/index.html",
    "s/site.css",
    ".well-known/security.txt",
    ".git/config",
    "appeals/.env",
    "é/index.html",
    "reports/x/x-en.pdf",
    "reports/x/x-en.pdf.gone",
    "appeals/x/index.html.gone",
}
NOT_THERE = Route(404, "404.html")


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/", Route(200, "index.html")),
        ("/index.html", Route(200, "index.html")),
        ("/?a=b", Route(200, "index.html")),
        ("/fr/", Route(200, "fr/index.html")),
        ("/s/site.css?a", Route(200, "s/site.css")),
        ("/.well-known/security.txt", Route(200, ".well-known/security.txt")),
        ("/%C3%A9/", Route(200, "é/index.html")),
        ("/fr", Route(301, "", "fr/")),
        ("/appeals/x", Route(301, "", "x/")),
        ("/%C3%A9", Route(301, "", "%C3%A9/")),
        ("/appeals/x/", Route(410, "appeals/x/index.html")),
        ("/appeals/x/index.html", Route(410, "appeals/x/index.html")),
        ("/reports/x/x-en.pdf", Route(410, "server/410.txt")),
        ("/reports/x/x-en.pdf/", NOT_THERE),
        ("/s/", NOT_THERE),
        ("/s", NOT_THERE),
        ("/s/site.css/", NOT_THERE),
        ("/nowhere", NOT_THERE),
        ("/.git/config", NOT_THERE),
        ("/%2egit/config", NOT_THERE),
        ("/appeals/.env", NOT_THERE),
        ("/.well-known", NOT_THERE),
        ("//fr/", NOT_THERE),
        ("//fr", NOT_THERE),
        ("/../index.html", NOT_THERE),
        ("/fr/../index.html", NOT_THERE),
        ("/fr/%2e%2e/index.html", NOT_THERE),
        ("/fr\\index.html", NOT_THERE),
        ("/index.html%00", NOT_THERE),
        ("*", NOT_THERE),
        ("http://127.0.0.1/", NOT_THERE),
    ],
)
def test_a_target_leads_to(target, found):
    assert route("GET", target, TREE.__contains__) == found
    assert route("HEAD", target, TREE.__contains__) == found


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "TRACE", "get", ""])
def test_other_methods_are_refused(method):
    assert route(method, "/", TREE.__contains__).status == 405
