"""Two builds of the same files, in two places and without a cache, have the same layers, byte for byte,
and say the same of themselves but for what buildah notes of its own run.

    reproducible.py
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import container
from container import ROOT, Failure, Mounted, run


def identity(image):
    docker, found = container.described(image)
    config = {key: value for key, value in docker["config"].items() if key != "Hostname"}
    return {"layers": found["OCIv1"]["rootfs"]["diff_ids"], "created": docker["created"], "config": config}


def differences(one, other):
    """Names the files that differ, for whoever is to find out why."""
    with Mounted(one) as here, Mounted(other) as there:
        names = {path.relative_to(root) for root in (here, there) for path in root.rglob("*")}
        return [str(name) for name in sorted(names)
                if not (here / name).is_dir() and not (here / name).is_symlink()
                and (not (here / name).exists() or not (there / name).exists()
                     or (here / name).read_bytes() != (there / name).read_bytes())]


def main():
    container.require()
    first = container.build("digitd")
    os.environ["SOURCE_DATE_EPOCH"] = run("git", "-C", ROOT, "log", "-1", "--format=%ct")
    os.environ["REVISION"] = container.described(first)[0]["config"]["Labels"][
        "org.opencontainers.image.revision"]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        for name in run("git", "-C", ROOT, "ls-files", "--cached", "--others",
                        "--exclude-standard").splitlines():
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, tree / name)
        second = container.build("digitd", "--no-cache", tag=container.TAG + "-again", tree=tree)
    one, other = identity(first), identity(second)
    if one != other:
        raise Failure(f"the images differ: {json.dumps([one, other])}; their files: "
                      f"{differences(first, second) or 'no file, so what is said of them'}")
    print(f"reproducible: twice the layers {', '.join(one['layers'])}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"reproducible: {failure}")
