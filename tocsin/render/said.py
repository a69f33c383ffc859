"""Text that knows its language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Said(str):
    """A text and the language that it is written in. It is an ordinary `str` besides."""

    language: str

    def __new__(cls, text: str, language: str) -> Said:
        said = super().__new__(cls, text)
        said.language = language
        return said

    def __getnewargs__(self) -> Any:
        return (str(self), self.language)


class Spoken:
    """The words of an item for one reader: each field in the best language that has it.

    Text is `Said`, entries are mappings of `Said`; what no language has is None. `language` is the language
    of the whole; single fields may differ where a translation lacks them. A field is made when it is first
    asked for, by `find`, which raises `AttributeError` for a name that is not among `names`.
    """

    def __init__(self, language: str, names: Iterable[str], find: Callable[[str], Any]) -> None:
        self.language = language
        self._names = names
        self._find = find

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = self._find(name)
        return value
