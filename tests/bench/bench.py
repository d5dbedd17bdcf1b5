"""./dev bench: measures engines, server and peers, and writes a report.

    bench.py --build BUILD --data DATA [--peers FOLDER] [--quick] [--soak] [--only PART]... [PART]...

Into BUILD/bench: report.md, report.json and plots. Everything that is compared is measured in turns,
several times, in one run; see part_engines.py, part_peers.py and part_train.py. Measured when they
are asked for only: training, how right the answers are on what people draw, how soon the pages are
there, and what many requests take: ./dev bench train, robust, page, scale
"""

import argparse
import datetime
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import machine
import part_engines
import part_page
import part_peers
import part_robust
import part_scale
import part_server
import part_train
import report
import report_robust

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("engines", "server", "peers")
ON_REQUEST = ("train", "robust", "page", "scale")


@dataclass
class Plan:
    """What is measured how often; *_seconds are also what a step is expected to take."""

    batches: tuple = (1, 2, 4, 8, 16, 32, 64, 128)
    rounds: int = 8
    turn: float = 0.08
    engines_seconds: float = 13
    connections: tuple = (1, 8, 64, 512, 1000)
    load_rounds: int = 3
    load_seconds: int = 5
    starts: int = 20
    soak: int = 200_000
    soak_seconds: float = 20
    peer_rounds: int = 3
    peer_loads: str = "1:1:3 1:8:3 2:64:4"  # threads:connections:seconds
    peer_seconds: float = 15
    train_rounds: int = 3
    train_seconds: float = 80
    robust_share: float = 1.0
    robust_seconds: float = 240
    page_visits: int = 10
    page_seconds: float = 60
    scale_rounds: int = 5
    scale_seconds: int = 4

    def seconds(self, parts, peers):
        """Of the whole run, or nearly."""
        return (
            ("engines" in parts) * self.rounds * self.engines_seconds
            + ("server" in parts)
            * (
                len(self.connections) * self.load_rounds * self.load_seconds
                + self.starts * 0.1
                + self.soak_seconds
            )
            + ("train" in parts) * self.train_rounds * self.train_seconds
            + ("robust" in parts) * self.robust_seconds
            + ("page" in parts) * self.page_seconds
            + ("scale" in parts)
            * (self.scale_rounds * len(part_scale.WAYS) * self.scale_seconds + 10)
            + ("peers" in parts) * self.peer_rounds * (1 + 2 * peers) * self.peer_seconds
        )


QUICK = Plan(
    batches=(1, 8, 64),
    rounds=3,
    turn=0.05,
    engines_seconds=5,
    load_rounds=1,
    load_seconds=2,
    starts=10,
    soak=30_000,
    soak_seconds=4,
    peer_rounds=1,
    peer_loads="1:1:1 1:8:2 2:64:2",
    peer_seconds=9,
    train_rounds=1,
    robust_share=0.03,
    robust_seconds=20,
    page_visits=3,
    page_seconds=25,
    scale_rounds=1,
    scale_seconds=2,
)


@dataclass
class Programs:
    """The programs and files that are measured."""

    digitd: Path
    digit: Path
    bench_engine: Path
    model: Path
    card: Path
    data: Path
    images: Path
    bodies: Path


