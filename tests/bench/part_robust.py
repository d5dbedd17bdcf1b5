"""How often digitd is right on what people draw: MNIST moved and spoilt, digits of a generator, photographs
of paper, and what is no digit at all. What a row is stands in tests/robust/rows.py.

Beside the table: sheets of samples for a person to look at, in BUILD/bench/robust.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "http"), str(HERE.parent / "robust")]
import gallery  # noqa: E402
import measure as robust  # noqa: E402
import optdigits  # noqa: E402
import verdict  # noqa: E402
from rows import GROUPS  # noqa: E402
from support import Server  # noqa: E402


class Bar:
    """A line that says how far it is, how quickly, and for how long yet."""

    def __init__(self, stream, every=0.5):
        self.stream, self.every = stream, every
        self.start = self.said = time.monotonic()

    def __call__(self, done, total):
        now = time.monotonic()
        if now - self.said < (self.every if self.stream.isatty() else 15) and done < total:
            return
        self.said = now
        rate = done / max(now - self.start, 1e-3)
        full = 30 * done // total
        left = round((total - done) / rate)
        line = (f"[{'#' * full}{'.' * (30 - full)}] {done / total:4.0%}  "
                f"{rate * robust.CHUNK:,.0f} pictures/s  {left // 60}:{left % 60:02} left")
        end = "\r" if self.stream.isatty() and done < total else "\n"
        print(f"{line:<78}", end=end, file=self.stream, flush=True)


def evaluated(programs):
    """The accuracy on the test images as they lie in their file: no picture, no canvas, no server."""
    done = subprocess.run(
        [programs.digit, "evaluate", "--json", "--quiet", "--model", programs.model, "--data", programs.data],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)["accuracy"]


def sources(programs, say):
    """The data sets that can be had here."""
    found = {"mnist": robust.mnist(programs.data)}
    try:
        found["optdigits"] = robust.Source(*optdigits.load())
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"left out: UCI's optdigits cannot be fetched: {error}")
    return found


def look_at(server, found):
    """Asks again for the samples, for what the network saw of them."""
    client = robust.Client(server.host, server.port)
    for answers in found.values():
        for sample in [*answers.samples, *answers.wrong]:
            sample.seen = client.seen(sample.file)
            if sample.seen is None and sample.answer.prediction is not None:
                return  # this server does not say


def measure(programs, plan, progress, out):
    progress.step("what people draw", plan.robust_seconds)
    folder = out / "robust"
    folder.mkdir(exist_ok=True)
    sets, processes = sources(programs, progress.say), len(os.sched_getaffinity(0))
    with Server([programs.digitd, "--model", programs.model]) as server:
        found = robust.ask_all(server, sets, plan.robust_share, processes, Bar(sys.stderr))
        look_at(server, found)
        model = {"name": server.model, "version": server.version}
    gallery.write(folder, GROUPS, found)
    return {
        "model": model,
        "share": plan.robust_share,
        "evaluated": evaluated(programs),
        **verdict.judge(found),
    }
