"""The base of every validated value: frozen, closed, strict."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A value that was checked when it was made and cannot be changed afterwards.

    Unknown keys are refused, and nothing is converted silently: a number is not text, text is not a number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
