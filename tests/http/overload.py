"""Workers behind a queue: under more load than it holds, every request is answered, either rightly
or with a 503 that says when to come back; and the server is well afterwards.

usage: overload.py DIGITD WEIGHTS
"""

import base64
import json
import sys
import threading
from pathlib import Path

import support

CLIENTS = 24
REQUESTS = 20
IMAGES = 16
DIGITS = Path(__file__).resolve().parents[1] / "data" / "digits"
FLAGS = ["--workers", "2", "--batch-delay-us", "100", "--batch-max", "8",
         "--queue-max", str(4 * IMAGES)]


def make_request():
    """Sixteen pictures in one request, and what is on them."""
    digits = [i % 10 for i in range(IMAGES)]
    images = [base64.b64encode((DIGITS / f"{d}.png").read_bytes()).decode() for d in digits]
    return json.dumps({"images": images}).encode(), digits


def check_answer(response, digits):
    if response.status == 200:
        said = [p["prediction"] for p in json.loads(response.body)["predictions"]]
        return None if said == digits else f"{said} instead of {digits}"
    problem = json.loads(response.body)
    if response.status != 503 or problem["type"] != "/problems#overloaded":
        return f"{response.status}: {problem}"
    return None if response.headers.get("Retry-After") else "a 503 without Retry-After"


def client(server, body, digits, counts, findings):
    with server.connect() as connection:
        for _ in range(REQUESTS):
            response = support.request(connection, "POST", "/predict", body, "application/json")
            counts[response.status] = counts.get(response.status, 0) + 1
            finding = check_answer(response, digits)
            if finding:
                findings.append(finding)


def main(digitd, weights):
    body, digits = make_request()
    counts, findings = {}, []
    with support.Server([digitd, "--model", weights, *FLAGS]) as server:
        threads = [threading.Thread(target=client, args=(server, body, digits, counts, findings))
                   for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with server.connect() as connection:
            after = support.request(connection, "POST", "/predict", body, "application/json")
        findings += [f for f in [check_answer(after, digits)] if f]
    if sum(counts.values()) != CLIENTS * REQUESTS:
        findings.append(f"{sum(counts.values())} answers to {CLIENTS * REQUESTS} requests")
    if findings or not counts.get(200) or after.status != 200:
        sys.exit(f"overload: {counts}, afterwards {after.status}; {findings[:3]}")
    print(f"overload: {counts}, each as it should be")


if __name__ == "__main__":
    main(*sys.argv[1:])
