"""Ours beside other servers that do the same job, by the scripts in a folder of peers.

Every run of a peer stands between two of ours, and is compared with the mean of both: a machine
that slows down or speeds up does so for both. Each pair gives a ratio, and the median of the rounds'
ratios is what counts.
"""

import os
import re
import statistics
import subprocess
from pathlib import Path

from part_server import Server, first_answer, free_port, measure_size

# The peers that are run, and what shows in $PEERS_HOME that one is installed.
PEERS = {
    "rust-actix": "target/release/actix",
    "rust-axum": "target/release/axum",
    "fastapi-ort": "venv-ort",
    "fastapi-torch-debian": "venv-torch-debian",
}
OURS = "digitd"
LINE = re.compile(r"^\S+ c=(\d+) (req/s=.*)$", re.M)
WORD = re.compile(r"(\S+?)=([0-9.]+)")


def home():
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("PEERS_HOME") or Path(cache, "peers"))


def installed(say):
    names = [name for name, proof in PEERS.items() if Path(home(), proof).exists()]
    for name in PEERS:
        if name not in names:
            say(f"left out: the peer {name} is not installed; see the peers' setup.sh")
    return names


def parse(output):
    """The loads' figures by connections, and what the last line tells beside them."""
    loads = {
        int(connections): {key: float(value) for key, value in WORD.findall(words)}
        for connections, words in LINE.findall(output)
    }
    last = output.strip().splitlines()[-1].rpartition("|")[2]
    return {"loads": loads, **{key: float(value) for key, value in WORD.findall(last)}}


def run(plan, *command, **environment):
    environment = {
        **os.environ,
        "RUNS": "1",
        "LOADS": plan.peer_loads,
        "WARMUP": "1",
        **environment,
    }
    return parse(
        subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    )


def run_peer(folder, plan, name):
    return run(plan, folder / "run.sh", name, PORT=str(free_port()))


def run_ours(folder, plan, programs):
    extra = f"start={first_answer(programs) / 1000:.3f}s size={measure_size(programs) / 1024:.2f}MB"
    with Server([programs.digitd, "--model", programs.model]) as server:
        return run(
            plan,
            folder / "measure.sh",
            f"http://{server.host}:{server.port}/predict",
            OURS,
            EXPECTED="-",
            SERVER_PID=str(server.process.pid),
            EXTRA=extra,
        )


def compare(before, peer, after):
    """Ours over the peer's: of requests a second more is better, of latencies less."""
    return {
        connections: {
            key: (before["loads"][connections][key] + after["loads"][connections][key])
            / 2
            / max(load[key], 1)
            for key in ("req/s", "p50", "p99")
        }
        for connections, load in peer["loads"].items()
    }


def summary(runs):
    """The median of each figure of a server's runs."""
    loads = {
        connections: {
            key: statistics.median(run["loads"][connections][key] for run in runs)
            for key in ("req/s", "p50", "p99")
        }
        for connections in runs[0]["loads"]
    }
    for connections, load in loads.items():
        load["bad"] = sum(
            run["loads"][connections][key] for run in runs for key in ("non2xx", "errors")
        )
    return {
        "loads": loads,
        **{key: statistics.median(run[key] for run in runs) for key in runs[0] if key != "loads"},
    }


def median_ratios(rounds):
    return {
        connections: {
            key: {"median": statistics.median(values), "rounds": values}
            for key in rounds[0][connections]
            for values in [[ratios[connections][key] for ratios in rounds]]
        }
        for connections in rounds[0]
    }


def measure(folder, programs, plan, progress):
    names = installed(progress.say)
    runs = {name: [] for name in [OURS, *names]}
    ratios = {name: [] for name in names}
    for number in range(plan.peer_rounds):
        progress.step(f"peers, round {number + 1} of {plan.peer_rounds}: {OURS}", plan.peer_seconds)
        ours = run_ours(folder, plan, programs)
        for name in names:
            progress.step(
                f"peers, round {number + 1} of {plan.peer_rounds}: {name}, {OURS}",
                2 * plan.peer_seconds,
            )
            try:
                peer = run_peer(folder, plan, name)
            except subprocess.CalledProcessError:
                progress.say(f"left out: the peer {name} does not run; see {home() / 'logs'}")
                continue
            before, ours = ours, run_ours(folder, plan, programs)
            ratios[name].append(compare(before, peer, ours))
            runs[name].append(peer)
            runs[OURS].append(ours)
    runs = {name: of for name, of in runs.items() if of}
    ratios = {name: of for name, of in ratios.items() if of}
    if not ratios:
        return None
    return {
        "servers": {name: summary(of) for name, of in runs.items()},
        "ratios": {name: median_ratios(of) for name, of in ratios.items()},
    }
