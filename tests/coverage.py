"""./dev coverage: which branches of our own C the tests take, room by room.

    coverage.py BUILD [--missing PATH]...

BUILD is a folder of the preset `coverage` in which tests have run. --missing shows the lines of a file or room
(model/checkpoint) that have branches which nothing took.
"""

import argparse
import collections
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("model", "server", "train")


def read(build):
    """File -> {line: (branches taken, branches)}."""
    out = build / "coverage.json"
    command = ["gcovr", "--root", ROOT, "--object-directory", build, "--exclude-unreachable-branches", "--json", out]
    for folder in OURS:
        command += ["--filter", f"{ROOT}/{folder}/.*\\.[ch]$"]
    subprocess.run([*map(str, command), str(build)], check=True, stdout=subprocess.DEVNULL)
    files = {}
    for file in json.loads(out.read_text())["files"]:
        lines = files.setdefault(file["file"], {})
        for line in file["lines"]:
            taken = sum(branch["count"] > 0 for branch in line["branches"])
            if line["branches"]:
                lines[line["line_number"]] = (taken, len(line["branches"]))
    return files


def room(file):
    """model/base64.c and model/image.c are a room, and so is model/image/."""
    parts = Path(file).parts
    return "/".join((parts[0], Path(parts[1]).stem))


def show_missing(files, wanted):
    for file, lines in sorted(files.items()):
        if not file.startswith(wanted):
            continue
        source = (ROOT / file).read_text().splitlines()
        for number, (taken, count) in sorted(lines.items()):
            if taken < count:
                print(f"{file}:{number}: {taken} of {count}: {source[number - 1].strip()}")


def main():
    parser = argparse.ArgumentParser(prog="./dev coverage")
    parser.add_argument("build", type=Path)
    parser.add_argument("--missing", action="append", default=[], metavar="PATH")
    options = parser.parse_args()
    files = read(options.build)
    rooms = collections.defaultdict(lambda: [0, 0])
    for file, lines in files.items():
        for name in (room(file), "all"):
            rooms[name][0] += sum(taken for taken, _ in lines.values())
            rooms[name][1] += sum(count for _, count in lines.values())
    for name, (taken, count) in sorted(rooms.items(), key=lambda item: (item[0] == "all", item[0])):
        if count > 0:
            print(f"{name:32}{taken:>7} of {count:>6} branches {100 * taken / count:6.1f}%")
    for path in options.missing:
        show_missing(files, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
