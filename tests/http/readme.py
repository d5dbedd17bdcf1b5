"""README.md does not lie: each curl command in it is run, and answers what the README shows.

usage: readme.py DIGITD WEIGHTS README.md...
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import support

HERE = "http://127.0.0.1:8080"


def commands(text):
    """The indented curl commands, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", text)
    yield from re.findall(r"^    (curl .*)", joined, re.MULTILINE)


def shown_answer(text):
    found = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    if not found:
        raise support.Failure("there is no answer between ```json and ```")
    return json.loads(found.group(1))


def same(shown, said):
    """Equal, but for the last digits of floats: those differ between instruction sets."""
    if isinstance(shown, dict):
        return isinstance(said, dict) and shown.keys() == said.keys() and all(
            same(shown[key], said[key]) for key in shown)
    if isinstance(shown, list):
        return isinstance(said, list) and len(shown) == len(said) and all(map(same, shown, said))
    if isinstance(shown, float) or isinstance(said, float):
        return abs(shown - said) < 1e-5
    return shown == said


def check(server, readme):
    text = Path(readme).read_text()
    answer = shown_answer(text)
    found = list(commands(text))
    if not found:
        raise support.Failure(f"{readme}: no curl command")
    for command in found:
        here = command.replace(HERE, f"http://{server.host}:{server.port}")
        said = subprocess.run(here, shell=True, check=True, capture_output=True, text=True).stdout
        if not same(answer, json.loads(said)):
            raise support.Failure(f"{readme}: {command}\nanswers {said}\nnot     {answer}")
    return len(found)


def main(digitd, weights, *readmes):
    with support.Server([digitd, "--model", weights]) as server:
        for readme in readmes:
            print(f"{readme}: {check(server, readme)} commands answer what is shown")


if __name__ == "__main__":
    main(*sys.argv[1:])
