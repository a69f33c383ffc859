"""Are all readers told the same? One file, asked for by several kinds of readers and through caches."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tocsin.probing.bodies import unpacked
from tocsin.probing.faults import Fault, Found
from tocsin.probing.source import fault_of_status
from tocsin.probing.wire import Answer, SilenceError, Wire
from tocsin.signed.edition import File


class Disguise(NamedTuple):
    """A kind of reader: words for it, and the headers by which servers know it."""

    name: str
    headers: Mapping[str, str]


DISGUISES = (
    Disguise(
        "a telephone",
        {
            "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/130.0.0.0 Mobile Safari/537.36"
        },
    ),
    Disguise(
        "a search engine",
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    ),
    Disguise("a program", {"User-Agent": "curl/8.5.0"}),
    Disguise("a feed reader", {"User-Agent": "Feedly/1.0 (+http://www.feedly.com/fetcher.html)"}),
    Disguise("a reader of Persian", {"Accept-Language": "fa-IR,fa;q=0.9"}),
    Disguise("a reader of Chinese", {"Accept-Language": "zh-CN,zh;q=0.9"}),
    Disguise("somebody who comes from a search", {"Referer": "https://www.google.com/"}),
    Disguise("somebody who comes from a social network", {"Referer": "https://www.facebook.com/"}),
)
_PACKED = {"Accept-Encoding": "gzip"}
# Of a file that is unpacked no more is looked at than this many times what was signed, and some.
_TIMES, _SPARE = 4, 1_000_000


class Question(NamedTuple):
    """A path as readers ask for it, the file that was signed, digests of other releases' file there."""

    path: str
    file: File
    others: Mapping[str, str]


def ask_in_disguise(wire: Wire, questions: Sequence[Question]) -> Iterator[Found]:
    """What differs from reader to reader. Only for files that a plain question had right."""
    for question in questions:
        yield from _of_one(wire, question)


def _of_one(wire: Wire, question: Question) -> Iterator[Found]:
    path = question.path
    busted = f"{path}?{secrets.token_hex(8)}"
    plain = _told(wire, question, path, {})
    if plain:
        if _told(wire, question, busted, {"Cache-Control": "no-cache"}) is None:
            yield Found(Fault.CACHED, path, f"{plain[1]} out of a cache, and is right without")
        else:
            yield Found(plain[0], path, plain[1])
        return
    if told := _told(wire, question, busted, {}):
        yield Found(Fault.CLOAKED, path, f"{told[1]} when a query is added to its address")
    different = [(one.name, told) for one in DISGUISES if (told := _told(wire, question, path, one.headers))]
    if different:
        names = ", ".join(name for name, _ in different)
        yield Found(Fault.CLOAKED, path, f"{different[0][1][1]} for {names}")
    if told := _told(wire, question, path, _PACKED):
        fault = told[0] if told[0] is Fault.BOMB else Fault.REWRITTEN
        yield Found(fault, path, f"{told[1]} when it is asked for compressed")


def _told(wire: Wire, question: Question, path: str, headers: Mapping[str, str]) -> tuple[Fault, str] | None:
    """What is wrong with an answer; None where it is the file that was signed."""
    most = question.file.size * _TIMES + _SPARE
    try:
        answer = wire.ask(path, most, headers)
    except SilenceError as error:
        return error.fault, str(error)
    if found := fault_of_status(wire.base, question.path, answer.status, answer.headers):
        return found.fault, found.detail
    if answer.status != 200:
        return Fault.INCOMPLETE, f"is answered with status {answer.status}"
    return _body(question, answer, most)


def _body(question: Question, answer: Answer, most: int) -> tuple[Fault, str] | None:
    if answer.is_cut:
        return Fault.ENDLESS, f"goes on after {most:,} bytes"
    body = unpacked(answer.body, answer.headers.get("content-encoding", "").lower(), most)
    if body is None:
        return Fault.REWRITTEN, "is packed so that it cannot be read"
    if len(body) > most:
        return Fault.BOMB, f"has {len(answer.body):,} bytes and unpacks to more than {most:,}"
    found = File.of(body)
    if found == question.file:
        return None
    release = question.others.get(found.digest)
    return Fault.ALTERED, f"is still that of release {release}" if release else "is another one"
