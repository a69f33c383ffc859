"""What servers read of the output: how to serve it, and whom to tell about a weakness of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tocsin.library.clock import start_of
from tocsin.model.site import Security, Site
from tocsin.render.addresses import Addresses
from tocsin.render.reading import Reading
from tocsin.render.stamps import SENTINEL_BASE
from tocsin.serving.apache import apache
from tocsin.serving.caddy import caddy
from tocsin.serving.hosted import headers_file
from tocsin.serving.nginx import nginx
from tocsin.serving.policy import (
    GONE_FILE,
    GONE_MARK,
    GONE_TEXT,
    INDEX,
    NOT_ALLOWED_FILE,
    NOT_ALLOWED_TEXT,
    Policy,
)
from tocsin.serving.security_txt import PLACE, SecurityContacts, security_txt

_SERVERS: Mapping[str, Callable[[Policy], str]] = {
    "server/nginx.conf": nginx,
    "server/apache.conf": apache,
    "server/Caddyfile": caddy,
}
_MORE = ("encryption", "policy", "acknowledgments")


def policy_of(site: Site) -> Policy:
    """The policy of a site."""
    own = [Addresses(code, site.default_language) for code in site.languages]
    return Policy(
        scripted=tuple(addresses.search for addresses in own) if site.search.enabled else (),
        onion=site.served.onion or "",
        languages=tuple(site.languages),
    )


def server_files(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """The policy as each kind of server reads it, and what tells them to answer an address with 410.

    That is an empty file beside each that was withdrawn. No host is named but that of the onion service.
    """
    policy = policy_of(reading.site)
    for path, write in _SERVERS.items():
        yield path, write(policy).encode()
    yield NOT_ALLOWED_FILE, NOT_ALLOWED_TEXT.encode()
    yield GONE_FILE, GONE_TEXT.encode()
    homes = [reading.addresses_in(code).home for code in reading.site.languages]
    yield "_headers", headers_file(policy, homes).encode()
    for address in reading.ask("gone"):
        file = f"{address}{INDEX}" if address.endswith("/") else address
        yield f"{file}{GONE_MARK}", b""


def security(reading: Reading) -> tuple[str, str]:
    """`security.txt`, stamped: it says where it belongs."""
    return PLACE, security_txt(_contacts(reading.site.security))


def _contacts(said: Security | None) -> SecurityContacts:
    if said is None:
        raise ValueError("the job is planned only where the site has contacts")
    more = ((name.capitalize(), getattr(said, name)) for name in _MORE)
    return SecurityContacts(
        contacts=tuple(one if one.startswith("https:") else f"mailto:{one}" for one in said.contact),
        expires=start_of(said.expires),
        canonical=f"{SENTINEL_BASE}{PLACE}",
        languages=said.languages,
        more=tuple((name, value) for name, value in more if value),
    )
