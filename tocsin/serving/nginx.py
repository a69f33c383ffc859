"""The policy as configuration of nginx (1.18 and later), to be included in a `server` block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tocsin.serving.media_types import COMPRESSED, ENDINGS, NAMED, endings_of
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
    Header,
    Policy,
)

_ABOUT = """\
# For nginx. Copy this file to where nginx keeps its settings and look at it; do not include it from the
# tree, or whoever can change the tree can change what the server does. Include it in the server block of
# the site; the only other thing that the block needs is where it listens and where the tree lies:
#
#     server {
#         listen 443 ssl http2;
#         server_name mirror.example;
#         ssl_certificate ...;
#         root /srv/www/site;
#         include /etc/nginx/site.conf;
#     }
#
# The tree must be at the root of a host. Nothing is logged about readers, not even their errors: while you
# look for a fault, take the two lines with _log out of a copy. Where something in front of nginx ends TLS,
# let that send Strict-Transport-Security; here it is sent only to readers who came over https.
# Check with: nginx -t
"""

_SETTINGS = """\
access_log off;
error_log /dev/null crit;
log_not_found off;
server_tokens off;
autoindex off;
absolute_redirect off;
if_modified_since before;
index {index};
error_page 403 404 =404 /{not_found};
error_page 405 @other_method;
error_page 410 @gone;

set $tocsin_transport "";
set $tocsin_onion "";
if ($https) {{
    set $tocsin_transport "{transport}";
    set $tocsin_onion "{onion}";
}}
if ($host ~ "\\.onion$") {{
    set $tocsin_onion "";
}}
set $tocsin_file $uri;
if ($uri ~ "/$") {{
    set $tocsin_file "${{uri}}{index}";
}}
set $tocsin_gone /{gone_file};
if ($tocsin_file ~ "/{index_pattern}$") {{
    set $tocsin_gone $tocsin_file;
}}
if (-f $document_root$tocsin_file{mark}) {{
    return 410;
}}
if ($request_method !~ "^(GET|HEAD)$") {{
    return 405;
}}
"""


def nginx(policy: Policy) -> str:
    """`server/nginx.conf`."""
    return "\n".join([_ABOUT, *_server(policy), *_locations(policy)])


def _server(policy: Policy) -> Iterator[str]:
    yield _SETTINGS.format(
        index=INDEX,
        not_found=NOT_FOUND_PAGE,
        gone_file=GONE_FILE,
        index_pattern=re.escape(INDEX),
        mark=GONE_MARK,
        transport=SECURE_ONLY.value,
        onion=f"http://{policy.onion}$request_uri" if policy.onion else "",
    )
    texts = [kind for kind in dict.fromkeys(ENDINGS.values()) if kind.startswith("text/")]
    yield "types {"
    for kind in dict.fromkeys(ENDINGS.values()):
        yield f"    {kind} {' '.join(endings_of(kind))};"
    yield "}"
    yield "default_type application/octet-stream;"
    yield "charset utf-8;"
    yield f"charset_types {' '.join(kind for kind in texts if kind != 'text/html')};\n"
    yield "gzip on;"
    yield "gzip_vary on;"
    yield "gzip_proxied any;"
    yield f"gzip_types {' '.join(kind for kind in COMPRESSED if kind != 'text/html')};\n"
    yield from _headers(BASE, "")
    yield ""


def _headers(headers: Iterable[Header], indent: str = "    ") -> Iterator[str]:
    """All headers: a block with one of its own has none of those outside it. Empty ones are not sent."""
    for header in headers:
        yield f'{indent}add_header {header.name} "{header.value}" always;'
    yield f"{indent}add_header {SECURE_ONLY.name} $tocsin_transport always;"
    yield f"{indent}add_header {ONION} $tocsin_onion always;"


def _locations(policy: Policy) -> Iterator[str]:
    yield f'location ~ "/\\.(?!{WELL_KNOWN[1:]}(?:/|$))" {{\n    return 404;\n}}'
    for area in policy.areas:
        yield f"location {'' if area.is_folder else '= '}/{area.path} {{"
        yield from _headers(area.all_headers)
        yield "}"
    for file, kind in NAMED.items():
        yield f"location = /{file} {{\n    types {{ }}\n    default_type {kind};\n}}"
    yield "location @gone {\n    try_files $tocsin_gone =404;\n}"
    yield "location @other_method {\n    default_type text/plain;"
    yield from _headers([*BASE, ALLOW])
    yield f'    return 405 "{NOT_ALLOWED_TEXT.strip()}\\n";\n}}\n'
