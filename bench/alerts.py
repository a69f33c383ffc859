"""Time to alert: a new appeal is saved; when do four mirrors serve it?

    .venv/bin/python -m bench.alerts --documents 10000

Tocsin: `release` (build, checks, leak gate, signatures, verification) and `publish` to three folders and a
bucket, each asked by its public address. Hugo: its whole build, which is the only one that it has, then
`rclone sync` of the output to the same kinds of places at once, by checksum, as Hugo writes every file anew.
Both had published before. Hugo's copies are not signed, and nobody looks whether they arrived: that is to its
advantage.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.corpus import Corpus, make_corpus
from bench.dialects import make_dialects
from bench.dialects.dialect import Dialect
from bench.measure import Measure, measure
from bench.scenarios import SCENARIOS, check_places
from bench.tools import get_tools
from tests.integration.far_places import s3_server
from tocsin.reporting import SilentReporter

ROOT = Path(__file__).resolve().parents[1]
SECRET = "TOCSIN_BENCH_SECRET"
FOLDERS = {"one": ("q4t7dk2wzm", 8111), "two": ("x6hn3vbr5p", 8112), "three": ("c2yj7ufe4s", 8113)}
BUCKET = "h5tz2kcw6n"


def run(documents: int, repeat: int, work: Path) -> dict[str, object]:
    """Publish both sites once, then measure so many new appeals; all numbers as plain data."""
    corpus = make_corpus(documents)
    names = ["tocsin", "hugo"]
    dialects = {one.name: one for one in make_dialects(names, work, get_tools(ROOT, names, SilentReporter()))}
    for dialect in dialects.values():
        dialect.begin(corpus)
    for item, texts in corpus.each():
        for dialect in dialects.values():
            dialect.add(item, texts)
    with s3_server() as server:
        for bucket in names:
            server.make(bucket)
        commands = {
            "tocsin": _tocsin(dialects["tocsin"], server.address),
            "hugo": _hugo(dialects["hugo"], server.address),
        }
        for name, dialect in dialects.items():
            dialect.forget()
            _measured(dialect, commands[name])
        found: dict[str, list[Measure]] = {name: [] for name in names}
        for number in range(repeat):
            for name, dialect in dialects.items():
                found[name].append(_alert(dialect, corpus, commands[name], number))
        counts = {name: len(_keys(server.client, name)) for name in names}
    return {
        "documents": documents,
        "objects": counts,
        "seconds": {name: statistics.median(one.wall for one in runs) for name, runs in found.items()},
        "runs": {name: [asdict(one) for one in runs] for name, runs in found.items()},
    }


def _alert(dialect: Dialect, corpus: Corpus, command: Sequence[str], number: int) -> Measure:
    places = SCENARIOS["new"].apply(dialect, corpus, f"mark{number}{time.time_ns()}")
    done = _measured(dialect, command)
    check_places(dialect.title, "new", places)
    return done


def _measured(dialect: Dialect, command: Sequence[str]) -> Measure:
    return measure(command, dialect.folder, {**dialect.environment(), **_environment()})


def _environment() -> Mapping[str, str]:
    return {SECRET: "secret", "RCLONE_CONFIG": "/dev/null"}


def _tocsin(dialect: Dialect, address: str) -> Sequence[str]:
    """Set up four mirrors; the command that releases and publishes."""
    mirrors = ["schema = 1"]
    for name, (edition, port) in FOLDERS.items():
        mirrors += [f"[mirrors.{name}]", f'edition = "{edition}"', f'address = "http://127.0.0.1:{port}/"']
        mirrors += ['kind = "directory"']
    mirrors += [
        "[mirrors.bucket]",
        f'edition = "{BUCKET}"',
        f'address = "{address}/tocsin/"',
        'kind = "rclone"',
    ]
    dialect.write("mirrors.toml", "\n".join([*mirrors, ""]))
    options = f'provider = "Other", endpoint = "{address}", region = "us-east-1", acl = "public-read"'
    options += ', access_key_id = "somebody"'
    deploy = [
        "schema = 1",
        "[mirrors.bucket.rclone]",
        'backend = "s3"',
        'path = "tocsin"',
        f"options = {{ {options} }}",
        "[mirrors.bucket.rclone.secrets]",
        f'secret_access_key = {{ environment = "{SECRET}" }}',
    ]
    dialect.write("deploy.toml", "\n".join([*deploy, ""]))
    command = list(dialect.command())
    task = " ".join(command[: command.index("build")])
    dialect.write("alert.sh", f"set -e\n{task} release\n{task} publish\n")
    return ["sh", "alert.sh"]


def _hugo(dialect: Dialect, address: str) -> Sequence[str]:
    """The command that builds and synchronises four places at once."""
    build = " ".join(dialect.command())
    sync = "rclone sync --checksum --fast-list --transfers 8 public"
    remote = f':s3,provider=Other,env_auth=true,endpoint="{address}",region=us-east-1,acl=public-read:hugo'
    lines = ["set -e", "export AWS_ACCESS_KEY_ID=somebody", f'export AWS_SECRET_ACCESS_KEY="${SECRET}"']
    lines += ["unset AWS_CA_BUNDLE", build, "pids="]
    lines += [f'{sync} "mirrors/{name}" & pids="$pids $!"' for name in FOLDERS]
    lines += [f"{sync} '{remote}' & pids=\"$pids $!\"", "for pid in $pids; do wait $pid; done"]
    dialect.write("alert.sh", "\n".join([*lines, ""]))
    return ["sh", "alert.sh"]


def _keys(client: object, bucket: str) -> list[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)  # type: ignore[attr-defined]
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time to alert.")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / ".work")
    options = parser.parse_args()
    found = run(options.documents, options.repeat, options.work.resolve() / f"alerts-{options.documents}")
    results = Path(__file__).parent / "results" / f"alerts-{options.documents}.json"
    results.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    seconds = found["seconds"]
    assert isinstance(seconds, dict)
    sys.stdout.write(
        f"Tocsin {seconds['tocsin']:.1f} s, Hugo {seconds['hugo']:.1f} s: "
        f"{seconds['hugo'] / seconds['tocsin']:.1f} times; objects in the bucket: {found['objects']}\n"
    )


if __name__ == "__main__":
    main()
