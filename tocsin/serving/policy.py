"""The one policy: what every answer to a reader says about itself, path by path.

Configuration of servers (`nginx`, `apache`, `caddy`, `hosted`), the `meta` elements of pages and the preview
of `serve` all come from here, so they cannot disagree. Paths are those of files below the root of the tree,
without a slash before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Header(NamedTuple):
    """A header of an answer."""

    name: str
    value: str


CONTENT = "Content-Security-Policy"
CACHE = "Cache-Control"
RESOURCE = "Cross-Origin-Resource-Policy"
TRANSPORT = "Strict-Transport-Security"
ONION = "Onion-Location"

METHODS = ("GET", "HEAD")
ALLOW = Header("Allow", ", ".join(METHODS))
NOT_ALLOWED_TEXT = "Only GET and HEAD are answered here.\n"
# The ending of a file that says that the one beside it was withdrawn. A list of what was withdrawn would be
# one for those who look for it, and an old one wherever it is not copied each time.
GONE_MARK = ".gone"
GONE_TEXT = "What stood here has been withdrawn. If you have kept or passed on a copy, please delete it.\n"
GONE_FILE = "server/410.txt"
NOT_ALLOWED_FILE = "server/405.txt"
NOT_FOUND_PAGE = "404.html"
INDEX = "index.html"
# The one folder whose name begins with a dot and that is served (RFC 8615).
WELL_KNOWN = ".well-known"

REFERRER = Header("Referrer-Policy", "no-referrer")
# Asked again each time, which costs an answer without a body: what is withdrawn is gone at the next look.
ASK_AGAIN = Header(CACHE, "no-cache")
# A picture may show a person who has to be taken back, so its name made from its content does not count.
FOR_A_DAY = Header(CACHE, "public, max-age=86400")
# Style sheet, script, search program: another content has another name, and there is nobody in them.
FOR_EVER = Header(CACHE, "public, max-age=31536000, immutable")
# Two years, as the lists of browsers ask for. Subdomains are not ours to decide on.
SECURE_ONLY = Header(TRANSPORT, "max-age=63072000")

_SWITCHED_OFF = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)

_NOTHING = ("default-src 'none'",)
# Pagefind is WebAssembly and fetches the parts of its index.
_SCRIPT = ("script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self'")
_LOOKS = ("style-src 'self'", "img-src 'self'", "base-uri 'none'", "form-action 'none'")
# Browsers obey it in the header alone.
_NOT_FRAMED = ("frame-ancestors 'none'",)


def meta_policy(*, scripted: bool = False) -> str:
    """The Content-Security-Policy of a `meta` element, the floor where a host sends no headers."""
    return "; ".join((*_NOTHING, *(_SCRIPT if scripted else ()), *_LOOKS))


def header_policy(*, scripted: bool = False) -> str:
    """The Content-Security-Policy of an answer: that of the page, and that nobody may frame it."""
    return "; ".join((meta_policy(scripted=scripted), *_NOT_FRAMED))


# What every answer says, whatever its status and path; areas say some of it otherwise.
BASE = (
    Header(CONTENT, header_policy()),
    Header("Cross-Origin-Embedder-Policy", "require-corp"),
    Header("Cross-Origin-Opener-Policy", "same-origin"),
    Header(RESOURCE, "same-origin"),
    Header("Permissions-Policy", ", ".join(f"{feature}=()" for feature in _SWITCHED_OFF)),
    REFERRER,
    Header("X-Content-Type-Options", "nosniff"),
    Header("X-Frame-Options", "DENY"),
    ASK_AGAIN,
)


@dataclass(frozen=True, slots=True)
class Area:
    """Files with headers of their own: one file, or a folder (`path` ends in `/`) with all that is in it."""

    path: str
    headers: tuple[Header, ...]

    @property
    def is_folder(self) -> bool:
        return self.path.endswith("/")

    def holds(self, file: str) -> bool:
        """True for a file that belongs to the area."""
        return file.startswith(self.path) if self.is_folder else file == self.path

    @property
    def all_headers(self) -> tuple[Header, ...]:
        """Those of the base with the area's own in their places."""
        own = {header.name: header for header in self.headers}
        return tuple(own.get(header.name, header) for header in BASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is particular to a site.

    `scripted` are the addresses of pages with a script. `onion` is the host of the onion service, empty where
    there is none. `languages` are those of the site.
    """

    scripted: tuple[str, ...] = ()
    onion: str = ""
    languages: tuple[str, ...] = ()

    @property
    def areas(self) -> tuple[Area, ...]:
        """The areas, none of which holds a file of another."""
        return tuple(self._areas())

    def _areas(self) -> Iterator[Area]:
        yield Area("s/", (FOR_EVER,))
        # Feeds show pictures, also those of readers whose reader is a page of another site.
        yield Area("i/", (FOR_A_DAY, Header(RESOURCE, "cross-origin")))
        own = (Header(CONTENT, header_policy(scripted=True)),)
        yield from (Area(f"{address}{INDEX}", own) for address in self.scripted)

    def headers(self, file: str, status: int = 200, *, secure: bool, target: str = "/") -> dict[str, str]:
        """The headers of an answer, without those about its bytes.

        `file` is what was asked for, and counts where it is found (200, 304). `secure` says whether it was
        asked for over https, `target` is what the request line named.
        """
        found = (area.all_headers for area in self.areas if area.holds(file) and status in {200, 206, 304})
        headers = dict(next(found, BASE))
        if status == 405:
            headers[ALLOW.name] = ALLOW.value
        if secure:
            headers |= dict(self.secure(target))
        return headers

    def secure(self, target: str) -> Iterator[Header]:
        """What is said over https alone: elsewhere browsers must not believe it (RFC 6797, 7.2).

        An onion service needs neither: it is reached over http, and proves itself by its name.
        """
        yield SECURE_ONLY
        if self.onion:
            yield Header(ONION, f"http://{self.onion}{target}")

    def as_record(self) -> dict[str, object]:
        """The policy as plain data: headers of every answer, those of areas by path, those over https."""
        return {
            "base": dict(BASE),
            "areas": {area.path: dict(area.headers) for area in self.areas},
            "secure": dict(self.secure("/")),
        }
