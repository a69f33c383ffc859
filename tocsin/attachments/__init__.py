"""Attachments: documents that readers download, with nothing in them about who made them.

A document carries the names of author and program, dates, earlier versions, places where pictures were taken,
sometimes whole other files. Here it is taken apart and written anew from what readers need: what is not known
to be that is left out, and where leaving it out would change what the document says, it is refused.

Modules: `pdf`, `opendocument` (ODT), `office` (DOCX), `book` (EPUB), `sound` (MP3), `film` (MP4), one
for each format; `container` (ZIP) and `markup` (XML) for those that are made of these; `jpeg`; `kept` (the
cache).
"""

from tocsin.attachments.kept import FORMATS, MAX_BYTES, clean, cleaned, prune, size_of
from tocsin.attachments.pdf import clean_pdf

__all__ = ["FORMATS", "MAX_BYTES", "clean", "clean_pdf", "cleaned", "prune", "size_of"]
