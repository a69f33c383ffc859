"""What a mirror serves, seen as a reader sees it: the pointer, all that was just put there, and some more."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from urllib.parse import quote

import httpx

from tocsin.signed.edition import Edition
from tocsin.signed.paths import EDITION_FILE, TIMESTAMP

# Of a large change, and of what was not changed, a few files are looked at; the monitor looks at all.
MOST_CHANGED, MOST_OTHERS = 40, 10
MOST_NAMED = 5
# So many questions are under way at a time, as of a browser: by Tor each takes a second.
AT_ONCE = 6
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found at an address; `faults` are sentences, none where all is right. `looked` counts files.

    `wrong` are files that are missing, other ones, or still there.
    """

    looked: int
    faults: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """True where everything was as it should be."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for at `address`: `changed` and others of `edition` are there, `gone` is not.

    Of `changed` a sample is looked at, of `surely` and `gone` everything.
    """

    address: str
    edition: Edition
    changed: Sequence[str]
    gone: Sequence[str]
    proxy: str | None = None
    surely: Sequence[str] = ()


Verify = Callable[[Wanted], Verdict]


def look(wanted: Wanted) -> Verdict:
    """Ask the mirror for files, each with a query of its own so that no cache answers."""
    paths = list(_sample(wanted))
    try:
        with _client(wanted.proxy) as client, ThreadPoolExecutor(AT_ONCE) as questions:
            missing, altered = _differing(client, questions, wanted, paths)
            there = _still_there(client, questions, wanted)
    except httpx.HTTPError as error:
        return Verdict(0, (f"does not answer: {_said(error)}",))
    told = (("lacks", missing), ("serves something else for", altered), ("still serves", there))
    faults = tuple(f"{what} {_named(files)}" for what, files in told if files)
    wrong = tuple(path.partition(" (")[0] for _, files in told for path in files)
    return Verdict(len(paths) + len(wanted.gone), faults, wrong)


def _said(error: httpx.HTTPError) -> str:
    said = str(error) or type(error).__name__
    return said.removeprefix("[Errno 111] ")


def fetched(address: str, path: str, most: int, proxy: str | None) -> bytes | None:
    """A file as a mirror serves it, where it has one of `most` bytes; raise `OSError` without an answer."""
    try:
        with _client(proxy) as client:
            status, body = _ask(client, address, path, most)
    except httpx.HTTPError as error:
        raise ConnectionError(f"does not answer: {_said(error)}") from None
    return body if status == 200 and len(body) <= most else None


@contextmanager
def _client(proxy: str | None) -> Iterator[httpx.Client]:
    # What the environment says of proxies is for other programs: a mirror has its own, or none.
    way, said = _trusted(), {"User-Agent": "Tocsin"}
    with httpx.Client(verify=way, proxy=proxy, trust_env=False, timeout=30, headers=said) as client:
        yield client


@cache
def _trusted() -> SSLContext:
    """The authorities whose certificates hold: read once, since that takes longer than ten questions."""
    return httpx.create_ssl_context(trust_env=False)


def _sample(wanted: Wanted) -> Iterable[str]:
    """The pointer, what was changed, and some others: chosen at random, or a mirror might know which."""
    files, chance = wanted.edition.files, random.SystemRandom()
    changed = dict.fromkeys(path for path in wanted.changed if path in files)
    others = [path for path in files if path not in changed]
    chosen = [path for path in (TIMESTAMP, EDITION_FILE) if path in files]
    chosen += [path for path in wanted.surely if path in files]
    chosen += chance.sample([*changed], min(len(changed), MOST_CHANGED))
    chosen += chance.sample(others, min(len(others), MOST_OTHERS))
    return dict.fromkeys(path for path in chosen if _is_served(path))


def _is_served(path: str) -> bool:
    """Some files are for servers, and servers keep them to themselves."""
    return not any(part.startswith(".") and part != ".well-known" for part in path.split("/"))


def _ask(
    client: httpx.Client, address: str, path: str, most: int, *, past_caches: bool = True
) -> tuple[int, bytes]:
    """Status and body of an answer, of which little more than `most` bytes are read."""
    place = f"{address}{quote(path)}{f'?{secrets.token_hex(8)}' if past_caches else ''}"
    with client.stream("GET", place, headers={"Cache-Control": "no-cache"}) as answer:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > most:
                break
        return answer.status_code, bytes(body)


def _differing(
    client: httpx.Client, questions: ThreadPoolExecutor, wanted: Wanted, paths: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Files that are missing, and files that are others; with the status where that says more."""

    def ask(path: str) -> tuple[int, bytes]:
        return _ask(client, wanted.address, path, wanted.edition.files[path].size)

    missing, altered = [], []
    for path, (status, body) in zip(paths, questions.map(ask, paths), strict=True):
        digest = wanted.edition.files[path].digest
        if status in GONE and not _is_withdrawn(wanted, path):
            missing.append(path)
        elif hashlib.sha256(body).hexdigest() != digest and not _is_answered(status, path):
            altered.append(f"{path} ({status})" if status != 200 else path)
    return missing, altered


def _is_withdrawn(wanted: Wanted, path: str) -> bool:
    """Servers answer 410 for a page that is marked so, and show it all the same."""
    return f"{path}.gone" in wanted.edition.files


def _is_answered(status: int, path: str) -> bool:
    """Addresses of pages: some servers send readers from `index.html` to the folder."""
    return status in {301, 302, 307, 308} and path.endswith("index.html")


def _still_there(client: httpx.Client, questions: ThreadPoolExecutor, wanted: Wanted) -> list[str]:
    """Files that are served all the same, past caches or by them. Some hosts say 403 for what they lack."""
    if not wanted.gone:
        return []
    absent, _ = _ask(client, wanted.address, f"{secrets.token_hex(8)}.html", 0)

    def ask(path: str) -> str:
        for past_caches in (True, False):
            status, _ = _ask(client, wanted.address, path, 0, past_caches=past_caches)
            if status not in GONE and (status != absent or status < 400):
                return f"{path} ({status}{'' if past_caches else ', from a cache'})"
        return ""

    return [found for found in questions.map(ask, filter(_is_served, wanted.gone)) if found]


def _named(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:MOST_NAMED])
    return shown + (f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else "")
