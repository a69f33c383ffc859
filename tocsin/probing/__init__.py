"""Watching mirrors: what each really serves, seen from outside as readers see it.

`tocsin.verify` says whether files are the editors' own. This room asks further: does anybody answer, and
who; are all readers told the same; what do answers say of themselves; is anything there that should be gone.
What is found has a name from one closed list (`faults`). Nothing here prints, signs or publishes.
"""
