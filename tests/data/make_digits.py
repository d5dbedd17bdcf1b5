#!/usr/bin/env python3
"""Writes digits/0.png .. 9.png: the first of MNIST's test images for each digit, 8-bit grey.

    tests/data/make_digits.py DATA_FOLDER
"""
import pathlib
import struct
import sys
import zlib

SIDE = 28


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels):
    rows = b"".join(b"\0" + pixels[y * SIDE : (y + 1) * SIDE] for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def main(folder):
    images = (folder / "t10k-images-idx3-ubyte").read_bytes()[16:]
    labels = (folder / "t10k-labels-idx1-ubyte").read_bytes()[8:]
    out = pathlib.Path(__file__).parent / "digits"
    out.mkdir(exist_ok=True)
    for digit in range(10):
        at = labels.index(digit) * SIDE * SIDE
        (out / f"{digit}.png").write_bytes(png(images[at : at + SIDE * SIDE]))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_digits.py DATA_FOLDER")
    main(pathlib.Path(sys.argv[1]))
