"""Checks of a finished output tree. They read files and return findings; they change nothing."""
