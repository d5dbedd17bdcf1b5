"""The programs in examples/, as people run them: each says what is on a picture, and why it cannot.

    examples.py DIGITD WEIGHTS C_EXAMPLE
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from support import Failure, Server

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PICTURES = ROOT / "tests" / "pictures"
SEVEN, ONE, TEXT = (PICTURES / name for name in ("seven.png", "one.png", "text.txt"))


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                          timeout=60)


def expect(done, status, said):
    if (done.returncode != 0) != (status != 0) or said not in done.stdout + done.stderr:
        raise Failure(f"{done.args} ends with {done.returncode} and says\n{done.stdout}"
                      f"{done.stderr}not {status} and '{said}'")


def lines(program):
    """A program that takes many files and prints a line for each."""
    def check(url, dead):
        done = run(*program, url, SEVEN, ONE)
        expect(done, 0, f"{SEVEN}: 7 (")
        expect(done, 0, f"{ONE}: 1 (")
        expect(run(*program, url, TEXT), 1, "no picture that is known")
        done = run(*program, dead, SEVEN)
        if done.returncode == 0 or "Traceback" in done.stderr or not done.stderr:
            raise Failure(f"{done.args} ends with {done.returncode} and says {done.stderr}")
    return check


def document(command):
    """A program that prints the server's answer."""
    def check(url, dead):
        done = run(*command(url, SEVEN))
        expect(done, 0, '"prediction"')
        if json.loads(done.stdout)["prediction"] != 7:
            raise Failure(f"{done.args} says {done.stdout}")
        expect(run(*command(url, TEXT)), 1, "no picture that is known")
        expect(run(*command(dead, SEVEN)), 1, "127.0.0.1")
    return check


def main():
    digitd, weights, c_example = sys.argv[1:]
    node = shutil.which("node") or shutil.which("nodejs")
    checks = {
        "predict.sh": document(lambda url, file: [EXAMPLES / "predict.sh", file, url]),
        "predict.py": lines([sys.executable, EXAMPLES / "predict.py"]),
    }
    if node:
        checks["predict.mjs"] = lines([node, EXAMPLES / "predict.mjs"])
    if os.path.exists(c_example):
        checks["predict.c"] = document(lambda url, file: [c_example, url, file])
    with socket.socket() as taken, Server([digitd, "--model", weights]) as server:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for name, check in checks.items():
            check(f"http://{server.host}:{server.port}", dead)
            print(f"{name} is right")
    for name in {"predict.mjs", "predict.c"} - checks.keys():
        print(f"{name} was left out: what runs it is not here")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
