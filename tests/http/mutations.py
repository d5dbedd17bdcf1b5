"""Pictures that are cut off at each byte, and with each byte changed in some ways: each gets an answer, and none a
5xx.

    mutations.py [--all] DIGITD WEIGHTS       --all: each byte in all 255 ways
"""

import sys
from pathlib import Path

from support import Failure, Server, request

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "tests" / "fuzz" / "corpus" / "image" / name for name in (
    "digit.png", "grey-1.png", "grey-8-interlaced.png", "grey-alpha-16.png", "palette-2.png", "rgba-8.png", "exif.jpg",
    "seed-grey.jpg", "seed-progressive.jpg", "palette-4.bmp")]
SOME = [1 << bit for bit in range(8)] + [0xff]


def changed(data, ways):
    for keep in range(len(data)):
        yield data[:keep]
    for at in range(len(data)):
        for way in ways:
            yield data[:at] + bytes([data[at] ^ way]) + data[at + 1:]


def main():
    everything = sys.argv[1] == "--all"
    digitd, weights = sys.argv[-2:]
    counts = {}
    with Server([digitd, "--model", weights]) as server, server.connect() as connection:
        for path in FILES:
            for picture in changed(path.read_bytes(), range(1, 256) if everything else SOME):
                status = request(connection, "POST", "/predict", picture, "image/png").status
                counts[status] = counts.get(status, 0) + 1
    if any(status >= 500 for status in counts):
        raise Failure(f"{counts}")
    print(f"mutations: {sum(counts.values())} changed pictures of {len(FILES)}: {counts}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"mutations: {failure}")
