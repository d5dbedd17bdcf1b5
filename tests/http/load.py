"""Load that knows the right answers: clients on keep-alive connections, each of whose answers must
be exactly one variant's, and name it."""

import base64
import json
import threading
from pathlib import Path

from support import request

CLIENTS = 6
TOLERANCE = 1e-5
DIGITS = Path(__file__).resolve().parents[1] / "data" / "digits"


def pictures():
    return [(DIGITS / f"{digit}.png").read_bytes() for digit in range(10)]


def bodies():
    """Requests of one picture and of several: (body, content type, the digits on them)."""
    files = pictures()
    texts = [base64.b64encode(file).decode() for file in files]
    for digit in range(10):
        yield files[digit], "image/png", [digit]
        several = [(digit + i) % 10 for i in range(2 + digit)]
        yield (json.dumps({"images": [texts[d] for d in several]}).encode(), "application/json",
               several)


def learn(connection):
    """What the model that is served answers to each digit."""
    answers = []
    for file in pictures():
        response = request(connection, "POST", "/predict", file, "image/png")
        answers.append(json.loads(response.body)["probabilities"])
    return answers


class Load:
    """Runs from `with` to the end of its block. `expected` has, by version, what learn gave."""

    def __init__(self, server, expected):
        self.server = server
        self.expected = expected
        self.findings = []
        self.versions = {}  # how often each has answered
        self.stopping = threading.Event()

    def __enter__(self):
        self.threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _run(self):
        counts = {}
        requests = list(bodies())
        try:
            with self.server.connect() as connection:
                while not self.stopping.is_set():
                    for body, kind, digits in requests:
                        response = request(connection, "POST", "/predict", body, kind)
                        version = self.check(response, digits)
                        counts[version] = counts.get(version, 0) + 1
        except Exception as error:
            self.findings.append(repr(error))
        for version, count in counts.items():
            self.versions[version] = self.versions.get(version, 0) + count

    def check(self, response, digits):
        if response.status != 200:
            self.findings.append(f"{response.status}: {response.body[:300]}")
            return None
        answer = json.loads(response.body)
        version = answer["model"]["version"]
        expected = self.expected.get(version)
        if expected is None:
            self.findings.append(f"the unknown version {version}")
            return version
        for digit, prediction in zip(digits, answer.get("predictions", [answer])):
            if any(abs(a - b) > TOLERANCE
                   for a, b in zip(expected[digit], prediction["probabilities"])):
                self.findings.append(f"{version} on a {digit}: {prediction}")
        return version

    def count(self):
        return sum(self.versions.values())
