#!/usr/bin/python3 -B
"""Makes the root file system of an image: what was installed, the shared libraries that it needs, and
what says of whom they are.

    collect.py ARCHITECTURE INSTALLED ROOT

Runs in the container that built it. Libraries come from this system's packages; their licences and a
list of all that is in it (SPDX) go to /usr/share/doc and /usr/share/digit. Every time stamp is
$SOURCE_DATE_EPOCH, so that the same files make the same image.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import sbom

TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
NEEDED = re.compile(r"\(NEEDED\).*\[(.*)\]")
INTERPRETER = re.compile(r"program interpreter: (.*)\]")
USER = 65532  # the number by which images without a root user know theirs

# Not needed to load a program, but by what it does: certificates for swebhdfs://.
ALSO = ["/etc/ssl/certs/ca-certificates.crt"]


def is_elf(path):
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


class Collector:
    def __init__(self, architecture, installed, root):
        self.triplet = TRIPLETS[architecture]
        self.root = root
        self.readelf = f"{self.triplet}-readelf"
        self.origins = {}  # a file in the image: the file of this system that it was
        shutil.copytree(installed, root, symlinks=True)

    def find(self, name):
        for folder in (f"/usr/lib/{self.triplet}", "/usr/lib"):
            found = Path(folder, name)
            if found.exists():
                return found
        sys.exit(f"collect: there is no {name} for {self.triplet}")

    def add(self, source, place):
        """Copies what a name leads to, under that name."""
        target = self.root / place.lstrip("/")
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        self.origins[target] = Path(source).resolve()

    def add_libraries(self):
        waiting = [path for path in self.root.rglob("*") if path.is_file() and is_elf(path)]
        while waiting:
            said = subprocess.run([self.readelf, "-dl", waiting.pop()], capture_output=True,
                                  text=True, check=True, env={"LC_ALL": "C"}).stdout
            for name in NEEDED.findall(said):
                if name.startswith("ld-linux"):
                    continue  # it is what loads
                place = f"/usr/lib/{self.triplet}/{name}"
                if not (self.root / place.lstrip("/")).exists():
                    self.add(self.find(name), place)
                    waiting.append(self.root / place.lstrip("/"))
            for loader in INTERPRETER.findall(said):
                self.add(loader, "/usr" + loader)

    def add_system(self):
        """The few files that are there wherever a program runs."""
        for place in ALSO:
            self.add(place, place)
        for name in ("lib", "lib64"):
            if (self.root / "usr" / name).exists():
                (self.root / name).symlink_to(f"usr/{name}")
        for name, text in (
            ("passwd", f"root:x:0:0:root:/:/\ndigitd:x:{USER}:{USER}:digitd:/cache:/\n"),
            ("group", f"root:x:0:\ndigitd:x:{USER}:\n"),
        ):
            (self.root / "etc" / name).write_text(text)
        (self.root / "tmp").mkdir()
        (self.root / "tmp").chmod(0o1777)

    def stamp(self, seconds):
        for path in [*self.root.rglob("*"), self.root]:
            os.utime(path, (seconds, seconds), follow_symlinks=False)


def main():
    architecture, installed, root = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    os.umask(0o022)
    collector = Collector(architecture, installed, root)
    collector.add_libraries()
    collector.add_system()
    sbom.write(root, collector.origins, architecture, seconds)
    collector.stamp(seconds)


if __name__ == "__main__":
    main()
