"""Tocsin makes the public site of a human-rights network out of a folder of Markdown, signs it as a release
and keeps identical, verifiable copies of it on mirrors. This package is free of Pelican; `plugins/` joins the
two.
"""
