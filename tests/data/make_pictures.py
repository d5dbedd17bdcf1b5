#!/usr/bin/env python3
"""Writes the small picture files beside it in pictures/ that tests/unit/test_image.c reads.

Python's standard library only. The three seed-*.jpg files are not made here: they are the picture
`digit()` below, written once by Pillow 13 (grey baseline; colour, 4:2:0, progressive; colour,
4:4:4, restart markers) at quality 90. The other JPEG files are made from them.
"""

import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 13, 9
SIDE = 28
ADAM7 = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


# What is on the pictures. test_image.c knows the same formulas.
def level(x, y, depth):
    return (x * 7 + y * 5) % (1 << depth) if depth <= 8 else (x * 4001 + y * 1013) % 65536


def rgb(x, y):
    return ((x * 19 + y) % 256, (x + y * 23) % 256, (x * 5 + y * 11) % 256)


def palette(i):
    return (i * 37 % 256, i * 91 % 256, i * 53 % 256)


def is_stroke(x, y):
    return 4 <= x < 9 and 2 <= y < 7


def digit(x, y):
    """A seven, white on black, 28x28."""
    stroke = (6 <= x < 22 and 5 <= y < 9) or (9 <= y < 24 and abs(x - (20 - (y - 9) * 0.55)) < 2.2)
    return 255 if stroke else 0


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def filtered(rows, step):
    """Each row with one of PNG's five filters, in turn."""
    out, before = b"", bytes(len(rows[0])) if rows else b""
    for number, row in enumerate(rows):
        kind = number % 5
        out += bytes([kind])
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = before[i]
            c = before[i - step] if i >= step else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            out += bytes([(value - [0, a, b, (a + b) // 2, nearest][kind]) % 256])
        before = row
    return out


def packed(samples, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", s) for s in samples)
    bits = "".join(format(s, f"0{depth}b") for s in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def png_file(width, height, depth, colour, data, interlaced=False, before=b"", between=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    body = zlib.compress(data, 9)
    half = len(body) // 2
    parts = [chunk(b"IDAT", body[:half]), between, chunk(b"IDAT", body[half:])]
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + before + b"".join(parts) + chunk(b"IEND", b"")


def png(pixel, depth, colour, width=WIDTH, height=HEIGHT, interlaced=False, before=b""):
    """`pixel(x, y)` gives the samples of a pixel."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    data = b""
    for left, top, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns = range(left, width, dx)
        rows = [
            packed([s for x in columns for s in pixel(x, y)], depth) for y in range(top, height, dy)
        ]
        data += filtered(rows, max(1, channels * depth // 8)) if columns else b""
    # Which it may not stand in; it is found there all the same, and then the slower decoder reads it.
    text = chunk(b"tEXt", b"Comment\0between two") if interlaced or depth != 8 else b""
    return png_file(width, height, depth, colour, data, interlaced, before, text)


def bmp(depth, rows, colours=b"", compression=0, masks=b"", height=HEIGHT):
    header = struct.pack(
        "<IiiHHIIiiII", 40, WIDTH, height, 1, depth, compression, 0, 0, 0, len(colours) // 4, 0
    )
    body = b"".join(row + bytes(-len(row) % 4) for row in rows)
    offset = 14 + 40 + len(masks) + len(colours)
    return (
        struct.pack("<2sIHHI", b"BM", offset + len(body), 0, 0, offset)
        + header
        + masks
        + colours
        + body
    )


def pngs():
    for depth in (1, 2, 4, 8, 16):
        yield f"grey-{depth}.png", png(lambda x, y: [level(x, y, depth)], depth, 0)
    yield "grey-8-interlaced.png", png(lambda x, y: [level(x, y, 8)], 8, 0, interlaced=True)
    yield "grey-1-interlaced.png", png(lambda x, y: [level(x, y, 1)], 1, 0, interlaced=True)
    for depth, scale in ((8, 1), (16, 257)):
        yield f"rgb-{depth}.png", png(lambda x, y: [v * scale for v in rgb(x, y)], depth, 2)
        yield f"rgba-{depth}.png", png(
            lambda x, y: [*(v * scale for v in rgb(x, y)), 255 * scale], depth, 6
        )
    yield "rgb-8-interlaced.png", png(lambda x, y: rgb(x, y), 8, 2, interlaced=True)
    yield "grey-alpha-8.png", png(lambda x, y: [level(x, y, 8), 255], 8, 4)
    yield "grey-alpha-16.png", png(lambda x, y: [level(x, y, 16), 65535], 16, 4)
    for depth in (1, 2, 4, 8):
        colours = chunk(b"PLTE", b"".join(bytes(palette(i)) for i in range(1 << depth)))
        yield f"palette-{depth}.png", png(
            lambda x, y: [level(x, y, depth)], depth, 3, before=colours
        )
    yield "digit.png", png(lambda x, y: [digit(x, y)], 8, 0, SIDE, SIDE)


def transparent_pngs():
    dark, light, none = [20, 20, 20, 255], [240, 240, 240, 255], [90, 0, 0, 0]
    yield "strokes-dark.png", png(lambda x, y: dark if is_stroke(x, y) else none, 8, 6)
    yield "strokes-light.png", png(lambda x, y: light if is_stroke(x, y) else none, 8, 6)
    yield "strokes-faint.png", png(lambda x, y: [0, 0, 0, 128] if is_stroke(x, y) else none, 8, 6)
    yield "strokes-thick.png", png(lambda x, y: dark if x >= 3 else none, 8, 6)
    yield "strokes-grey.png", png(lambda x, y: [240, 255] if is_stroke(x, y) else [0, 0], 8, 4)
    yield "page-light.png", png(
        lambda x, y: none if x == 0 else dark if is_stroke(x, y) else light, 8, 6
    )
    yield "page-dark.png", png(
        lambda x, y: none if x == 0 else light if is_stroke(x, y) else dark, 8, 6
    )
    yield "nothing.png", png(lambda x, y: none, 8, 6)
    colours = chunk(b"PLTE", bytes([0, 0, 0, 240, 240, 240])) + chunk(b"tRNS", bytes([0]))
    yield "strokes-palette.png", png(lambda x, y: [int(is_stroke(x, y))], 1, 3, before=colours)
    key = chunk(b"tRNS", struct.pack(">H", 255))
    yield "strokes-key.png", png(lambda x, y: [240 if is_stroke(x, y) else 255], 8, 0, before=key)


def words(pack):
    """The rows of a 16-bit BMP, from the bottom."""
    for y in reversed(range(HEIGHT)):
        yield b"".join(struct.pack("<H", pack(*rgb(x, y))) for x in range(WIDTH))


def bmps():
    upwards = range(HEIGHT - 1, -1, -1)
    for depth in (1, 4, 8):
        colours = b"".join(bytes(palette(i)[::-1]) + b"\0" for i in range(1 << depth))
        rows = [packed([level(x, y, depth) for x in range(WIDTH)], depth) for y in upwards]
        yield f"palette-{depth}.bmp", bmp(depth, rows, colours)
    rows = [b"".join(bytes(rgb(x, y)[::-1]) for x in range(WIDTH)) for y in upwards]
    yield "rgb-24.bmp", bmp(24, rows)
    yield "rgb-24-downwards.bmp", bmp(24, rows[::-1], height=-HEIGHT)
    rows = [b"".join(bytes(rgb(x, y)[::-1]) + b"\0" for x in range(WIDTH)) for y in upwards]
    yield "rgb-32.bmp", bmp(32, rows)
    yield "rgb-15.bmp", bmp(16, words(lambda r, g, b: r >> 3 << 10 | g >> 3 << 5 | b >> 3))
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    rows = words(lambda r, g, b: r >> 3 << 11 | g >> 2 << 5 | b >> 3)
    yield "rgb-16-masks.bmp", bmp(16, rows, compression=3, masks=masks)
    yield "bad-rle.bmp", bmp(8, [b"\0\1"], bytes(1024), compression=1)


def bad_pngs():
    yield "bad-bomb.png", png_file(WIDTH, HEIGHT, 8, 0, bytes(8 << 20))
    yield "bad-too-few-rows.png", png_file(WIDTH, HEIGHT, 8, 0, bytes(20))
    yield "bad-side.png", png_file(8193, 1, 8, 0, b"")
    yield "bad-sides.png", png_file(0xFFFFFFFF, 0xFFFFFFFF, 1, 0, b"")
    yield "bad-area.png", png_file(8192, 2049, 8, 0, b"")
    yield "bad-no-width.png", png_file(0, 5, 8, 0, b"")
    yield "bad-depth.png", png_file(WIDTH, HEIGHT, 4, 2, bytes(200))
    yield "bad-chunk.png", png(lambda x, y: [0], 8, 0, before=chunk(b"CgBI", b"0000"))


def jpegs():
    seed = (FOLDER / "seed-progressive.jpg").read_bytes()
    grey = (FOLDER / "seed-grey.jpg").read_bytes()
    scan = seed.index(b"\xff\xda")
    end = seed.index(b"\xff", scan + 2 + struct.unpack(">H", seed[scan + 2 : scan + 4])[0])
    while seed[end + 1] == 0:
        end = seed.index(b"\xff", end + 2)
    yield "bad-many-scans.jpg", seed[:scan] + seed[scan:end] * 100 + seed[end:]
    table = grey.index(b"\xff\xc4")
    long = (
        b"\xff\xc4"
        + struct.pack(">H", 2 + 17 + 16 * 20)
        + b"\0"
        + bytes([20] * 16)
        + bytes(16 * 20)
    )
    yield "bad-long-table.jpg", grey[:table] + long + grey[table:]
    frame = grey.index(b"\xff\xc0")
    yield "bad-arithmetic.jpg", grey[:frame] + b"\xff\xc9" + grey[frame + 2 :]
    yield "bad-twelve-bits.jpg", grey[: frame + 4] + b"\x0c" + grey[frame + 5 :]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for make in (pngs, transparent_pngs, bmps, bad_pngs, jpegs):
        for name, data in make():
            (FOLDER / name).write_bytes(data)
