"""Indexes for the search in readers' browsers, made by Pagefind (a program that comes as a package).

Its service reads requests and writes answers, each JSON in base64 with a comma behind it. Equal records in
equal order give equal bytes, but for one list that is put in order here; another order gives others.
"""

from __future__ import annotations

import base64
import hashlib
import json
import marshal
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from tocsin.errors import BuildError, MissingToolError

PACKAGE = "pagefind_bin"
ENTRY = "pagefind-entry.json"
"""The file of an index that a browser asks for first; its name never changes."""

SELDOM = "\ua66e"
"""A letter that nobody has on a keyboard: what begins with it is found by no word."""

# Raise this when the same records give other files.
_VERSION = 1
_WAY_OUT = "install it (requirements.lock names it), or write 'enabled = false' under [search] in site.toml"
# The part of a browser: the program itself, and the words' stems of each language.
_PROGRAM = "pagefind.js"
_STEMS = ".pagefind"


@dataclass(frozen=True, slots=True)
class Record:
    """What can be found: where it stands, its text, and what else is searched and shown of it by name."""

    address: str
    language: str
    text: str
    shown: Mapping[str, str]


Files = list[tuple[str, bytes]]


def digest_of(records: Iterable[Record]) -> str:
    """Changes with anything that the files made from these records depend on."""
    plain = [(one.address, one.language, one.text, sorted(one.shown.items())) for one in records]
    return hashlib.sha256(repr((_VERSION, program_version(), plain)).encode()).hexdigest()[:20]


def program_version() -> str:
    """The version of Pagefind; raises `MissingToolError` where there is none."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        raise MissingToolError(f"Pagefind is missing; {_WAY_OUT}") from None


def index(records: Sequence[Record]) -> Files:
    """The files of an index of these records, by path; without the program that reads it."""
    return [
        (path, data) for path, data in _made(records) if "/" in path or path.endswith((".pf_meta", ENTRY))
    ]


def program(languages: Iterable[str]) -> Files:
    """The program that searches indexes of these languages, with an index in which nothing is found.

    It begins with that one, so that indexes hold nothing of the program and may come and go beside it.
    """
    # An index that holds nothing would not be known to the program.
    records = [Record(f"-{language}", language, SELDOM, {}) for language in sorted(languages)]
    files = dict(_made(records))
    entry = json.loads(files[ENTRY])
    wanted = {f"wasm.{found['wasm'] or 'unknown'}{_STEMS}" for found in entry["languages"].values()}
    return [
        (path, data)
        for path, data in sorted(files.items())
        if path in {_PROGRAM, ENTRY, *wanted} or "/" in path or path.endswith(".pf_meta")
    ]


def packed(files: Files) -> bytes:
    """Files as one value, to be kept."""
    return marshal.dumps(files)


def unpacked(data: bytes) -> Files:
    """The files of `packed`."""
    files: Files = marshal.loads(data)  # noqa: S302 - kept behind a digest, as everything in .tocsin/ is
    return files


def _made(records: Sequence[Record]) -> Files:
    """Everything that Pagefind makes of records, in the order of paths."""
    requests: list[dict[str, Any]] = [{"type": "NewIndex", "config": None}]
    requests += [
        {
            "type": "AddRecord",
            "index_id": 0,
            "url": one.address,
            "content": one.text,
            "language": one.language.lower(),
            "meta": dict(one.shown),
            "filters": {},  # a filter with several values gives other bytes each time
            "sort": None,
        }
        for one in records
    ]
    *_, last = _answers([*requests, {"type": "GetFiles", "index_id": 0}])
    files = {file["path"]: base64.b64decode(file["content"]) for file in last["files"]}
    # Pagefind lists languages in another order each time.
    files[ENTRY] = json.dumps(json.loads(files[ENTRY]), ensure_ascii=False, sort_keys=True).encode()
    return sorted(files.items())


def _answers(requests: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The answer to each request, from one run of the program."""
    try:
        with _service() as service:
            assert service.stdin is not None and service.stdout is not None  # noqa: S101, PT018 - asked for
            try:
                for number, request in enumerate(requests, 1):
                    message = json.dumps({"message_id": number, "payload": request}).encode()
                    service.stdin.write(base64.b64encode(message) + b",")
                    service.stdin.flush()
                    yield _answer(service.stdout)
            finally:
                service.kill()
    except BrokenPipeError:  # when it is written to, or when the pipe is closed
        raise BuildError("Pagefind ended before it had made an index") from None


def _service() -> subprocess.Popen[bytes]:
    """The running program. Files and variables that configure Pagefind elsewhere have no say here."""
    file = _executable()
    return subprocess.Popen(
        [file, "--service"],
        cwd=Path(file).parent,
        env={name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _answer(output: IO[bytes]) -> dict[str, Any]:
    """The next answer: one at a time is asked for, so what comes ends with its comma."""
    parts: list[bytes] = []
    while not parts or not parts[-1].endswith(b","):
        part = output.read1(1 << 20)  # type: ignore[attr-defined]
        if not part:
            raise BuildError("Pagefind ended before it had made an index")
        parts.append(part)
    payload: dict[str, Any] = json.loads(base64.b64decode(b"".join(parts)[:-1]))["payload"]
    if payload["type"] == "Error":
        raise BuildError(f"Pagefind says: {payload.get('message')}")
    return payload


def _executable() -> str:
    try:
        from pagefind_bin import get_executable

        return str(get_executable())
    except (ImportError, FileNotFoundError):
        raise MissingToolError(f"Pagefind has no program for this system; {_WAY_OUT}") from None
