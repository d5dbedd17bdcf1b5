"""Posts all of MNIST's test images to a real digitd, as base64 PNGs over keep-alive connections.

    mnist_over_http.py DIGITD DIGIT WEIGHTS DATA [FLAGS...]

The accuracy must be exactly that of `digit evaluate`, and every probability within 1e-5 of a forward
pass in PyTorch on the same weights. FLAGS go to both programs (--engine NAME).
"""

import base64
import gzip
import json
import subprocess
import sys
from pathlib import Path

from support import SKIPPED, Failure, Server, in_threads, png, read_idx, request

THREADS = 8
TOLERANCE = 1e-5


def load(folder, name):
    for path in (Path(folder, name), Path(folder, name + ".gz")):
        if path.is_file():
            data = path.read_bytes()
            return read_idx(gzip.decompress(data) if path.suffix == ".gz" else data)
    print(f"skipped: there is no {name} in {folder}; run ./dev data")
    sys.exit(SKIPPED)


def ask(server, pixels, indices, answers):
    with server.connect() as connection:
        for i in indices:
            picture = base64.b64encode(png(pixels[i * 784:(i + 1) * 784])).decode()
            body = json.dumps({"image": picture}).encode()
            response = request(connection, "POST", "/predict", body, "application/json")
            if response.status != 200:
                raise Failure(f"image {i}: {response.status} {response.body.decode()}")
            answers[i] = json.loads(response.body)


def ask_all(server, pixels, count):
    answers = [None] * count

    def work(first):
        ask(server, pixels, range(first, count, THREADS), answers)

    in_threads(THREADS, work)
    return answers


def check_answer(i, answer, says):
    """`says` is what the model's card says of confidence."""
    probabilities = answer["probabilities"]
    best = max(probabilities)
    confidence = 1 / sum((p / best) ** (1 / says["temperature"]) for p in probabilities)
    if (answer["prediction"] != probabilities.index(best)
            or abs(answer["confidence"] - confidence) > 1e-5
            or answer.get("uncertain", False) != (answer["confidence"] < says["uncertain_below"])):
        raise Failure(f"image {i}: the answer contradicts itself: {answer}")
    if abs(sum(probabilities) - 1) > 1e-5 or min(probabilities) < 0:
        raise Failure(f"image {i}: the probabilities do not sum to 1: {answer}")


def forward(torch, layers, weights, x):
    """The network of a model card, layer by layer, and then what makes probabilities of it."""
    functional = torch.nn.functional
    last = None
    for layer in layers:
        kind = last = layer["kind"]
        name = layer.get("name")
        if kind == "conv2d":
            x = functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"],
                                  padding=layer.get("padding", 0))
        elif kind == "linear":
            x = functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
        elif kind == "relu":
            x = functional.relu(x)
        elif kind == "maxpool2d":
            x = functional.max_pool2d(x, layer["kernel"])
        elif kind == "flatten":
            x = torch.flatten(x, 1)
        elif kind == "log_softmax":
            x = functional.log_softmax(x, 1)
        elif kind == "softmax":
            x = functional.softmax(x, 1)
        elif kind != "dropout":
            raise Failure(f"this test does not know the layer '{kind}'")
    return x if last == "softmax" else functional.softmax(x, 1)


def compare(torch, layers, path, pixels, answers):
    weights = torch.load(path, map_location="cpu", weights_only=True)
    x = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(-1, 1, 28, 28) / 255.0
    with torch.no_grad():
        expected = torch.cat([forward(torch, layers, weights, part) for part in x.split(500)])
    got = torch.tensor([answer["probabilities"] for answer in answers], dtype=torch.float64)
    difference = (got - expected.double()).abs()
    if not difference.max() <= TOLERANCE:
        worst = int(difference.max(dim=1).values.argmax())
        raise Failure(f"image {worst} differs by {float(difference.max()):.2g}:\n"
                      f"digitd  {answers[worst]['probabilities']}\n"
                      f"PyTorch {expected[worst].tolist()}")
    return float(difference.max())


def main():
    digitd, digit, weights, data, *flags = sys.argv[1:]
    pixels, (count, *_) = load(data, "t10k-images-idx3-ubyte")
    labels, _ = load(data, "t10k-labels-idx1-ubyte")
    evaluation = json.loads(subprocess.run(
        [digit, "evaluate", "--json", "--quiet", "--model", weights, "--data", data, *flags],
        check=True, stdout=subprocess.PIPE).stdout)
    with Server([digitd, "--model", weights], flags) as server:
        with server.connect() as connection:
            card = json.loads(request(connection, "GET", "/model").body)
        answers = ask_all(server, pixels, count)
    for i, answer in enumerate(answers):
        check_answer(i, answer, card.get("confidence", {"temperature": 1, "uncertain_below": 0.5}))
    correct = sum(answer["prediction"] == label for answer, label in zip(answers, labels))
    print(f"{correct} of {count} are right")
    if correct / count != evaluation["accuracy"]:
        raise Failure(f"digit evaluate says {evaluation['accuracy']}, not {correct / count}")
    try:
        import torch
    except ImportError:
        print("skipped the comparison with PyTorch: there is no python3-torch")
        return SKIPPED
    difference = compare(torch, card["network"]["layers"], weights, pixels, answers)
    print(f"the largest difference to PyTorch {torch.__version__} is {difference:.2g}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
