"""What holds for every test: no network beyond this machine, and an honest account of what could not run.

A test that needs a real program says so, `@pytest.mark.real("chromium")`, and gets its path from
`tests.components.find`. Where CI=true a missing program is a failure; elsewhere the test is skipped, and the
last lines of the run tell what was left out and how to get it.
"""

import compileall
import ipaddress
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.components import COMPONENTS

if TYPE_CHECKING:
    from tests.integration.checkout import Built

IN_CI = os.environ.get("CI") == "true"

# Shared machines stall: a slow example is no fault. In CI the same examples are tried every time.
settings.register_profile("tocsin", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("tocsin")

LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = Counter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in real_components(item):
            if name not in COMPONENTS:
                raise pytest.UsageError(
                    f"{item.nodeid} needs {name!r}, which tests/components.py does not know: "
                    f"{', '.join(sorted(COMPONENTS))}"
                )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = [COMPONENTS[name] for name in real_components(item) if COMPONENTS[name].locate() is None]
    if not missing:
        return
    reason = "; ".join(f"{component.name} is missing, to get it: {component.remedy}" for component in missing)
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    item.config.stash[LEFT_OUT].update(component.name for component in missing)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash[LEFT_OUT]
    if left_out:
        terminalreporter.section("left out, for want of real programs")
        for name, count in sorted(left_out.items()):
            tests = "1 test" if count == 1 else f"{count} tests"
            terminalreporter.line(f"{name}: {tests}; to get it: {COMPONENTS[name].remedy}")


def real_components(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("real") for name in mark.args]


# The network is watched by an audit hook, which sees what every library in this process does. It does not see
# the programs that tests start: those tests give them loopback addresses only. It stays, hence the switch.
network_is_closed = False


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    global network_is_closed
    network_is_closed = True
    yield
    network_is_closed = False


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if not network_is_closed or not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # None: not an internet address
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host = arguments[0] or None
    else:
        return
    if isinstance(host, (str, bytes)) and not is_loopback(host):
        pytest.fail(f"a test may reach this machine alone, and this one tried {event} with {host!r}")


def is_loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name == "localhost"


sys.addaudithook(watch)


# The built demonstration. What it takes is imported where it is used: not every test needs a whole site.


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as they were when the tests began, so that work going on does not mix versions.

    The program is compiled once here and not in each of the many copies that tests make.
    """
    from tests.integration.checkout import CODE, ROOT, WORDS, copy

    root = copy(ROOT, tmp_path_factory.mktemp("snapshot"), [*CODE, *WORDS]).root
    for folder in ("tocsin", "plugins"):
        compileall.compile_dir(root / folder, quiet=1)
    return root


@pytest.fixture(scope="session")
def demo(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> "Built":
    """The demonstration site as of `AT`, built once. Read it; do not change it."""
    from tests.integration.checkout import CODE, WORDS, Built, copy

    checkout = copy(snapshot, tmp_path_factory.mktemp("demo") / "checkout", [*CODE, *WORDS])
    told = checkout.build("--json")
    assert told.code == 0, told.said
    return Built(checkout, checkout.output, json.loads(told.out))