class Progress:
    """Says what is being done and about how long it will take until the end."""

    def __init__(self, seconds):
        self.left, self.now = seconds, 0

    def say(self, words):
        print(f"bench: {words}", file=sys.stderr, flush=True)

    def step(self, words, seconds):
        """Begins a step that should take that long."""
        self.left, self.now = self.left - self.now, seconds
        minutes, rest = divmod(round(max(self.left, 0)), 60)
        self.say(f"{minutes}:{rest:02} left; {words}")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build", help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, default=ROOT / "data", help=argparse.SUPPRESS)
    parser.add_argument(
        "--peers",
        type=Path,
        default=ROOT.parent / "shared" / "peers",
        metavar="FOLDER",
        help="the other servers' scripts (default ../shared/peers)",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=os.environ.get("DIGITD_MODEL") or ROOT / "model" / "weights" / "cnn_mnist.pth",
        metavar="FILE",
        help="measure those weights (default $DIGITD_MODEL, or else the shipped ones)",
    )
    parser.add_argument("--quick", action="store_true", help="two minutes, not ten")
    parser.add_argument(
        "--soak", action="store_true", help="a million requests for the memory figure"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS + ON_REQUEST,
        metavar="PART",
        help=f"measure that part only: {', '.join(PARTS + ON_REQUEST)}; may be given again",
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="the same, without --only")
    options = parser.parse_args()
    unknown = set(options.parts) - {*PARTS, *ON_REQUEST}
    if unknown:
        parser.error(f"there is no part '{unknown.pop()}'; there is: {', '.join(PARTS + ON_REQUEST)}")
    options.only = (options.only or []) + options.parts
    return options


def plan_for(options):
    plan = QUICK if options.quick else Plan()
    return replace(plan, soak=1_000_000, soak_seconds=100) if options.soak else plan


def programs_for(options, out):
    return Programs(
        digitd=options.build / "bin" / "digitd",
        digit=options.build / "bin" / "digit",
        bench_engine=options.build / "tests" / "bench_engine",
        model=options.model,
        card=options.model.with_suffix(".json"),
        data=options.data,
        images=options.data / "t10k-images-idx3-ubyte",
        bodies=out / "bodies.jsonl",
    )


def parts_for(options, progress):
    parts = list(options.only or PARTS)
    if "peers" in parts and not Path(options.peers, "measure.sh").is_file():
        progress.say(f"left out: the peers; they are not in {options.peers}")
        parts.remove("peers")
    elif "peers" in parts and not part_peers.installed(lambda _: None):
        progress.say("left out: the peers; none is installed, see their setup.sh")
        parts.remove("peers")
    return parts


def commit():
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "of an unknown commit"


def measure(options, programs, plan, parts, progress, out):
    """Yields what has been found after each part: a later one may fail."""
    work = {
        "engines": lambda: part_engines.measure(programs, plan, progress),
        "server": lambda: part_server.measure(programs, plan, progress),
        "train": lambda: part_train.measure(programs, plan, progress),
        "robust": lambda: part_robust.measure(programs, plan, progress, out),
        "page": lambda: part_page.measure(programs, plan, progress),
        "scale": lambda: part_scale.measure(programs, plan, progress),
        "peers": lambda: part_peers.measure(options.peers.resolve(), programs, plan, progress),
    }
    found = {
        "machine": machine.describe(options.build),
        "commit": commit(),
        "date": datetime.date.today().isoformat(),
        "load_average": os.getloadavg()[0],
        "others": [],
    }
    for part in parts:
        found["others"].append(machine.busy())
        found[part] = work[part]()
        yield found


def write(out, found, card, plan):
    text = report.markdown(found, card, plan)
    (out / "report.md").write_text(text, encoding="utf-8")
    (out / "report.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if "robust" in found:
        (out / "robust" / "table.md").write_text(report_robust.short(found["robust"]), encoding="utf-8")
    for name, svg in report.plots(found, plan).items():
        (out / name).write_text(svg, encoding="utf-8")
    return text


def main():
    options = arguments()
    plan, progress = plan_for(options), Progress(0)
    out = options.build / "bench"
    out.mkdir(parents=True, exist_ok=True)
    programs = programs_for(options, out)
    parts = parts_for(options, progress)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    part_server.write_bodies(programs.bodies, programs.images)
    peers = len(part_peers.installed(lambda _: None)) if "peers" in parts else 0
    progress.left = plan.seconds(parts, peers)
    start = time.monotonic()
    card = json.loads(programs.card.read_text(encoding="utf-8")) if "engines" in parts else None
    text = ""
    for found in measure(options, programs, plan, parts, progress, out):
        text = write(out, found, card, plan)
    print(text)
    minutes = (time.monotonic() - start) / 60
    progress.say(f"took {minutes:.1f} minutes; the report and its plots are in {out}")


if __name__ == "__main__":
    main()
