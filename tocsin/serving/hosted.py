"""The policy for hosts that read `_headers` from the tree, such as Netlify and Cloudflare Pages.

Their rules cannot be taken back: of two that set one header some hosts send both, others the last. So the
rule for everything holds, of each header, what is right for every path; what a page needs less of is said
again, more strictly, in its own `meta` element, and browsers obey both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.serving.policy import (
    BASE,
    CACHE,
    CONTENT,
    ONION,
    RESOURCE,
    SECURE_ONLY,
    Header,
    Policy,
    header_policy,
)


def headers_file(policy: Policy, homes: Iterable[str]) -> str:
    """`_headers`. `homes` are the addresses of home pages, which alone can name their onion address here."""
    return "".join(f"{line}\n" for line in _headers(policy, homes))


def _headers(policy: Policy, homes: Iterable[str]) -> Iterator[str]:
    yield "# Read by hosts such as Netlify and Cloudflare Pages. Elsewhere it has no effect."
    yield from _rule("*", [*_everywhere(policy), SECURE_ONLY])
    for area in policy.areas:
        # Such hosts say of everything else themselves that it has to be asked for again.
        yield from _rule(f"{area.path}*", [header for header in area.headers if header.name == CACHE])
    for home in homes if policy.onion else ():
        yield from _rule(home, [Header(ONION, f"http://{policy.onion}/{home}")])


def _everywhere(policy: Policy) -> Iterator[Header]:
    """Of each header the value that fits every path."""
    widest = {
        CONTENT: header_policy(scripted=bool(policy.scripted)),
        RESOURCE: "cross-origin",
    }
    for header in BASE:
        if header.name != CACHE:
            yield Header(header.name, widest.get(header.name, header.value))


def _rule(path: str, headers: Iterable[Header]) -> Iterator[str]:
    lines = [f"  {header.name}: {header.value}" for header in headers]
    if lines:
        yield f"/{path}"
        yield from lines
