"""Holds a real digitd to openapi.yaml.

    contract.py DIGITD MODEL [FLAGS...]

The document must be sound OpenAPI and its examples must fit its schemas; then Schemathesis makes
requests from it, good and bad ones, and compares every answer with it. The tools stand in
requirements.txt (made by `uv pip compile --generate-hashes --universal --python-version 3.11
requirements.in -o requirements.txt`) and are installed into a virtual environment in the user's
cache folder, once.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support import SKIPPED, Failure, Server

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "openapi" / "openapi.yaml"
REQUIREMENTS = HERE / "requirements.txt"
SEED = 1


def install(folder, stamp, key):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
                    "--require-hashes", "-r", REQUIREMENTS], check=True)
    stamp.write_text(key)


def environment():
    """The bin folder of a virtual environment that has what requirements.txt says."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "digitd")
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / "venv"
    stamp = folder / "stamp"
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    with open(cache / "venv.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != key:
            install(folder, stamp, key)
    return folder / "bin"


def run(*command):
    status = subprocess.run(list(map(str, command)), check=False).returncode
    if status != 0:
        raise Failure(f"{Path(command[0]).name} ends with status {status}")


def main():
    digitd, model, *flags = sys.argv[1:]
    try:
        tools = environment()
    except subprocess.CalledProcessError as error:
        print(f"skipped: the tools cannot be installed: {error}")
        return SKIPPED
    run(tools / "openapi-spec-validator", DOCUMENT)
    run(tools / "python", HERE / "check_examples.py", DOCUMENT)
    with Server([digitd, "--model", model], flags) as server, tempfile.TemporaryDirectory() as away:
        os.chdir(away)  # where its notes may go
        run(tools / "schemathesis", "--config-file", HERE / "schemathesis.toml", "--no-color", "run",
            DOCUMENT, "--url", f"http://{server.host}:{server.port}", "--checks", "all",
            "--seed", SEED)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
