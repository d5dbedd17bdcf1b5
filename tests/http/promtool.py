"""Prometheus's own checker, from Debian's package `prometheus`: the one on this machine, or else the
one in the package, which is fetched and unpacked into the user's cache folder, not installed, so
that no monitoring begins to run here."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path


def fetch(folder):
    subprocess.run(["apt-get", "download", "prometheus"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    package = next(Path(folder).glob("prometheus_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    package.unlink()


def find():
    """The program's path; None where there is none to be had."""
    installed = shutil.which("promtool")
    if installed:
        return installed
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "digitd")
    folder = cache / "prometheus"
    program = folder / "usr" / "bin" / "promtool"
    folder.mkdir(parents=True, exist_ok=True)
    with open(cache / "prometheus.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if not program.exists():
                fetch(folder)
        except (OSError, subprocess.CalledProcessError, StopIteration):
            return None
    return program if program.exists() else None  # newer packages have it no longer


def check(*words, text=""):
    """What it has to say against a text or files; nothing where it is content, or not there."""
    program = find()
    if program is None:
        print("promtool: not to be had; that check is left out")
        return ""
    done = subprocess.run([program, "check", *words], input=text, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "" if done.returncode == 0 else done.stdout
