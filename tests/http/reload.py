"""Models are replaced while digitd serves: no request fails, none is answered by two models, and a
model that cannot be served leaves the old one where it is.

usage: reload.py DIGITD WEIGHTS [FLAGS...]
"""

import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from load import Load, learn
from support import Failure, Server, request
from variants import Variant, replace

ROUNDS = 20
POLL_SECONDS = 15  # for a change to be seen, looked at every second


def get(server, path, status=200):
    with server.connect() as connection:
        response = request(connection, "GET", path)
    if response.status != status:
        raise Failure(f"{path}: {response.status} {response.body}")
    return json.loads(response.body)


def predicted(server):
    with server.connect() as connection:
        return learn(connection)


def expect(name, value, wanted):
    if value != wanted:
        raise Failure(f"{name} is {value!r}, not {wanted!r}")


def expect_served(server, variant):
    """It answers, and everything that the server says of itself says so."""
    answers = predicted(server)
    digits = [max(range(10), key=answer.__getitem__) for answer in answers]
    expect("what is seen", digits, [(digit + variant.turn) % 10 for digit in range(10)])
    expect("/health", get(server, "/health")["model"]["version"], variant.version)
    model = get(server, "/model")
    expect("/model", (model["version"], model["name"]), (variant.version, variant.name))
    return model["source"]


def hang_up(server, text):
    """SIGHUP, and the line that the server says thereupon."""
    first = len(server.lines)
    server.process.send_signal(signal.SIGHUP)
    return server.wait_for(text, first)[0]


def expect_current(server, variant):
    source = expect_served(server, variant)
    expect("the state", (source["state"], source["error"]), ("current", None))
    expect("/readyz", get(server, "/readyz"), {"status": "ready"})


def expect_stale(server, variant, why):
    source = expect_served(server, variant)
    if source["state"] != "stale" or why not in source["error"]:
        raise Failure(f"the source should be stale because of '{why}': {source}")
    expect("/readyz", get(server, "/readyz"), {"status": "ready", "source": source})


# ---- the tests; each has a server that serves the first of the variants ----

def under_load(server, path, variants):
    """Another model twenty times; whoever asks after the server said so gets the new one."""
    expected, variants = {}, variants[:3]
    for variant in (*variants[1:], variants[0]):
        variant.put(path)
        hang_up(server, f"serving {variant.name} ({variant.version}) with ")
        expected[variant.version] = predicted(server)
    with Load(server, expected) as load:
        for i in range(1, ROUNDS + 1):
            variant = variants[i % len(variants)]
            variant.put(path)
            hang_up(server, f"serving {variant.name} ({variant.version}) with ")
            expect_current(server, variant)
            time.sleep(0.05)
    if load.findings or load.versions.keys() != expected.keys():
        raise Failure(f"{load.count()} answers, {len(load.findings)} wrong, such as "
                      f"{load.findings[:3]}; by version: {load.versions}")
    return f"{load.count()} answers under load, all right; {load.versions}"


def many_signals(server, path, variants):
    """A burst of signals is as good as one, and changes nothing."""
    first = len(server.lines)
    for _ in range(50):
        server.process.send_signal(signal.SIGHUP)
    server.wait_for("still serving", first)
    time.sleep(0.3)
    wrong = [line for line in server.lines[first:] if "still serving" not in line]
    expect("what is said of the same model", wrong, [])
    expect_current(server, variants[0])
    return f"50 signals, {len(server.lines) - first} looks"


def bad_models(server, path, variants):
    good, other, _, huge = variants
    damaged = bytearray(other.weights)
    damaged[len(damaged) // 2] ^= 1
    cases = {
        "weights cut off": (other.weights[:-1000], other.card, "'"),
        "one bit flipped": (bytes(damaged), other.card, "'"),
        "no weights": (None, other.card, "cannot open"),
        "empty weights": (b"", other.card, "'"),
        "the old card": (other.weights, good.card, "belongs to other weights"),
        "no card at all": (b"hello", None, "'"),
        "a card that is no JSON": (other.weights, b"{", "'"),
        "another shape": (other.weights, other.card.replace(b'"out": 128', b'"out": 64'), "'"),
        "answers that are no numbers": (huge.weights, huge.card, "no number"),
        "eleven classes": (other.weights, other.card.replace(b'"out": 10', b'"out": 11'), "'"),
    }
    for name, (weights, card, why) in cases.items():
        replace(path, weights)
        replace(path.with_suffix(".json"), card)
        line = hang_up(server, f"still serving {good.name} ({good.version}): ")
        if why not in line:
            raise Failure(f"{name}: there should be '{why}' in: {line}")
        expect_stale(server, good, line.split("): ", 1)[1].strip())
    good.put(path)
    hang_up(server, f"still serving {good.name} ({good.version}), which is what ")
    expect_current(server, good)
    return f"{len(cases)} bad models refused"


def without_card(server, path, variants):
    """Such a model is served under its file's name."""
    bare = variants[1]
    replace(path.with_suffix(".json"), None)
    replace(path, bare.weights)
    hang_up(server, f"serving {path.stem} ({bare.version}) with ")
    expect("the name", get(server, "/model")["name"], path.stem)
    return "a model without a card is served"


def poll(server, path, variants):
    """Looks by itself, sees every change, says nothing where there is none."""
    first, second, third = variants[:3]
    lines = len(server.lines)
    checked = get(server, "/model")["source"]["checked_at"]
    time.sleep(2.5)
    expect("what is said while nothing changes", server.lines[lines:], [])
    if get(server, "/model")["source"]["checked_at"] == checked:
        raise Failure("it does not look")
    second.put(path)
    lines = server.wait_for(f"serving {second.name} (", lines, POLL_SECONDS)[1]
    expect_current(server, second)
    replace(path, third.weights)
    lines = server.wait_for("belongs to other weights", lines, POLL_SECONDS)[1]
    time.sleep(2.5)
    expect("what is said of the same failure", server.lines[lines:], [])
    expect_stale(server, second, "belongs to other weights")
    replace(path.with_suffix(".json"), third.card)
    lines = server.wait_for(f"serving {third.name} (", lines, POLL_SECONDS)[1]
    expect_current(server, third)
    first.put(path)
    server.wait_for(f"serving {first.name} (", lines, POLL_SECONDS)
    expect_current(server, first)
    return "polling sees every change"


TESTS = (under_load, many_signals, bad_models, without_card, (poll, "--model-poll", "1"))


def main():
    digitd, weights, *flags = sys.argv[1:]
    variants = [Variant(weights, 1), Variant(weights, 2), Variant(weights, 3, softmax=True),
                Variant(weights, 4, huge=True)]
    for test in TESTS:
        test, *more = test if isinstance(test, tuple) else (test,)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.pth")
            variants[0].put(path)
            with Server([digitd, "--model", path], [*flags, *more]) as server:
                print(f"reload: {test(server, path, variants)}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"reload: {failure}")
