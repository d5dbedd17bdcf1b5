"""JSON texts, right and wrong (tests/http/json/cases.txt), as bodies of each route that reads JSON: what is
none is refused as such (400), what is one is not; nothing is answered with a 5xx.

    json_cases.py DIGITD WEIGHTS
"""

import re
import sys
from pathlib import Path

from support import Failure, Server, request

CASES = Path(__file__).with_name("json") / "cases.txt"
LINE = re.compile(r"([0-9.]+) (yes|no|any) ?(.*)")
REPEATED = re.compile(r"\{([^{}]+|\{[^{}]*|[^{}]*\})\*(\d+)\}")
ROUTES = ("/predict", "/v1/models/cnn_mnist:predict", "/v2/models/cnn_mnist/infer")


def text_of(written):
    repeated = REPEATED.sub(lambda r: r[1] * int(r[2]), written)
    pieces = re.split(r"\\x([0-9a-f]{2})", repeated)
    return b"".join(bytes([int(piece, 16)]) if i % 2 else piece.encode("ascii") for i, piece in enumerate(pieces))


def read_cases():
    for line in CASES.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            found = LINE.fullmatch(line)
            if found is None:
                raise Failure(f"this is no case: {line}")
            yield found[1], found[2], found[3], text_of(found[3])


def judge(verdict, status):
    """What is wrong; None: nothing."""
    if status >= 500:
        return "fails"
    if verdict == "no" and status != 400:
        return "is taken"
    if verdict == "yes" and status == 400:
        return "is refused"
    return None


def main():
    digitd, weights = sys.argv[1:]
    cases, findings = list(read_cases()), []
    with Server([digitd, "--model", weights]) as server, server.connect() as connection:
        for section, verdict, written, text in cases:
            for route in ROUTES:
                answer = request(connection, "POST", route, text, "application/json")
                found = judge(verdict, answer.status)
                if found:
                    findings.append(f"{route}: RFC 8259, {section}: {written[:60]} {found} ({answer.status})")
    if findings:
        raise Failure("\n".join([f"{len(findings)} of {len(cases) * len(ROUTES)}", *findings]))
    print(f"json: {len(cases)} texts at {len(ROUTES)} routes, all as the RFC says, no 5xx")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"json: {failure}")
