"""What differs for publishing: the canonical address, from `site.toml`."""

import tomllib
from pathlib import Path

from pelicanconf import *  # noqa: F403 - Pelican's convention for this file

with (Path(__file__).resolve().parent / "site.toml").open("rb") as _file:
    _SITE = tomllib.load(_file)

SITEURL = _SITE["address"].rstrip("/")
SITENAME = _SITE["identity"]["name"][_SITE["default_language"]]
DEFAULT_LANG = _SITE["default_language"]
