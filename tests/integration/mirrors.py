"""Two mirrors and one in reserve, as an editor writes them down."""

from __future__ import annotations

from pathlib import Path

from tests.integration.checkout import Checkout
from tests.integration.servers import free_port

MIRRORS = """\
schema = 1

[mirrors.oslo]
edition = "abcdefghij"
address = "http://127.0.0.1:{one}/"
kind = "directory"
label = "Friends in Oslo"

[mirrors.lima]
edition = "bbbbbbbbbb"
address = "http://127.0.0.1:{two}/"
kind = "directory"
tier = "collateral"
"""
DEPLOY = """\
schema = 1

[reserve.quiet]
edition = "cccccccccc"
address = "http://127.0.0.1:{three}/"
kind = "directory"
directory = {{ folder = "{folder}" }}
"""


def write_mirrors(site: Checkout, quiet: Path) -> None:
    """Oslo and Lima for everybody; `quiet`, in reserve, is that folder."""
    ports = {name: free_port() for name in ("one", "two", "three")}
    site.write("mirrors.toml", MIRRORS.format(**ports))
    site.write("deploy.toml", DEPLOY.format(**ports, folder=quiet))
