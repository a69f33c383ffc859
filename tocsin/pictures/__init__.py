"""Pictures: from what editors put beside an item to what readers download.

A source picture is never copied. It is decoded, turned upright, brought to sRGB, shrunk and encoded anew, as
AVIF and as JPEG in a few widths; position, camera, comments, profiles and thumbnails stay behind.

    inspect      bytes -> Picture: is it acceptable, and what are its renditions called (header only, fast)
    encode       bytes, Picture -> files in the cache
    encode_all   the same for many, on all processors
    PictureCache where renditions are kept, under names made from all that they depend on

Modules: `picture` (types), `formats` (recognising by content), `recipe` (what renditions there are, and their
names), `source` (opening bytes safely), `encoding`, `cache`, `pool` (forked workers), `batch`.
"""

from tocsin.pictures.batch import Job, encode_all
from tocsin.pictures.cache import PictureCache
from tocsin.pictures.encoding import encode
from tocsin.pictures.picture import DEFAULT_LIMITS, WIDTHS, Limits, Picture, Rendition
from tocsin.pictures.source import inspect

__all__ = [
    "DEFAULT_LIMITS",
    "WIDTHS",
    "Job",
    "Limits",
    "Picture",
    "PictureCache",
    "Rendition",
    "encode",
    "encode_all",
    "inspect",
]
