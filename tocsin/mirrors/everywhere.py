"""All mirrors at once. Each has a thread and an outcome of its own, so that none waits for another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from tocsin.errors import BuildError, ReleaseError
from tocsin.mirrors.account import Account, locked
from tocsin.mirrors.archive import Archive
from tocsin.mirrors.configured import FOLDER, Reached
from tocsin.mirrors.directory import Directory
from tocsin.mirrors.git import Git
from tocsin.mirrors.ipfs import Ipfs
from tocsin.mirrors.onion import Onion
from tocsin.mirrors.place import Place, PlaceError
from tocsin.mirrors.publishing import Manner, Moment, Outcome, Publishing
from tocsin.mirrors.rclone import Rclone
from tocsin.mirrors.rsync import Rsync
from tocsin.model.mirrors import PlaceKind
from tocsin.signed.edition import OFFLINE, Edition

# A kind is one class; this is where it is made known.
KINDS: Mapping[PlaceKind, type[Place[Any]]] = {
    "directory": Directory,
    "rclone": Rclone,
    "rsync": Rsync,
    "git": Git,
    "onion": Onion,
    "ipfs": Ipfs,
    "archive": Archive,
}
ACCOUNTS = f"{FOLDER}/.accounts"
WORKSHOPS = f"{FOLDER}/.workshops"
_TICK = 0.2
# Seconds after which a thread that computes lets others in: one that waits for a program or a disk very often
# waits as often for its turn, and with Python's 5 ms the slowest mirror waited a second for the others.
_TURN = 0.0005


def place_of(reached: Reached, root: Path) -> Place[Any]:
    """The mirror as its kind reaches it."""
    mirror = reached.mirror
    return KINDS[mirror.kind](reached, root, root / WORKSHOPS / mirror.name)


def publish_everywhere(
    root: Path,
    mirrors: Sequence[Reached],
    editions: Mapping[str, Edition],
    manner: Manner,
    hear: Callable[[Moment], None] = lambda moment: None,
) -> tuple[Outcome, ...]:
    """Publish to all mirrors, each its edition by id; outcomes in the order of the mirrors.

    `hear` is called in this thread.
    """
    heard: Queue[Moment | None] = Queue()
    shared = replace(manner, tell=heard.put)
    count = max(1, len(mirrors))
    with _short_turns(), ThreadPoolExecutor(max_workers=count, thread_name_prefix="mirror") as threads:
        running = [
            threads.submit(_publish, root, one, editions.get(one.mirror.edition), shared) for one in mirrors
        ]
        for one in running:
            one.add_done_callback(lambda _: heard.put(None))
        try:
            _pass_on(heard, hear, len(running))
        except BaseException:
            manner.stop.set()
            raise
    return tuple(one.result() for one in running)


@contextmanager
def _short_turns() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _pass_on(heard: Queue[Moment | None], hear: Callable[[Moment], None], running: int) -> None:
    """Tell what happens until as many have said by None that they are done, each after all else."""
    while running:
        try:
            moment = heard.get(timeout=_TICK)
        except Empty:  # so that a signal is noticed on every system
            continue
        if moment is None:
            running -= 1
        else:
            hear(moment)


def _publish(root: Path, reached: Reached, edition: Edition | None, manner: Manner) -> Outcome:
    mirror, folder = reached.mirror, root / ACCOUNTS
    name = f"{mirror.edition}-{mirror.name}" if mirror.edition == OFFLINE else mirror.edition
    if edition is None:
        said = "the release holds no edition for it: mirrors.toml or deploy.toml was changed; release again"
        if mirror.edition == OFFLINE:
            said = "takes the offline edition, which is not there; make it by 'offline', then publish again"
        return Outcome(mirror, "failed", "", faults=(said,))
    try:
        place = place_of(reached, root)
        _suits(place)
        with locked(folder, name, mirror.name):
            return Publishing(place, Account(folder, name), edition, manner).run()
    except (PlaceError, BuildError, ReleaseError, OSError) as error:
        return Outcome(mirror, "failed", edition.about.release, faults=(str(error),))


def _suits(place: Place[Any]) -> None:
    """Refuse settings that the kind would pass by; a limit that is not kept is only told."""
    reached = place.reached
    kind = reached.mirror.kind
    is_here = kind in {"directory", "onion"}  # a proxy is then for whoever looks at the address
    if reached.proxy and not place.abilities.proxied and not is_here:
        raise PlaceError(f"the kind {kind} keeps to no proxy; take it out of deploy.toml")
    if reached.bandwidth and not place.abilities.limits:
        place.said.append(f"the kind {kind} keeps no limit of bandwidth")
