"""Every file of a source against what the editors signed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tuf.api.metadata import Delegations

from tocsin.errors import UnreadableError
from tocsin.reporting import Reporter
from tocsin.signed.edition import File
from tocsin.signed.paths import fault_of_path, path_of
from tocsin.verify.chain import Chain
from tocsin.verify.sources import Source, measure
from tocsin.verify.verdicts import Found, Verdict

# So many files in a row without any answer, and the rest is not waited for.
_MOST_SILENCES = 20
# Where no list states a size.
_LARGEST = 500_000_000


@dataclass(slots=True)
class Compared:
    """What was read: facts, and for every file that is not as signed what it is instead."""

    found: list[Found] = field(default_factory=list)
    measured: dict[str, File] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another release of the same edition that is known, and its files by path."""

    release: str
    files: Mapping[str, File]


def files_of(chain: Chain) -> tuple[dict[str, File], list[Found]]:
    """Every file of the edition whose roles were loaded, metadata apart, by the path where it is served (F8).

    A role that lists what it does not answer for (F9), or a path that no release has (F2), makes it none.
    """
    files: dict[str, File] = {}
    found: list[Found] = []
    answers = _Answers(chain.delegations)
    for name, role in chain.roles.items():
        metadata = f"metadata/{role.version}.{name}.json"
        for target, info in role.targets.items():
            path, digest = path_of(target), info.hashes.get("sha256")
            if fault := fault_of_path(path):
                found.append(Found(Verdict.ALTERED, metadata, f"lists '{path}', which {fault}"))
            elif digest is None or path in files or answers.role(target) != name:
                found.append(Found(Verdict.ALTERED, metadata, f"lists '{path}', which it may not or not so"))
            else:
                files[path] = File(digest, info.length)
    return files, found


class _Answers:
    """The role that a client of TUF asks first for a target; all are terminating, so it is the only one.

    What a pattern spells out, and how many parts there are, is all that decides: thousands of targets come to
    a few questions. Where a pattern holds more than parts that are `*` or spelled out, every target is one.
    """

    def __init__(self, delegations: Delegations) -> None:
        self.delegations = delegations
        roles = (delegations.roles or {}).values()
        parts = {part for role in roles for pattern in role.paths or ["?"] for part in pattern.split("/")}
        self.spelled = {part for part in parts if not set("*?[") & set(part)}
        self.is_plain = parts - self.spelled <= {"*"}
        self.known: dict[object, str | None] = {}

    def role(self, target: str) -> str | None:
        """The name of the role; None where no pattern fits."""
        key: object = target
        if self.is_plain:
            key = tuple(part if part in self.spelled else None for part in target.split("/"))
        if key not in self.known:
            found = self.delegations.get_roles_for_target(target)
            self.known[key] = next((name for name, _ in found), None)
        return self.known[key]


def compare(source: Source, files: Mapping[str, File], reporter: Reporter) -> Compared:
    """Read every one of these files, and compare."""
    compared, silences, total = Compared(), 0, len(files)
    for done, (path, file, error) in enumerate(_measured(source, files), 1):
        compared.files += 1
        if file:
            compared.bytes += file.size
        wanted = files[page_file(path)]
        if error:
            compared.found.append(Found(_verdict(error), path, str(error)))
        elif file and file != wanted:
            compared.measured[path] = file
            compared.found.append(Found(Verdict.ALTERED, path, _difference(file, wanted)))
        silences = silences + 1 if error and error.is_silence else 0
        if silences >= _MOST_SILENCES:
            detail = f"After {silences} files without an answer the rest was not asked for."
            compared.found.append(Found(Verdict.INCOMPLETE, "", detail))
            break
        if done % 50 == 0 or done == total:
            reporter.progress("files compared", min(done, total), total)
    return compared


def compare_digests(
    source: Source, digests: Mapping[str, str], reporter: Reporter
) -> tuple[Compared, dict[str, File]]:
    """The same where sizes are not known: what was read, and every file that is as signed."""
    compared, files = Compared(), {}
    for done, (path, digest) in enumerate(digests.items(), 1):
        try:
            file = measure(source, path, _LARGEST)
        except UnreadableError as error:
            compared.found.append(Found(_verdict(error), path, str(error)))
            continue
        compared.files += 1
        compared.bytes += file.size
        if file.digest == digest:
            files[path] = file
        else:
            compared.found.append(Found(Verdict.ALTERED, path, "is not what the editors signed"))
        if done % 50 == 0 or done == len(digests):
            reporter.progress("files compared", done, len(digests))
    return compared, files


