"""Trains each network other than the shipped one for a moment, and one from a JSON file, and serves
it: with its card, and without one, where the built-in network that fits must be found.

    networks.py DIGITD DIGIT DATA ENGINE...
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support import Failure, Server, request

TOLERANCE = 1e-5
DIGITS = sorted((Path(__file__).parents[1] / "data/digits").glob("*.png"))
OWN = {"name": "tiny", "layers": [
    {"kind": "conv2d", "name": "conv1", "out": 8, "kernel": 5, "padding": 2},
    {"kind": "relu"},
    {"kind": "maxpool2d", "kernel": 4},
    {"kind": "flatten"},
    {"kind": "dropout", "probability": 0.25},
    {"kind": "linear", "name": "fc1", "out": 10},
    {"kind": "log_softmax"}]}


def run(digit, *words):
    # LeakSanitizer's tracer crashes on the thread-local storage of libtorch's many libraries.
    return subprocess.run([digit, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}).stdout


def train(digit, data, network, folder):
    run(digit, "train", "--data", data, "--network", network, "--limit", 128, "--epochs", 1,
        "--threads", 1, "--quiet", "--out", folder)


def check(digitd, weights, engine, network, expected):
    """What a server of these weights says of its model, and of each digit."""
    with Server([digitd, "--model", weights, "--engine", engine]) as server:
        with server.connect() as connection:
            card = json.loads(request(connection, "GET", "/model").body)
            if card["network"]["name"] != network or card["name"] != f"{network}_mnist":
                raise Failure(f"{weights} is served as {card['name']} of {card['network']}")
            if card["engine"]["name"] != engine:
                raise Failure(f"{network} is served by {card['engine']}, not by {engine}")
            for path, wanted in zip(DIGITS, expected):
                body = json.dumps({"image": base64.b64encode(path.read_bytes()).decode()}).encode()
                answer = request(connection, "POST", "/predict", body, "application/json")
                got = json.loads(answer.body)["probabilities"]
                if max(abs(a - b) for a, b in zip(got, wanted)) > TOLERANCE:
                    raise Failure(f"{network} by {engine}, {path.name}: {got}, not {wanted}")


def check_refused(digitd, weights):
    done = subprocess.run([digitd, "--port", "0", "--model", weights], stderr=subprocess.PIPE,
                          text=True, timeout=60, check=False)
    if done.returncode != 1 or "fits no built-in network" not in done.stderr:
        raise Failure(f"{weights} without a card: status {done.returncode}: {done.stderr}")


def main():
    digitd, digit, data, *engines = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "my.json")
        own.write_text(json.dumps(OWN))
        for network, chosen in ("lenet", "lenet"), ("mlp", "mlp"), (OWN["name"], own):
            train(digit, data, chosen, folder)
            weights = Path(folder, f"{network}_mnist.pth")
            expected = [json.loads(line)["probabilities"] for line in run(
                digit, "predict", "--model", weights, "--json", *DIGITS).splitlines()]
            for engine in engines:
                check(digitd, weights, engine, network, expected)
            weights.with_suffix(".json").unlink()
            if chosen is own:
                check_refused(digitd, weights)
                continue
            for engine in engines:
                check(digitd, weights, engine, network, expected)
            print(f"{network}: {len(DIGITS)} digits, with and without a card, by {', '.join(engines)}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
