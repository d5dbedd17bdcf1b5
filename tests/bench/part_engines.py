"""How long an image takes in each engine, ours and others, on one thread.

All programs are open at once, and one works at a time, for a fraction of a second: at each batch
size every engine has its turn within the same second or two, so what else the machine does falls on
all of them.
"""

import contextlib
import statistics
import subprocess
import sys
from pathlib import Path

from worker import Worker

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from environments import environment  # noqa: E402

KINDS = ("digits", "dense")


def onnxruntime_python(say):
    """A Python that has what requirements.txt says."""
    return environment("venv-bench", HERE / "requirements.txt", say) / "python"


def torch_python(say):
    for python in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run(
            [python, "-c", "import torch"], stderr=subprocess.DEVNULL, check=False
        )
        if done.returncode == 0:
            return python
    say("left out: eager PyTorch; there is no Python with torch (Debian: python3-torch)")
    return None


def rivals(say, card, model, images):
    """The commands of the rivals that can be had here."""
    try:
        yield onnxruntime_python(say), HERE / "rival.py", "onnxruntime", card, model, images
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"left out: ONNX Runtime cannot be installed: {error}")
    python = torch_python(say)
    if python:
        yield python, HERE / "rival.py", "torch", card, model, images


def summary(turns):
    """Of each round's passes: the best of all, and the median of the rounds' medians."""
    return {
        "best": min(map(min, turns)),
        "median": statistics.median(map(statistics.median, turns)),
        "rounds": [statistics.median(turn) for turn in turns],
    }


def check(answers):
    """All engines must see the same digits."""
    if len(set(answers.values())) > 1:
        raise RuntimeError(f"the engines do not agree: {answers}")


def one_round(engines, isas, plan, found):
    for isa, worker in isas.items():
        found["peak"].setdefault(isa, []).append(worker.ask("peak", isa, plan.turn)["gflops"])
    answers = {}
    for kind in KINDS:
        for batch in plan.batches:
            for name, worker in engines.items():
                turn = worker.ask("run", name, batch, kind, plan.turn)
                found["us"].setdefault((name, kind, batch), []).append(turn["us"])
                if kind == "digits" and name != "empty":
                    answers[name, batch] = turn["answers"]
    check(answers)


def measure(programs, plan, progress):
    """What was measured: {"about": {engine: line}, "peak": {isa: gflops}, "us": {engine: {kind: ...}}}"""
    found = {"peak": {}, "us": {}}
    model = programs.model
    commands = [
        (programs.bench_engine, model, programs.images),
        *rivals(progress.say, programs.card, model, programs.images),
    ]
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(Worker(*command)) for command in commands]
        engines = {name: worker for worker in workers for name in worker.has["engines"]}
        isas = {isa: workers[0] for isa in workers[0].has["isas"]}
        for number in range(plan.rounds):
            progress.step(f"engines, round {number + 1} of {plan.rounds}", plan.engines_seconds)
            one_round(engines, isas, plan, found)
        about = {name: line for worker in workers for name, line in worker.has["engines"].items()}
    us = {
        name: {
            kind: {batch: summary(found["us"][name, kind, batch]) for batch in plan.batches}
            for kind in KINDS
        }
        for name in engines
    }
    peak = {
        isa: {"best": max(turns), "median": statistics.median(turns)}
        for isa, turns in found["peak"].items()
    }
    return {"about": about, "peak": peak, "us": us}
