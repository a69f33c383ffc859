"""What is answered to a request: the policy as `serve` keeps it, and as servers are configured to."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote

from tocsin.serving.policy import (
    GONE_FILE,
    GONE_MARK,
    INDEX,
    METHODS,
    NOT_ALLOWED_FILE,
    NOT_FOUND_PAGE,
    WELL_KNOWN,
)


class Route(NamedTuple):
    """The status of an answer and the file of the tree that is its body; `location` leads elsewhere."""

    status: int
    file: str
    location: str = ""


def route(method: str, target: str, has: Callable[[str], bool]) -> Route:
    """Where a request leads. `target` is what its line names; `has` says whether a file is in the tree."""
    if method not in METHODS:
        return Route(405, NOT_ALLOWED_FILE)
    path = unquote(target.partition("?")[0])
    address = path[1:]
    if not path.startswith("/") or not all(map(_is_plain, address.removesuffix("/").split("/"))):
        return Route(404, NOT_FOUND_PAGE)
    file = address if address and not address.endswith("/") else address + INDEX
    if has(f"{file}{GONE_MARK}"):
        return Route(410, file if file.rpartition("/")[2] == INDEX else GONE_FILE)
    if has(file):
        return Route(200, file)
    if address and has(f"{address}/{INDEX}"):
        # Relative to what was asked for, so that no request can make it lead to another host.
        return Route(301, "", quote(f"{address.rpartition('/')[2]}/"))
    return Route(404, NOT_FOUND_PAGE)


def _is_plain(name: str) -> bool:
    """True for a name that a tree may have; the address of the home page has none."""
    return (not name.startswith(".") or name == WELL_KNOWN) and not set(name) & set("\\\0")
