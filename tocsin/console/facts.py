"""The facts of a site, and where its releases lie. Whoever needs no key need not import what keys need."""

from __future__ import annotations

from pathlib import Path

from tocsin.errors import ContentError
from tocsin.library.shared import load_site
from tocsin.model.site import Site

SIGNING, DEMONSTRATION, RELEASES = "signing", "demonstration", "releases"


def the_site(root: Path) -> Site:
    """The facts of the site; raise `ContentError` where `site.toml` is at fault."""
    site, findings = load_site(root)
    if site is None:
        raise ContentError(findings)
    return site


def signing_folder(root: Path, site: Site) -> Path:
    """Where the public metadata of the newest release lies."""
    return root / (DEMONSTRATION if site.signing is None else SIGNING)


def offline_archive(root: Path, number: str) -> Path:
    """Where the archive of a release in all languages lies, unless another folder was named."""
    return root / RELEASES / number / f"offline-{number}.zip"
