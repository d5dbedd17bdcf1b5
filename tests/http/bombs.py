"""Bodies of a megabyte and less that would grow: each gets a 4xx, or the right answer, and the server's memory
stays within 64 MiB of what it was.

    bombs.py DIGITD WEIGHTS [any-memory]    the latter with a sanitizer, which keeps what was freed
"""

import base64
import json
import re
import struct
import sys
import time
import zlib
from pathlib import Path

from support import Failure, Server, png, request

GROWTH_MAX = 64 * 1024  # KiB
HANG = 10  # seconds
BODY = 1 << 20


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_file(width, height, data, depth=8, kind=0, interlaced=0, before=b""):
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def zeros(count):
    return zlib.compress(bytes(count), 9)


def jpeg_with_size(width, height):
    """One component, and nothing that is worth decoding."""
    return (b"\xff\xd8\xff\xdb\x00\x43\x00" + bytes([1] * 64) + b"\xff\xc0\x00\x0b\x08"
            + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
            + b"\xff\xc4\x00\x1f\x00" + bytes([0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 7 + list(range(12)))
            + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x00" * 1000 + b"\xff\xd9")


def progressive(width, height, scans):
    """The same dimensions drawn over and over."""
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + b"\x00" * 8
    return (b"\xff\xd8\xff\xdb\x00\x43\x00" + bytes([1] * 64) + b"\xff\xc2\x00\x0b\x08"
            + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"
            + b"\xff\xc4\x00\x1f\x00" + bytes([0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 7 + list(range(12)))
            + scan * scans + b"\xff\xd9")


def pictures():
    yield "a PNG of 60000x60000", png_file(60000, 60000, zeros(1 << 20))
    yield "a PNG of 2^31-1 a side", png_file(2**31 - 1, 2**31 - 1, zeros(100))
    yield "a PNG of 0x0", png_file(0, 0, zeros(10))
    yield "a PNG whose data unpack to 900 MiB", png_file(28, 28, zeros(900 << 20))
    yield "a PNG of 16 megapixels, blank", png_file(4096, 4096, zeros(4096 * 4097))
    yield "the same in three channels", png_file(4096, 4096, zeros(4096 * (4096 * 3 + 1)), 8, 2)
    yield "the same in 16 bits and four channels", png_file(4096, 4096, zeros(4096 * (4096 * 8 + 1)), 16, 6)
    yield "the same interlaced", png_file(4096, 4096, zeros(4096 * (4096 * 8 + 8)), 16, 6, 1)
    yield "a PNG of 8192x2048, interlaced", png_file(8192, 2048, zeros(8192 * 2049 * 3), 8, 2, 1)
    yield "a zTXt that unpacks to 500 MiB", png_file(28, 28, zeros(28 * 29), before=chunk(
        b"zTXt", b"a\0\0" + zeros(500 << 20)))
    yield "an iCCP that unpacks to 500 MiB", png_file(28, 28, zeros(28 * 29), before=chunk(
        b"iCCP", b"a\0\0" + zeros(500 << 20)))
    yield "80,000 empty chunks", png_file(28, 28, zeros(28 * 29), before=chunk(b"tEXt", b"") * 80000)
    yield "a chunk of 2^31-1 bytes", png_file(28, 28, zeros(28 * 29)).replace(
        struct.pack(">I", len(zeros(28 * 29))) + b"IDAT", b"\x7f\xff\xff\xffIDAT")
    yield "a JPEG of 65500x65500", jpeg_with_size(65500, 65500)
    yield "a JPEG of 4000x4000 with little in it", jpeg_with_size(4000, 4000)
    yield "a progressive JPEG of 4000x4000 with 2,000 scans", progressive(4000, 4000, 2000)
    yield "a progressive JPEG of 4000x4000 in three components", progressive(4000, 4000, 1).replace(
        b"\x0b\x08" + struct.pack(">HH", 4000, 4000) + b"\x01\x01\x11\x00",
        b"\x11\x08" + struct.pack(">HH", 4000, 4000) + b"\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00")
    yield "a progressive JPEG of 500x500 with 40,000 scans", progressive(500, 500, 40000)
    yield "a BMP of 30000x30000", (b"BM" + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 30000, 30000, 1, 24,
                                                       0, 0, 0, 0, 0, 0) + b"\0" * 1000)


def documents():
    def of_images(images):
        return json.dumps({"images": images}).encode()

    big = base64.b64encode(png_file(4096, 4096, zeros(4096 * 4097))).decode()
    yield "/predict", "64 blank PNGs of 16 megapixels", of_images([big] * 64)
    yield "/predict", "arrays without end", b"[" * BODY
    yield "/predict", "many empty arrays", b'{"image":[' + b"[]," * 300000 + b"[]]}"
    yield "/predict", "many empty objects", b'{"image":[' + b"{}," * 300000 + b"{}]}"
    yield "/predict", "many members", b'{"image":"","a":{' + b",".join(b'"%d":0' % i for i in range(90000)) + b"}}"
    yield "/predict", "many pictures", of_images([""] * 200000)
    yield "/predict", "a number of a million digits", b'{"image":' + b"1" * (BODY - 20) + b"}"
    yield "/predict", "a string of escapes", b'{"image":"' + b"\\u0041" * 170000 + b'"}'
    for route in ("/v1/models/cnn_mnist:predict", "/v2/models/cnn_mnist/infer"):
        yield route, "arrays without end", b"[" * BODY
        yield route, "many empty arrays", b'{"instances":[' + b"[]," * 300000 + b"[]]}"
        yield route, "many inputs", b'{"inputs":[' + b"{}," * 300000 + b"{}]}"
        yield route, "a string of escapes", b'{"id":"' + b"\\u0041" * 170000 + b'"}'


def high_water(server):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1])


def main():
    digitd, weights, *any_memory = sys.argv[1:]
    findings, slowest, count = [], (0, ""), 0
    with Server([digitd, "--model", weights]) as server, server.connect() as connection:
        connection.settimeout(HANG)
        request(connection, "POST", "/predict", png(bytes(784 * [255])), "image/png")
        before = high_water(server)
        bombs = [("/predict", name, file, "image/png") for name, file in pictures()]
        bombs += [(route, name, body, "application/json") for route, name, body in documents()]
        for route, name, body, kind in bombs:
            begun = time.monotonic()
            status = request(connection, "POST", route, body, kind).status
            took, grown = time.monotonic() - begun, high_water(server) - before
            slowest, count = max(slowest, (took, name)), count + 1
            if not 400 <= status < 500 and "zTXt" not in name and "iCCP" not in name and "chunks" not in name:
                findings.append(f"{route}: {name}: {status}")
            if grown > GROWTH_MAX and not any_memory:
                findings.append(f"{route}: {name}: {grown // 1024} MiB more")
                before = high_water(server)
    if findings:
        raise Failure("\n".join(findings) + f"\nslowest: {slowest[0] * 1000:.0f} ms, {slowest[1]}")
    print(f"bombs: {count} bodies, each a 4xx or answered rightly; {grown / 1024:.0f} MiB more at most; "
          f"the slowest took {slowest[0] * 1000:.0f} ms ({slowest[1]})")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bombs: {failure}")
