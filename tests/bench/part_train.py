"""How long a training run takes: `digit train --recipe quick` beside the same recipe in PyTorch.

Both are whole programs, from exec to exit: starting, loading the data, training, and testing on the
10,000 test images. They run in turns, so what else the machine does falls on both.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine

HERE = Path(__file__).resolve().parent


def timed(*command):
    """Runs it; gives wall and processor seconds, and what it said."""
    before, start = os.times(), time.monotonic()
    said = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    seconds, after = time.monotonic() - start, os.times()
    used = after.children_user + after.children_system
    return seconds, used - before.children_user - before.children_system, said


def run_digit(programs, folder, threads, seed):
    seconds, used, _ = timed(
        programs.digit, "train", "--recipe", "quick", "--data", programs.data, "--out", folder,
        "--threads", threads, "--seed", seed, "--quiet",
    )  # fmt: skip
    card = json.loads(Path(folder, "cnn_mnist.json").read_text(encoding="utf-8"))
    return {
        "seconds": seconds,
        "used": used,
        "accuracy": card["test"]["accuracy"],
        "library": card["training"]["library"],
    }


def run_plain(programs, threads, seed):
    seconds, used, said = timed(
        sys.executable, HERE / "train_plain.py", programs.data, threads, seed
    )
    return {"seconds": seconds, "used": used, "accuracy": float(said)}


def measure(programs, plan, progress):
    threads = machine.cores()
    runs = {"digit": [], "plain": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, plan.train_rounds + 1):
            progress.step(f"training, {seed} of {plan.train_rounds}", plan.train_seconds)
            runs["digit"].append(run_digit(programs, folder, threads, seed))
            runs["plain"].append(run_plain(programs, threads, seed))
    return {
        "threads": threads,
        "library": runs["digit"][0]["library"],
        "runs": runs,
        "ratio": statistics.median(
            plain["seconds"] / digit["seconds"]
            for digit, plain in zip(runs["digit"], runs["plain"])
        ),
    }
