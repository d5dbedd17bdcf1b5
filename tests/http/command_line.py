"""digitd's command line and environment: what they say, what they refuse, and which of the two counts.

    command_line.py DIGITD WEIGHTS
"""

import os
import re
import subprocess
import sys

from support import Failure, Server, check, request

# What is wrong, the word of the refusal; the value of an environment variable in front.
REFUSED = [
    (["--fly"], "'--fly' is no option; see digitd --help"),
    (["fly"], "'fly' is no option; see digitd --help"),
    (["--portal", "1"], "'--portal' is no option; see digitd --help"),
    (["--port"], "--port needs a value: --port PORT"),
    (["--port", "-1"], "--port: '-1' is not a number from 0 to 65535"),
    (["--port="], "--port: '' is not a number from 0 to 65535"),
    (["--port", "65536"], "--port: '65536' is not a number from 0 to 65535"),
    (["--port", "80x"], "--port: '80x' is not a number from 0 to 65535"),
    (["--port", "99999999999999999999999"], "--port: '99999999999999999999999' is not a number from 0 to 65535"),
    (["--batch-max", "0"], "--batch-max: '0' is not a number from 1 to"),
    (["--log-format", "xml"], "--log-format: 'xml' is not one of text|json"),
    (["--log-format=tex"], "--log-format: 'tex' is not one of text|json"),
    (["--log-format", "text|json"], "--log-format: 'text|json' is not one of text|json"),
]
REFUSED_VARIABLES = [
    ("DIGITD_PORT", "http", "DIGITD_PORT: 'http' is not a number from 0 to 65535"),
    ("DIGITD_LOG_FORMAT", "xml", "DIGITD_LOG_FORMAT: 'xml' is not one of text|json"),
]


def run(digitd, *words, output=subprocess.PIPE, **variables):
    return subprocess.run([digitd, *words], stdout=output, stderr=subprocess.PIPE, text=True, timeout=60,
                          env={**os.environ, **variables}, check=False)


def check_refused(done, text):
    check(done.returncode == 2 and done.stdout == "", done.args, "ends with", done.returncode, done.stdout)
    check(done.stderr.startswith("digitd: ") and text in done.stderr and done.stderr.count("\n") == 1,
          done.args, "says", done.stderr)


def check_wrong(digitd):
    for words, text in REFUSED:
        check_refused(run(digitd, *words), text)
    for name, value, text in REFUSED_VARIABLES:
        check_refused(run(digitd, **{name: value}), text)


def check_said(digitd):
    done = run(digitd, "--version")
    check(done.returncode == 0 and re.fullmatch(r"digitd \d+\.\d+\.\d+\n", done.stdout), "--version:", done.stdout)
    done = run(digitd, "--port", "none", "--help")
    check(done.returncode == 0 and done.stdout.startswith("Usage: digitd [OPTION]..."), "--help:", done.stdout)
    flags = re.findall(r"^  (--[a-z-]+)", done.stdout, re.MULTILINE)
    check(len(flags) == len(set(flags)) > 30, "--help names", flags)
    for word in ("--help", "--version"):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = run(digitd, word, output=full)
        check(done.returncode == 1 and done.stderr == "digitd: the output cannot be written\n", word,
              "to a full disk:", done.returncode, done.stderr)


def check_order(digitd, weights):
    """A flag counts more than a variable, and an empty variable is none."""
    os.environ.update(DIGITD_IMAGES_MAX="1", DIGITD_THREADS="", DIGITD_MODEL=weights, DIGITD_PORT="1")
    two = b'{"images":["",""]}'
    for flags, text in (([], b"send at most 1 at a time"), (["--images-max=3", "--images-max", "2"], b"images[0]")):
        with Server([digitd, *flags]) as server, server.connect() as connection:
            answer = request(connection, "POST", "/predict", two, "application/json")
            check(answer.status >= 400 and text in answer.body, flags, answer.body)


def main():
    digitd, weights = sys.argv[1:]
    check_said(digitd)
    check_wrong(digitd)
    check_order(digitd, weights)
    print(f"command_line: {len(REFUSED) + len(REFUSED_VARIABLES)} wrong ones are told from right ones")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"command_line: {failure}")
