"""Pictures made on the spot, good and bad, so that no binary file lies in the repository."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from tocsin.errors import PictureError

MARKS = {
    "exif": b"MARK-OF-EXIF",
    "camera": b"MARK-OF-CAMERA",
    "comment": b"MARK-OF-COMMENT",
    "xmp": b"MARK-OF-XMP",
    "profile": b"MARK-OF-PROFILE",
    "text": b"MARK-OF-TEXT",
    "tail": b"MARK-BEHIND-THE-END",
}
"""Words hidden in the places where real pictures carry what must not be published."""


class Samples:
    """Makers of source pictures. All are deterministic; sizes are (width, height) in pixels."""

    marks = MARKS

    def photo(self, width: int, height: int, mode: str = "RGB") -> Image.Image:
        """Soft coloured patches with a little grain: compresses roughly as a photograph does."""
        noise = random.Random(7)
        small = Image.frombytes("RGB", (8, 8), noise.randbytes(192))
        grain = Image.frombytes("L", (64, 64), noise.randbytes(4096)).resize((width, height))
        soft = small.resize((width, height), Image.Resampling.BICUBIC)
        return Image.blend(soft, grain.convert("RGB"), 0.1).convert(mode)

    def saved(self, image: Image.Image, form: str, **options: object) -> bytes:
        stream = io.BytesIO()
        image.save(stream, form, **options)
        return stream.getvalue()

    def jpeg(self, width: int = 400, height: int = 500, **options: object) -> bytes:
        return self.saved(self.photo(width, height), "JPEG", **options)

    def png(self, width: int = 400, height: int = 500) -> bytes:
        return self.saved(self.photo(width, height), "PNG")

    def animated(self, form: str) -> bytes:
        frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "green", "blue")]
        return self.saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)

    def huge_png(self, side: int = 12_000) -> bytes:
        """A whole, valid, black PNG of side × side pixels that takes a few kilobytes."""
        row = b"\x00" * (1 + (side + 7) // 8)
        return self.png_of_chunks(
            (b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(row * side, 9)),
            (b"IEND", b""),
        )

    def png_of_chunks(self, *chunks: tuple[bytes, bytes]) -> bytes:
        parts = [b"\x89PNG\r\n\x1a\n"]
        for kind, content in chunks:
            parts.append(struct.pack(">I", len(content)) + kind + content)
            parts.append(struct.pack(">I", zlib.crc32(kind + content)))
        return b"".join(parts)

    def exif(self, orientation: int = 1) -> Image.Exif:
        """EXIF with a camera, a description, a position and an orientation."""
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010E] = MARKS["exif"].decode()
        exif[0x0110] = MARKS["camera"].decode()
        exif[0x8825] = {1: "N", 2: (4.0, 3.0, 2.0), 3: "E", 4: (9.0, 42.0, 1.0)}
        return exif

    def revealing_jpeg(self, image: Image.Image | None = None) -> bytes:
        """A JPEG with position, camera, comment, XMP, a Display P3 profile, and more behind its end."""
        data = self.saved(
            image or self.photo(700, 900),
            "JPEG",
            quality=95,
            exif=self.exif(),
            comment=MARKS["comment"],
            xmp=b"<x:xmpmeta>" + MARKS["xmp"] + b"</x:xmpmeta>",
            icc_profile=self.display_p3(),
        )
        return data + MARKS["tail"]

    def revealing_png(self) -> bytes:
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", MARKS["text"].decode())
        text.add_itxt("XML:com.adobe.xmp", MARKS["xmp"].decode())
        image = self.photo(700, 900)
        data = self.saved(image, "PNG", pnginfo=text, exif=self.exif(), icc_profile=self.display_p3())
        return data + MARKS["tail"]

    def display_p3(self) -> bytes:
        """A small ICC profile with the primaries of Display P3 and its (sRGB's) curve."""
        colours = {
            b"wtpt": (0.9642, 1.0, 0.8249),
            b"rXYZ": (0.51512, 0.24120, -0.00105),
            b"gXYZ": (0.29198, 0.69225, 0.04189),
            b"bXYZ": (0.15710, 0.06657, 0.78407),
        }
        tags = {name: b"XYZ \0\0\0\0" + _fixed(*values) for name, values in colours.items()}
        curve = b"para\0\0\0\0\0\3\0\0" + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
        tags[b"cprt"] = b"text\0\0\0\0none\0\0\0\0"
        name = MARKS["profile"] + b"\0"
        tags[b"desc"] = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 80
        return _profile(tags)


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _profile(tags: dict[bytes, bytes]) -> bytes:
    table, content = struct.pack(">I", len(tags)), b""
    begin = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", begin + len(content), len(value))
        content += value
    size = begin + len(content)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + _fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + content


@pytest.fixture(scope="session")
def samples() -> Samples:
    return Samples()


@pytest.fixture
def said() -> Callable[[Callable[[], object]], str]:
    """What a call that must fail with `PictureError` says."""

    def message(call: Callable[[], object]) -> str:
        with pytest.raises(PictureError) as caught:
            call()
        return str(caught.value)

    return message
