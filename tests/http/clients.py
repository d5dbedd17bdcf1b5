"""Other people's clients, unmodified, at a real digitd.

    clients.py DIGITD MODEL [FLAGS...]

tritonclient and kserve's client come from PyPI as tests/clients/requirements.txt says (made by
`uv pip compile --generate-hashes --universal --python-version 3.11 requirements.in -o
requirements.txt`).
"""

import subprocess
import sys
from pathlib import Path

from support import SKIPPED, Failure, Server

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
from environments import environment  # noqa: E402

CLIENTS = TESTS / "clients"
SCRIPTS = "with_triton.py", "with_kserve.py"
DIGITS = TESTS / "data" / "digits"
EXAMPLE = TESTS.parent / "examples" / "open_inference.py"


def check_example(tools, server):
    files = [DIGITS / "7.png", DIGITS / "1.png"]
    command = [tools / "python", EXAMPLE, f"{server.host}:{server.port}", *files]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    if said != f"{files[0]}: 7\n{files[1]}: 1\n":
        raise Failure(f"{EXAMPLE.name} says\n{said}")


def main():
    digitd, model, *flags = sys.argv[1:]
    try:
        tools = environment("venv-clients", CLIENTS / "requirements.txt")
    except subprocess.CalledProcessError as error:
        print(f"skipped: the clients cannot be installed: {error}")
        return SKIPPED
    with Server([digitd, "--model", model], ["--model-unload", "1", *flags]) as server:
        check_example(tools, server)
        for script in SCRIPTS:
            command = [tools / "python", CLIENTS / script, f"{server.host}:{server.port}", DIGITS]
            if subprocess.run(command, check=False).returncode != 0:
                raise Failure(f"{script} fails; digitd says:\n{server.output()}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
