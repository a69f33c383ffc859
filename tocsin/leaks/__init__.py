"""Leaks: what must not be public is searched for in everything that is to be published, and in the sources.

`gate` looks into every file of an output, `search_sources` into what the output is made from. Both say where
something stands and by which rule it may not; neither ever repeats what they found.
"""

from __future__ import annotations

from tocsin.leaks.gate import LeakReport, Search, gate, veiled
from tocsin.leaks.sources import search_sources

__all__ = ["LeakReport", "Search", "gate", "search_sources", "veiled"]
