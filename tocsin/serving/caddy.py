"""The policy as configuration of Caddy (2.6 and later), to be imported in a site block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.serving.media_types import COMPRESSED, ENDINGS, NAMED, PAGE, endings_of, media_type, with_charset
from tocsin.serving.policy import (
    ALLOW,
    BASE,
    GONE_FILE,
    GONE_MARK,
    INDEX,
    NOT_ALLOWED_TEXT,
    NOT_FOUND_PAGE,
    ONION,
    SECURE_ONLY,
    WELL_KNOWN,
    Area,
    Header,
    Policy,
)

_ABOUT = """\
# For Caddy. Copy this file to where Caddy keeps its settings and look at it; do not import it from the
# tree, or whoever can change the tree can change what the server does. Import it in the block of the site;
# the only other thing that the block needs is where the tree lies:
#
#     mirror.example {
#         root * /srv/www/site
#         import /etc/caddy/site.Caddyfile
#     }
#
# The tree must be at the root of a host. Caddy keeps no log of requests unless the block has a line with
# log; leave it without one. Where something in front of Caddy ends TLS, let that send
# Strict-Transport-Security; here it is sent only to readers who came over https.
# Check with: caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile
"""

_ROUTE = """\
    @other_method not method GET HEAD
    handle @other_method {{
        header {allow.name} "{allow.value}"
        header Content-Type "text/plain; charset=utf-8"
        respond "{not_allowed}" 405
    }}
    @hidden {{
        path */.*
        not path /{well_known} /{well_known}/*
    }}
    error @hidden 404
    @no_name path_regexp \\x00
    error @no_name 404
    # A name that ends with a slash is a folder's.
    @no_folder {{
        path */
        not file {{path}}/{index}
    }}
    error @no_folder 404
    @folder {{
        not path */
        file {{path}}/{index}
    }}
    # Relative to what was asked for, so that no request can make it lead to another host.
    redir @folder {{http.request.uri.path.file}}/ 301
"""

# A browser that has such a page already, or wants a part of it, gets it all the same.
_GONE = """\
    handle @{name} {{
        request_header -If-Modified-Since
        request_header -If-None-Match
        request_header -Range
{rewrite}        header {{
            Content-Type "{kind}"
            -ETag
            -Last-Modified
        }}
        file_server {{
            index {index}
            disable_canonical_uris
            status 410
        }}
    }}
"""

_END = """\
    file_server {{
        index {index}
        disable_canonical_uris
    }}
}}

handle_errors {{
    header {{
{headers}
        Content-Type "text/html; charset=utf-8"
        -Server
        -ETag
        -Last-Modified
    }}
    request_header -If-Modified-Since
    request_header -If-None-Match
    request_header -Range
    rewrite * /{not_found}
    file_server
}}
"""


def caddy(policy: Policy) -> str:
    """`server/Caddyfile`."""
    end = _END.format(index=INDEX, not_found=NOT_FOUND_PAGE, headers="\n".join(_lines(BASE, 8)))
    return "\n".join([_ABOUT, *_headers(policy), "\nroute {", *_route(policy), end])


def _lines(headers: Iterable[Header], indent: int) -> Iterator[str]:
    yield from (f'{" " * indent}{header.name} "{header.value}"' for header in headers)


def _headers(policy: Policy) -> Iterator[str]:
    yield "encode gzip {\n    match {"
    yield from (f'        header Content-Type "{kind}*"' for kind in COMPRESSED)
    yield "    }\n}"
    yield "header {"
    yield from _lines(BASE, 4)
    yield "}"
    yield "header -Server"
    yield "@secure protocol https"
    yield f'header @secure {SECURE_ONLY.name} "{SECURE_ONLY.value}"'
    if policy.onion:
        yield '@has_onion {\n    protocol https\n    not header_regexp Host "\\.onion(:[0-9]+)?$"\n}'
        yield f'header @has_onion {ONION} "http://{policy.onion}{{http.request.orig_uri}}"'


def _route(policy: Policy) -> Iterator[str]:
    yield _ROUTE.format(allow=ALLOW, index=INDEX, not_allowed=NOT_ALLOWED_TEXT.strip(), well_known=WELL_KNOWN)
    yield from _gone()
    for number, kind in enumerate(dict.fromkeys(ENDINGS.values())):
        paths = [f"*.{ending}" for ending in endings_of(kind)]
        paths += [f"/{file}" for file, other in NAMED.items() if other == kind]
        paths += ["*/"] if kind == PAGE else []
        yield f"    @type{number} path {' '.join(paths)}"
        yield f'    header @type{number} Content-Type "{with_charset(kind)}"'
    for number, area in enumerate(policy.areas):
        paths = _paths(area)
        yield f"    @area{number} path {' '.join(paths)}"
        yield f"    header @area{number} {{"
        yield from _lines(area.headers, 8)
        yield "    }"


def _gone() -> Iterator[str]:
    page = {"rewrite": "", "kind": media_type(INDEX)}
    file = {"rewrite": f"        rewrite * /{GONE_FILE}\n", "kind": media_type(GONE_FILE)}
    index = f"*/{INDEX}"
    for name, match, values in (
        ("gone_folder", f"path */\n        file {{path}}/{INDEX}{GONE_MARK}", page),
        ("gone_page", f"path {index}\n        file {{path}}{GONE_MARK}", page),
        ("gone_file", f"not path */ {index}\n        file {{path}}{GONE_MARK}", file),
    ):
        yield f"    @{name} {{\n        {match}\n    }}"
        yield _GONE.format(name=name, index=INDEX, **values)


def _paths(area: Area) -> list[str]:
    """The addresses of an area: that of an index page is its folder as well."""
    if area.is_folder:
        return [f"/{area.path}*"]
    return [f"/{area.path}", *([f"/{area.path.removesuffix(INDEX)}"] if area.path.endswith(INDEX) else [])]
