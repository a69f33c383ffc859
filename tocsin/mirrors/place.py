"""What every kind of place can be asked to do, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Generic, TypeVar, cast

from tocsin.files import fill_folder, make_folder, remove_folder
from tocsin.mirrors.configured import Reached
from tocsin.model.mirrors import Settings
from tocsin.signed.edition import Edition, Turn

S = TypeVar("S", bound=Settings)
STOPPED = "was stopped; publish again to go on"


class PlaceError(Exception):
    """A step that failed; the message is a sentence. `is_final`: trying again would be of no use."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a kind of place can and cannot do, for the plan and for people.

    `is_whole`: it takes all of an edition at once and switches to it. `lists`: it can tell what it has.
    `headers`: it sends the headers of the policy. `recalls`: what was there is gone once it is deleted;
    where not, `left` says what stays. `limits`: it keeps a limit of bandwidth. `proxied`: it can be reached
    through a proxy. `is_served`: readers find the edition at the mirror's address.
    """

    is_whole: bool = False
    lists: bool = False
    headers: bool = False
    recalls: bool = True
    left: str = ""
    limits: bool = False
    proxied: bool = False
    is_served: bool = True


class Place(Generic[S]):
    """One mirror as its kind reaches it. Methods raise `PlaceError`.

    A kind that takes files one by one has `put` and `delete`; one that takes an edition whole has `replace`.
    `workshop` is a folder of this machine that the place may use and that stays from one time to the next;
    `said` are sentences for whoever publishes. Where `stop` is set, what is at work ends soon.
    """

    abilities: Abilities

    def __init__(self, reached: Reached, root: Path, workshop: Path) -> None:
        self.reached = reached
        self.settings = cast("S", reached.settings)
        self.root = root
        self.workshop = workshop
        self.said: list[str] = []
        self.stop = Event()

    def check(self) -> None:
        """Look whether the mirror can be reached at all, before anything is made ready for it."""

    def put(self, edition: Edition, paths: Sequence[str], turn: Turn) -> None:
        """Put files; where it is the turn of new ones, nobody is led to them yet."""
        raise NotImplementedError

    def delete(self, paths: Sequence[str], emptied: Sequence[str]) -> None:
        """Delete files, which may be gone already, and the folders that have no file left."""
        raise NotImplementedError

    def replace(self, edition: Edition, put: Sequence[str], gone: Sequence[str], note: str) -> str:
        """Put a whole edition in the place of what is there; what to tell it next time as `note`.

        `put` and `gone` are what differs from the last time, of which `note` was told; empty the first time.
        """
        raise NotImplementedError

    def listed(self) -> Mapping[str, str]:
        """What is there, by path: `sha256:…` or `md5:…`, or an empty text where nothing more is known."""
        raise NotImplementedError

    def purge(self) -> str:
        """Delete what the place keeps of files that were replaced or deleted; what it did, as a sentence."""
        return ""

    def path(self, text: str) -> Path:
        """A folder or file of the settings: relative to the checkout, `~` is the home of the user."""
        return self.root / Path(text).expanduser()

    @contextmanager
    def staged(self, edition: Edition, paths: Sequence[str]) -> Iterator[Path]:
        """A folder that holds files of an edition as long as this lasts."""
        folder = self.workshop / "stage"
        try:
            fill_folder(folder, ((path, edition.read(path)) for path in paths))
            yield folder
        except OSError as error:
            raise PlaceError(disk_said(error), is_final=True) from None
        finally:
            remove_folder(folder)

    @contextmanager
    def emptiness(self, folders: Iterable[str]) -> Iterator[Path]:
        """A folder that holds empty folders and nothing else, as long as this lasts."""
        top = self.workshop / "nothing"
        remove_folder(top)
        for folder in ("", *folders):
            make_folder(top / folder)
        try:
            yield top
        finally:
            remove_folder(top)


def disk_said(error: OSError) -> str:
    """An error of the system as a sentence, without the path of this machine."""
    name = Path(error.filename).name if isinstance(error.filename, str) else "a file"
    return f"{name} cannot be written or read: {error.strerror or error}"
