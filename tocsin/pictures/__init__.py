"""Pictures: from what editors put beside an item to what readers download.

A source picture is never copied. It is decoded, turned upright, brought to sRGB, shrunk and encoded anew, as
AVIF and as JPEG in a few widths; position, camera, comments, profiles and thumbnails stay behind.

    inspect      bytes -> Picture: is it acceptable, and what are its renditions called (header only, fast)
    inspect_cover the same for the first page of a PDF
    encode       bytes, Picture -> files in the cache
    encode_all   the same for many, on all processors
    PictureCache where renditions are kept, under names made from all that they depend on

Other pictures are drawn here: a social card for each item and language, and the world's open cases. A
`DrawnCache` keeps them in the same way.

Modules: `picture` (types), `formats` (recognising by content), `recipe` (what renditions there are, and their
names), `source` (opening bytes safely), `cover` (of a PDF), `encoding`, `plain` (pictures inside documents),
`cache`, `pool` (forked workers), `batch`; for drawing, `social` and `worldmap` with `paper` (ink, colours,
PNG), `lettering` (shaping, fonts), `direction` (bidirectional text), `lines` (breaking), `land` (data).
"""

from tocsin.pictures.batch import Job, encode_all
from tocsin.pictures.cache import DrawnCache, PictureCache
from tocsin.pictures.encoding import encode
from tocsin.pictures.picture import DEFAULT_LIMITS, WIDTHS, Limits, Picture, Rendition
from tocsin.pictures.plain import rewritten
from tocsin.pictures.source import inspect, inspect_cover, refuse_weight

__all__ = [
    "DEFAULT_LIMITS",
    "WIDTHS",
    "DrawnCache",
    "Job",
    "Limits",
    "Picture",
    "PictureCache",
    "Rendition",
    "encode",
    "encode_all",
    "inspect",
    "inspect_cover",
    "refuse_weight",
    "rewritten",
]
