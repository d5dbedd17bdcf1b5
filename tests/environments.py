"""Virtual environments for tools that come from PyPI: each made once, in the user's cache folder."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


def install(folder, requirements):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
                    "--require-hashes", "-r", requirements], check=True)


def environment(name, requirements, say=lambda text: None):
    """The bin folder of a virtual environment with what a requirements file says, hashes and all.
    Raises subprocess.CalledProcessError where it cannot be made."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "digitd")
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / name
    stamp = folder / "stamp"
    key = hashlib.sha256(Path(requirements).read_bytes() + sys.version.encode()).hexdigest()
    with open(cache / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != key:
            say(f"installing what {Path(requirements).name} says into a virtual environment")
            install(folder, requirements)
            stamp.write_text(key)
    return folder / "bin"