def _measured(
    source: Source, files: Mapping[str, File]
) -> Iterator[tuple[str, File | None, UnreadableError | None]]:
    """Each file by each name that readers get it by; several at once where the source allows."""
    wanted = [(name, file) for path, file in files.items() for name in (path, *source.other_names(path))]

    def one(asked: tuple[str, File]) -> tuple[str, File | None, UnreadableError | None]:
        try:
            return asked[0], measure(source, asked[0], asked[1].size), None
        except UnreadableError as error:
            return asked[0], None, error

    if source.workers == 1:
        yield from map(one, wanted)
        return
    # A few ahead and no more, so that whoever has seen enough can stop.
    with ThreadPoolExecutor(source.workers) as pool:
        waiting = deque(pool.submit(one, asked) for asked in wanted[: 2 * source.workers])
        rest = iter(wanted[2 * source.workers :])
        while waiting:
            done = waiting.popleft().result()
            if (asked := next(rest, None)) is not None:
                waiting.append(pool.submit(one, asked))
            yield done


def _verdict(error: UnreadableError) -> Verdict:
    return Verdict.INCOMPLETE if error.is_absent else Verdict.ALTERED


def _difference(file: File, wanted: File) -> str:
    if file.size > wanted.size:
        return f"is longer than the {wanted.size:,} bytes that were signed"
    if file.size < wanted.size:
        return f"has {file.size:,} bytes, and {wanted.size:,} were signed"
    return "is not what the editors signed"


def planted(
    source: Source, files: Mapping[str, File], neighbours: Iterable[Neighbour]
) -> tuple[list[Found], dict[str, File]]:
    """What is there beyond the lists (F23). What a neighbour lists is measured: it may be in transit."""
    found = [Found(Verdict.PLANTED, path, detail) for path, detail in source.strays(files)]
    return found, _measured_again(source, (one.path for one in found), list(neighbours))


def measured_whole(
    source: Source,
    files: Mapping[str, File],
    measured: Mapping[str, File],
    neighbours: Iterable[Neighbour],
) -> dict[str, File]:
    """Files that go on after the bytes that were signed, measured again as far as a neighbour's would go."""
    longer = (path for path, file in measured.items() if file.size > files[page_file(path)].size)
    return _measured_again(source, longer, list(neighbours))


def _measured_again(source: Source, paths: Iterable[str], neighbours: Sequence[Neighbour]) -> dict[str, File]:
    found = {}
    for path in paths:
        sizes = [file.size for one in neighbours if (file := one.files.get(page_file(path)))]
        if sizes:
            try:
                found[path] = measure(source, path, max(sizes))
            except UnreadableError:
                continue
    return found


def page_file(path: str) -> str:
    """The path of a file, which readers of pages get by the folder that it lies in, too."""
    return f"{path}index.html" if path.endswith("/") or not path else path


def in_transit(
    found: Iterable[Found],
    measured: Mapping[str, File],
    neighbours: Iterable[Neighbour],
    age: timedelta,
    grace: timedelta,
) -> Iterator[Found]:
    """F24: what is a neighbour's file is in transit, and after the time of grace stale. `age` is for how long
    this release has been seen at the place."""
    known = list(neighbours)
    for one in found:
        file = measured.get(one.path)
        of = next((n.release for n in known if file and n.files.get(page_file(one.path)) == file), None)
        if of is None or one.verdict not in {Verdict.ALTERED, Verdict.PLANTED}:
            yield one
        elif age <= grace:
            yield Found(Verdict.IN_TRANSIT, one.path, f"is that of release {of}")
        else:
            yield Found(Verdict.STALE, one.path, f"is still that of release {of}")


def since(text: str, at: datetime) -> timedelta:
    """How long ago an instant was that was remembered; none where nothing was."""
    return at - datetime.fromisoformat(text) if text else timedelta()
