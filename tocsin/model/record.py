"""The base of every validated value: frozen, closed, strict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

# The field that is at fault (`languages.fr.fallback` for an inner one) and a sentence that goes on from it.
Fault = tuple[str, str]

# The type of pydantic's error for what is wrong between fields; its context holds all `faults` of the record.
BETWEEN_FIELDS = "between_fields"


class Record(BaseModel):
    """A value that was checked when it was made and cannot be changed afterwards.

    Unknown keys are refused, and nothing is converted silently: a number is not text, text is not a number.
    How to check a kind is worked out when the first of its kind is made: most builds make few kinds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    def faults(self) -> Iterator[Fault]:
        """What is wrong between fields, each of which is right by itself; subclasses add theirs."""
        return iter(())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := list(self.faults()):
            said = "; ".join(f"{field} {sentence}" for field, sentence in faults)
            raise PydanticCustomError(BETWEEN_FIELDS, "{said}", {"said": said, "faults": faults})
        return self
