"""Reading items in workers that may be given up: no file can make a build hang, or take all memory.

Sizes are looked at before anything is read (`folders`), and what is known to take long is refused by its
form (`body.tangled`). Whatever else is odd shows by what it takes: an item that takes too long, or too much
memory, or that crashes a parser, costs its worker. It is named, and all others are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin import forks
from tocsin.errors import ChangedMeanwhileError, Finding
from tocsin.ledger.sources import Sources
from tocsin.ledger.store import chunks
from tocsin.library.cache import Kept, finding_of, plain_finding, take_in
from tocsin.library.folders import ItemFolder

# Of one item in all its languages. The largest that is right takes some seconds on an old laptop.
LIMITS = forks.Limits(seconds=60, memory=1_000_000_000)
# After so many items that had to be given up, reading ends: each costs the time that one may take.
MOST_LOST = 5
FOLDERS_A_PIECE = 20

Wanted = tuple[ItemFolder, str]
"""A folder, and the key under which what it holds is kept."""


def read_items(
    sources: Sources, wanted: Sequence[Wanted], languages: tuple[str, ...], workers: int
) -> Iterator[list[tuple[Wanted, Kept | None, list[Finding]]]]:
    """Read folders: by and by, for each, what to keep, or None and its faults.

    Raises `ChangedMeanwhileError` for a file that is no longer what `sources` saw.
    """

    def work(piece: list[Wanted]) -> list[tuple[Kept | None, list[tuple[str, int, str, str, str]], str]]:
        results = []
        for number, (folder, key) in enumerate(piece):
            forks.step(number)
            kept, faults = take_in(sources.root, folder, languages, key)
            changed = sources.changed(files_of(folder))
            results.append((kept, [plain_finding(finding) for finding in faults], changed))
        return results

    pieces, given_up = list(chunks(wanted, FOLDERS_A_PIECE)), 0
    while pieces:
        left: list[list[Wanted]] = []
        for number, results in forks.run(work, pieces, workers, LIMITS):
            piece = pieces[number]
            if isinstance(results, forks.Lost):
                given_up += 1
                yield [(piece[results.step], None, [_fault(piece[results.step][0], results, given_up)])]
                if given_up == MOST_LOST:
                    return
                # One by one, since another of them may be as odd.
                left += [[other] for place, other in enumerate(piece) if place != results.step]
            else:
                yield [_read(*pair) for pair in zip(piece, results, strict=True)]
        pieces = left


def _read(
    wanted: Wanted, result: tuple[Kept | None, list[tuple[str, int, str, str, str]], str]
) -> tuple[Wanted, Kept | None, list[Finding]]:
    kept, faults, changed = result
    if changed:  # between looking and reading: it would be kept under a digest that is not its own
        raise ChangedMeanwhileError(changed)
    return wanted, kept, [finding_of(fault) for fault in faults]


def _fault(folder: ItemFolder, lost: forks.Lost, given_up: int) -> Finding:
    rest = "; what had not been read by then was left unread" if given_up == MOST_LOST else ""
    said = f"cannot be read: that {lost.said(LIMITS)}; divide its texts, or find what is odd in them{rest}"
    return Finding(folder.path, 0, said, "too-much")


def files_of(folder: ItemFolder) -> list[str]:
    """The paths of everything that an item is read from."""
    names = (*(f"{language}.md" for language in folder.languages), *folder.others)
    return [f"{folder.path}/{name}" for name in names]
