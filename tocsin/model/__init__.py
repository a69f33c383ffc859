"""What things are: validated, frozen values. Nothing here reads, writes or prints.

The kinds of items are imported when one is first asked for: a build that has nothing to do needs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.model.kinds import (
        FOLDERS,
        ITEM_TYPES,
        AnyItem,
        Appeal,
        Kind,
        Member,
        Page,
        Portrait,
        Report,
        Statement,
    )

__all__ = [
    "FOLDERS",
    "ITEM_TYPES",
    "AnyItem",
    "Appeal",
    "Kind",
    "Member",
    "Page",
    "Portrait",
    "Report",
    "Statement",
]


def __getattr__(name: str) -> Any:
    """Import the kinds when one is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(name)
    from tocsin.model import kinds

    return getattr(kinds, name)
