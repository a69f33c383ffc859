"""All kinds of items together."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.model.appeal import Appeal
from tocsin.model.items import FOLDERS, AnyItem, Kind
from tocsin.model.network import Member, Page
from tocsin.model.portrait import Portrait
from tocsin.model.report import Report
from tocsin.model.statement import Statement

ITEM_TYPES: Mapping[Kind, type[AnyItem]] = {
    "appeal": Appeal,
    "report": Report,
    "statement": Statement,
    "portrait": Portrait,
    "page": Page,
    "member": Member,
}

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
