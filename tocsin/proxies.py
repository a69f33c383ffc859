"""How a proxy is named, wherever one is: in settings and on the command line."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?:socks5h|http)://[^\s/@:]+:[0-9]{1,5}")
_ASKS_HERE = re.compile(r"socks(?:4|5)?://")


def proxy_fault(value: str) -> str:
    """What is wrong with the address of a proxy, as a sentence; empty where nothing is.

    A proxy also asks for names: else everybody on the way would learn which mirror is meant.
    """
    if _FORM.fullmatch(value):
        return ""
    said = f"'{value}' is not a proxy such as 'socks5h://127.0.0.1:9050', where Tor listens"
    if _ASKS_HERE.match(value):
        scheme = value.partition("://")[0]
        said += (
            f"; with '{scheme}' this computer would ask for names itself, and whoever listens would learn "
            "which mirror is meant: write 'socks5h'"
        )
    return said
