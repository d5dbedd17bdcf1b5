"""Packs the site's files for the program: pack.py OUTPUT PREFIX=FOLDER|PATH=FILE...

Every file of a FOLDER is served at PREFIX/NAME, an index.html at PREFIX itself (or at / where the
prefix is that of --root), a single FILE at its PATH. Writes into the folder OUTPUT the files' forms (as they are, gzip, Brotli),
site_files.S, which holds them, and site_files.inc, the list that site.c reads; prints their sizes.
"""

import argparse
import gzip
import hashlib
from pathlib import Path

try:
    import brotli
except ImportError:
    brotli = None

TYPES = {
    "": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}

# A file larger than this is kept with gzip only, for the program's own size; but not what is for
# programs, which may know no coding.
LARGE = 100_000
FOR_PROGRAMS = (".json", ".yaml")

ASSEMBLY = """    .global {symbol}
    .global {symbol}_end
    .hidden {symbol}
    .hidden {symbol}_end
    .balign 16
{symbol}:
{content}{symbol}_end:
    .byte 0
"""


def forms(data, suffix):
    """The forms that are worth having, by their names."""
    compressed = {"gzip": gzip.compress(data, 9, mtime=0)}
    if brotli and len(data) <= LARGE:
        compressed["br"] = brotli.compress(data, quality=11)
    if len(data) > LARGE and suffix not in FOR_PROGRAMS:
        return compressed
    if suffix == ".png":
        return {"plain": data}
    return {"plain": data, **{k: v for k, v in compressed.items() if len(v) < len(data)}}


def address(prefix, file, root):
    if file.name != "index.html":
        return f"{prefix}/{file.name}"
    return "/" if prefix == root else prefix


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", default="", help="the prefix whose index.html is at /")
    parser.add_argument("output", type=Path)
    parser.add_argument("places", nargs="+", metavar="PREFIX=FOLDER|PATH=FILE")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)

    files = {}
    for place in arguments.places:
        prefix, folder = place.split("=", 1)
        if Path(folder).is_file():
            files[prefix] = Path(folder)
            continue
        for file in sorted(Path(folder).iterdir()):
            files[address(prefix, file, arguments.root)] = file

    rows, assembly = [], ["/* Written by pack.py. */\n    .section .rodata\n"]
    for n, (path, file) in enumerate(sorted(files.items())):
        data = file.read_bytes()
        made = forms(data, file.suffix)
        for name in ("plain", "gzip", "br"):
            content = ""
            if name in made:
                kept = arguments.output / f"{n}.{name}"
                kept.write_bytes(made[name])
                content = f'    .incbin "{kept}"\n'
            assembly.append(ASSEMBLY.format(symbol=f"site_{n}_{name}", content=content))
        digest = hashlib.sha256(data).hexdigest()[:16]
        rows.append(f'SITE_FILE({n}, "{path}", "{TYPES[file.suffix]}", "{digest}")\n')
        print(f"{path:28} {len(data):8}", *(f"{k} {len(v)}" for k, v in made.items() if k != "plain"))

    assembly.append('\n    .section .note.GNU-stack, "", %progbits\n')
    (arguments.output / "site_files.S").write_text("".join(assembly), encoding="utf-8")
    (arguments.output / "site_files.inc").write_text("".join(rows), encoding="utf-8")


main()
