"""Standard book and serial numbers, with their check digits (ISO 2108, ISO 3297)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator


def isbn(value: str) -> str:
    """An ISBN of 13 digits, or of 10 as on older reports, with or without hyphens or spaces."""
    digits = re.sub(r"[\s-]", "", value).upper()
    if re.fullmatch(r"[0-9]{13}", digits):
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        valid = total % 10 == 0
    elif re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        total = sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits))
        valid = total % 11 == 0
    else:
        raise ValueError(f"'{value}' is not an ISBN; it has 10 or 13 digits")
    if not valid:
        raise ValueError(f"ISBN {value} has a wrong check digit; compare it with the printed report")
    return value


def issn(value: str) -> str:
    """An ISSN such as `2225-1804`."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{3}[0-9X]", value):
        raise ValueError(f"'{value}' is not an ISSN; write it like 2225-1804")
    digits = value.replace("-", "")
    total = sum((8 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits))
    if total % 11:
        raise ValueError(f"ISSN {value} has a wrong check digit; compare it with the printed report")
    return value


Isbn = Annotated[str, AfterValidator(isbn)]
Issn = Annotated[str, AfterValidator(issn)]
