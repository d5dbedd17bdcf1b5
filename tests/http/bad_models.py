"""Gives digitd model files that are no good: it must say in one line what is wrong with them and
leave with status 1, within seconds and never by a signal.

    bad_models.py DIGITD WEIGHTS [FLAGS...]
"""

import io
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

from support import READY, Failure

SECONDS = 5
FLIPS = 100


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


class Command:
    """A pickle that runs a command in whoever loads it without care."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (self.marker,)


def truncated(good):
    for length in (1, 2, 4, 30, 100, len(good) // 4, len(good) // 2, len(good) - 1000,
                   len(good) - 22, len(good) - 1):
        yield f"truncated-{length}", good[:length]


def flipped(good):
    """Half of the places anywhere, which is mostly weights, half near the ends, which is structure."""
    dice = random.Random(1)
    edge = min(4096, len(good) // 2)
    for i in range(FLIPS):
        at = dice.randrange(len(good)) if i % 2 else dice.choice((1, -1)) * dice.randrange(1, edge)
        bad = bytearray(good)
        bad[at] ^= 1 << dice.randrange(8)
        yield f"flipped-{at % len(good)}", bytes(bad)


def foreign(marker):
    yield "empty", b""
    yield "text", b"This is not a model.\n"
    yield "zeros", bytes(100000)
    yield "noise", random.Random(2).randbytes(100000)
    yield "picture", (Path(__file__).parents[1] / "pictures" / "seven.png").read_bytes()
    yield "zip-empty", zipped({})
    yield "zip-of-text", zipped({"readme.txt": "hello"})
    yield "zip-with-command", zipped({
        "m/data.pkl": pickle.dumps(Command(marker), 2), "m/version": "3\n"})
    yield "pickle-with-command", pickle.dumps(Command(marker), 2)
    yield "zip-with-empty-pickle", zipped({"m/data.pkl": b"", "m/version": "3\n"})
    yield "zip-with-a-number", zipped({"m/data.pkl": pickle.dumps(7, 2), "m/version": "3\n"})
    yield "zip-without-tensors", zipped({"m/data.pkl": pickle.dumps({}, 2), "m/version": "3\n"})


def from_torch():
    try:
        import torch
    except ImportError:
        print("without what PyTorch would write: there is no python3-torch")
        return

    def saved(what, **options):
        file = io.BytesIO()
        torch.save(what, file, **options)
        return file.getvalue()

    module = torch.nn.Linear(4, 2)
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(module), script)
    yield "torchscript", script.getvalue()
    yield "module", saved(module)
    yield "other-network", saved(module.state_dict())
    yield "legacy", saved(module.state_dict(), _use_new_zipfile_serialization=False)
    yield "one-tensor", saved(torch.zeros(3))


def start(digitd, path, flags):
    """The exit status and what is on standard error; status None when it serves."""
    process = subprocess.Popen([digitd, "--port", "0", "--model", path, *flags],
                               stderr=subprocess.PIPE, text=True)
    killer = threading.Timer(SECONDS, process.kill)
    killer.start()
    text = ""
    serves = False
    for line in process.stderr:
        text += line
        if READY.search(line):
            serves = True
            process.terminate()
    process.stderr.close()
    status = process.wait()
    killer.cancel()
    return None if serves else status, text


def check(digitd, path, flags, may_serve):
    status, text = start(digitd, path, flags)
    if status is None:
        return None if may_serve else "is served"
    if status != 1:
        return f"leads to status {status} (at most {SECONDS} s are given): {text}"
    if text.count("\n") != 1 or not text.startswith("digitd: ") or len(text) < 20:
        return f"is not explained in one line: {text!r}"
    return None


def main():
    digitd, weights, *flags = sys.argv[1:]
    good = Path(weights).read_bytes()
    card = Path(weights).with_suffix(".json")
    failures = count = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.pth")
        marker = Path(folder, "marker")
        shutil.copy(card, path.with_suffix(".json"))

        def expect_refusal(name, may_serve=False):
            nonlocal failures, count
            count += 1
            wrong = check(digitd, path, flags, may_serve)
            if wrong:
                failures += 1
                print(f"FAILED {name}: {wrong}")

        expect_refusal("missing")
        path.mkdir()
        expect_refusal("folder")
        path.rmdir()
        for models in (truncated(good), flipped(good), foreign(str(marker)), from_torch()):
            for name, data in models:
                path.write_bytes(data)
                expect_refusal(name)
        if marker.exists():
            failures += 1
            print("FAILED: a command in a pickle was run")
        path.write_bytes(good)
        for name, data in (("card-empty", b""), ("card-text", b"hello"), ("card-array", b"[]"),
                           ("card-cut-off", card.read_bytes()[:-20])):
            path.with_suffix(".json").write_bytes(data)
            expect_refusal(name)
        path.with_suffix(".json").unlink()
        for name, data in flipped(good):
            # No card, no SHA-256: a bit that means nothing, as of a date, does not matter then.
            path.write_bytes(data)
            expect_refusal(name + "-without-card", may_serve=True)
    print(f"{count} models, {failures} failed")
    return failures > 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
