"""Copies that nobody can take back: what they may hold, how they open from a folder, how they are packed.

Rules F14 to F18, F26 and F27 of docs/release-format.md.
"""
