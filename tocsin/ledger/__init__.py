"""What is remembered between builds, so that only what changed is made again.

`store` keeps named plain data in a file and notices damage; `sources` tells which files changed since then.
Losing either costs time, never correctness.
"""
