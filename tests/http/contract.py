"""Holds a real digitd to openapi.yaml.

    contract.py DIGITD MODEL [FLAGS...]

The document must be sound OpenAPI and its examples must fit its schemas; then Schemathesis makes
requests from it, good and bad ones, and compares every answer with it. The tools stand in
requirements.txt (made by `uv pip compile --generate-hashes --universal --python-version 3.11
requirements.in -o requirements.txt`) and are installed into a virtual environment in the user's
cache folder, once.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support import SKIPPED, Failure, Server

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from environments import environment  # noqa: E402

DOCUMENT = HERE.parents[1] / "openapi" / "openapi.yaml"
SEED = 1


def run(*command):
    status = subprocess.run(list(map(str, command)), check=False).returncode
    if status != 0:
        raise Failure(f"{Path(command[0]).name} ends with status {status}")


def main():
    digitd, model, *flags = sys.argv[1:]
    try:
        tools = environment("venv", HERE / "requirements.txt")
    except subprocess.CalledProcessError as error:
        print(f"skipped: the tools cannot be installed: {error}")
        return SKIPPED
    run(tools / "openapi-spec-validator", DOCUMENT)
    run(tools / "python", HERE / "check_examples.py", DOCUMENT)
    with Server([digitd, "--model", model], flags) as server, tempfile.TemporaryDirectory() as away:
        os.chdir(away)  # where its notes may go
        os.environ["MODEL_VERSION"] = server.version
        run(tools / "schemathesis", "--config-file", HERE / "schemathesis.toml", "--no-color", "run",
            DOCUMENT, "--url", f"http://{server.host}:{server.port}", "--checks", "all",
            "--seed", SEED)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
