"""One built site for all browsers. Servers and browsers live as long as a module of tests, no longer: tests
that fork processes come later, and must find no threads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsers.driver import Chromium, chromium
from tests.browsers.served import Planted, serving, site_server
from tests.browsers.site import Site, make
from tests.components import find
from tests.integration.checkout import Built


@pytest.fixture(scope="session")
def site(demo: Built, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Read it; do not change it."""
    return make(demo.checkout, tmp_path_factory.mktemp("browsers") / "checkout")


@pytest.fixture(scope="module")
def base(site: Site) -> Iterator[str]:
    """The address of the served site."""
    with serving(site_server(site.output)) as address:
        yield address


@pytest.fixture(scope="module")
def browser(base: str) -> Iterator[Chromium]:
    """Chromium, shown the site."""
    with chromium(find("chromium"), base) as running:
        yield running


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Planted, str]]:
    """A folder for pages with faults, its server and the server's address."""
    folder = tmp_path_factory.mktemp("planted")
    server = Planted(folder)
    with serving(server) as address:
        yield folder, server, address
