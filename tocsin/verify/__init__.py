"""Is a copy of the site the editors' own? Of a folder, a ZIP archive or an address (docs/verifying.md).

Reading (`Source`: folder, archive, web) is apart from judging, which asks python-tuf about metadata and
compares everything else with what the editors signed. Needs neither Pelican nor what builds the site.
"""
