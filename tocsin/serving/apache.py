"""The policy as configuration of Apache (2.4.13 and later), to be included in a `VirtualHost`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.serving.media_types import COMPRESSED, ENDINGS, NAMED, endings_of, with_charset
from tocsin.serving.policy import (
    ALLOW,
    BASE,
    GONE_FILE,
    GONE_MARK,
    INDEX,
    NOT_ALLOWED_FILE,
    NOT_FOUND_PAGE,
    ONION,
    SECURE_ONLY,
    WELL_KNOWN,
    Policy,
)

_ABOUT = """\
# For Apache, with the modules deflate, dir, headers, mime and rewrite (a2enmod headers rewrite). Copy this
# file to where Apache keeps its settings and look at it; do not include it from the tree, or whoever can
# change the tree can change what the server does. Include it in the virtual host of the site, after having
# said where the tree lies:
#
#     ServerTokens Prod                    # outside of the virtual host: Apache takes it nowhere else
#     <VirtualHost *:443>
#         ServerName mirror.example
#         SSLEngine on
#         ...
#         Define TOCSIN_ROOT /srv/www/site
#         Include /etc/apache2/site.conf
#     </VirtualHost>
#
# The tree must be at the root of a host. Requests are not logged, and what goes wrong is logged without the
# address of the reader. Where something in front of Apache ends TLS, let that send
# Strict-Transport-Security; here it is sent only to readers who came over https.
# Check with: apachectl configtest
"""

_SETTINGS = """\
DocumentRoot "${{TOCSIN_ROOT}}"
<Directory "${{TOCSIN_ROOT}}">
    AllowOverride None
    Options SymLinksIfOwnerMatch
    Require all granted
</Directory>
CustomLog /dev/null "-"
ErrorLogFormat "[%t] [%l] %M"
LogLevel crit
ServerSignature Off
TraceEnable Off
AcceptPathInfo Off
DirectoryIndex disabled
DirectoryIndex {index}
ErrorDocument 404 /{not_found}
ErrorDocument 405 /{not_allowed}
ErrorDocument 410 "/%{{reqenv:tocsin_gone}}"

RewriteEngine On
RewriteCond %{{REQUEST_METHOD}} !^(GET|HEAD)$
RewriteRule ^ - [R=405,L]
RewriteCond %{{THE_REQUEST}} "^[^ ]+ (/[^ ]*)"
RewriteRule ^ - [E=tocsin_target:%1]
RewriteRule "/\\.(?!{well_known}(?:/|$))" - [R=404,L]
# What was withdrawn, but for the page that is the body of the answer, which Apache asks itself for.
RewriteCond "%{{ENV:REDIRECT_STATUS}}" "^$"
RewriteCond "%{{DOCUMENT_ROOT}}%{{REQUEST_URI}}{index}{mark}" -f
RewriteRule "^/(.*/|)$" - [E=tocsin_gone:$1{index},G,L]
RewriteCond "%{{ENV:REDIRECT_STATUS}}" "^$"
RewriteCond "%{{DOCUMENT_ROOT}}%{{REQUEST_URI}}{mark}" -f
RewriteRule "^/(.*/|){index_pattern}$" - [E=tocsin_gone:$1{index},G,L]
RewriteCond "%{{ENV:REDIRECT_STATUS}}" "^$"
RewriteCond "%{{DOCUMENT_ROOT}}%{{REQUEST_URI}}{mark}" -f
RewriteRule "[^/]$" - [E=tocsin_gone:{gone_file},G,L]
RewriteCond "%{{DOCUMENT_ROOT}}%{{REQUEST_URI}}{index}" !-f
RewriteRule "/$" - [R=404,L]
"""


def apache(policy: Policy) -> str:
    """`server/apache.conf`."""
    return "\n".join([_ABOUT, _settings(), *_types(policy), *_headers(policy), ""])


def _settings() -> str:
    return _SETTINGS.format(
        index=INDEX,
        index_pattern=re.escape(INDEX),
        mark=GONE_MARK,
        gone_file=GONE_FILE,
        not_found=NOT_FOUND_PAGE,
        not_allowed=NOT_ALLOWED_FILE,
        well_known=WELL_KNOWN[1:],
    )


def _types(policy: Policy) -> Iterator[str]:
    for kind in dict.fromkeys(ENDINGS.values()):
        yield f'AddType "{with_charset(kind)}" {" ".join(f".{ending}" for ending in endings_of(kind))}'
    for file, kind in NAMED.items():
        yield f'<Location "/{file}">\n    ForceType "{with_charset(kind)}"\n</Location>'
    if policy.languages:
        # Apache takes `wasm.fr.pagefind` for a file in French.
        yield f"RemoveLanguage {' '.join(f'.{code}' for code in policy.languages)}"
    yield "<IfModule mod_deflate.c>"
    yield f"    AddOutputFilterByType DEFLATE {' '.join(COMPRESSED)}"
    # Otherwise the tag that a browser was given is not known when it comes back.
    yield "    DeflateAlterETag NoChange"
    yield "</IfModule>\n"


def _headers(policy: Policy) -> Iterator[str]:
    for header in BASE:
        yield f'Header always set {header.name} "{header.value}"'
    for area in policy.areas:
        pattern = re.escape(area.path) + ("" if area.is_folder else "$")
        yield f'<LocationMatch "^/{pattern}">'
        yield from (f'    Header always set {header.name} "{header.value}"' for header in area.headers)
        yield "</LocationMatch>"
    yield f"""Header always set {ALLOW.name} "{ALLOW.value}" "expr=reqenv('REDIRECT_STATUS') == '405'\""""
    secure = "%{HTTPS} == 'on'"
    yield f'Header always set {SECURE_ONLY.name} "{SECURE_ONLY.value}" "expr={secure}"'
    if policy.onion:
        known = rf"{secure} && %{{HTTP_HOST}} !~ /\.onion(:[0-9]+)?$/ && -n env('tocsin_target')"
        yield f'Header always set {ONION} "http://{policy.onion}%{{tocsin_target}}e" "expr={known}"'
