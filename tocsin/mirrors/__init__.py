"""Publishing editions: which mirrors there are, how each is reached, and putting an edition there.

An edition comes in from outside (`tocsin.signed.edition`); nothing here knows how releases are made.
"""
