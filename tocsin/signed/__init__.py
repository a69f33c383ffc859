"""The form of a signed release: its paths, lists and roles. Rules F1 to F27 of docs/release-format.md.

What makes releases, what verifies them and what publishes them agree on this room, and on nothing else.
"""
