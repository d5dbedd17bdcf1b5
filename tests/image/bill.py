"""Holds an image's bill of materials against its files, and against SPDX's own rules."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from container import ROOT, Failure

sys.path.insert(0, str(ROOT / "tests"))

from environments import environment  # noqa: E402

PLACE = "usr/share/digit/sbom.spdx.json"
OURS = ("./usr/bin/", "./usr/lib/digit/", "./usr/share/digit/", "./etc/passwd", "./etc/group")
NOT_LISTED = ("usr/share/doc/", PLACE)  # the licences themselves, and the bill


def check_files(root, bill):
    listed = {entry["fileName"].removeprefix("./"): entry["checksums"] for entry in bill["files"]}
    there = {str(path.relative_to(root)) for path in root.rglob("*")
             if path.is_file() and not path.is_symlink()}
    there = {place for place in there if not place.startswith(NOT_LISTED)}
    if there != set(listed):
        raise Failure(f"the bill of materials and the files differ: {there ^ set(listed)}")
    for place, sums in listed.items():
        content = (root / place).read_bytes()
        for each in sums:
            if hashlib.new(each["algorithm"], content).hexdigest() != each["checksumValue"]:
                raise Failure(f"{place} has another {each['algorithm']} than the bill says")


def check_packages(root, bill):
    """Every library is of a package, and every package has a version, a licence and its text."""
    names = {entry["SPDXID"]: entry["fileName"] for entry in bill["files"]}
    packages = {package["SPDXID"]: package for package in bill["packages"]}
    held = {relation["spdxElementId"]: packages[relation["relatedSpdxElement"]]
            for relation in bill["relationships"] if relation["spdxElementId"] in names}
    for identifier, name in names.items():
        if (held[identifier]["name"] == "digitd") != name.startswith(OURS):
            raise Failure(f"{name} is said to be of {held[identifier]['name']}")
    for package in packages.values():
        if not package["versionInfo"] or package["licenseDeclared"] in ("", "NOASSERTION", "NONE"):
            raise Failure(f"{package['name']} has no version or no licence: {package}")
        if "supplier" in package and not (
                root / "usr/share/doc" / package["name"] / "copyright").is_file():
            raise Failure(f"the licence of {package['name']} is not in the image")
    return len(packages)


def validate(path):
    try:
        tools = environment("venv-image", Path(__file__).with_name("requirements.txt"))
    except subprocess.CalledProcessError:
        print("left out: spdx-tools could not be installed")
        return
    done = subprocess.run([tools / "pyspdxtools", "--infile", path], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Failure(f"this is not SPDX 2.3: {done.stdout[-3000:]}{done.stderr[-1000:]}")


def check(root):
    """Gives the number of packages."""
    bill = json.loads((root / PLACE).read_text())
    check_files(root, bill)
    validate(root / PLACE)
    return check_packages(root, bill)
