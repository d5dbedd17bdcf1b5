"""The server by itself: requests a second, latencies, time to the first answer, memory, size."""

import base64
import json
import math
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
from support import Server, png, read_idx  # noqa: E402

BODIES = 1000


def write_bodies(path, images):
    """Request bodies as any client may send them: a PNG of a test digit each."""
    pixels, _ = read_idx(Path(images).read_bytes())
    with open(path, "w", encoding="ascii") as out:
        for i in range(BODIES):
            picture = base64.b64encode(png(pixels[i * 784 : (i + 1) * 784])).decode()
            out.write(json.dumps({"image": picture}, separators=(",", ":")) + "\n")


def load(server, bodies, connections, seconds, beside=(), scheme="http"):
    """One run of wrk, how busy the cores were with something else meanwhile, and the seconds of
    processor time that the server took, together with those `beside` it at its port."""
    threads = 1 if connections < 64 else 2
    words = f"wrk -t{threads} -c{connections} -d{seconds}s --timeout 10s --latency -s".split()
    with machine.Others(*(one.process.pid for one in (server, *beside))) as others:
        done = subprocess.run(
            [*words, HERE / "predict.lua", f"{scheme}://{server.host}:{server.port}"],
            env={**os.environ, "BODIES": str(bodies)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    run = json.loads(re.search(r"^RESULT (.*)$", done.stdout, re.M).group(1))
    return {**run, "others": others.share, "seconds": others.theirs}


def memory(server, field):
    """VmRSS or VmHWM (the peak), in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(rf"^{field}:\s*(\d+) kB", status, re.M).group(1)) / 1024


def measure_load(programs, plan, progress):
    runs = {connections: [] for connections in plan.connections}
    with Server([programs.digitd, "--model", programs.model]) as server:
        load(server, programs.bodies, 64, 1)
        for number in range(plan.load_rounds):
            for connections in plan.connections:
                progress.step(
                    f"server at {connections} connections, round {number + 1} of "
                    f"{plan.load_rounds}",
                    plan.load_seconds,
                )
                runs[connections].append(
                    load(server, programs.bodies, connections, plan.load_seconds)
                )
    return {connections: summary(rounds) for connections, rounds in runs.items()}


def summary(rounds):
    """The median run as a whole, and the most requests a second of any."""
    ordered = sorted(rounds, key=lambda run: run["rps"])
    return {
        **ordered[len(ordered) // 2],
        "best": ordered[-1]["rps"],
        "errors": sum(run["errors"] for run in rounds),
        "rounds": rounds,
    }


def measure_memory(programs, plan, progress):
    """Memory once it serves, and whether it grows after the first tenth of many requests."""
    sent = failed = early = early_sent = 0
    with Server([programs.digitd, "--model", programs.model]) as server:
        loaded = memory(server, "VmHWM")
        while sent < plan.soak:
            progress.step(f"server, {sent:,} of {plan.soak:,} requests", 0)
            run = load(server, programs.bodies, 64, math.ceil(plan.soak_seconds / 20))
            sent, failed = sent + run["requests"], failed + run["errors"]
            if not early and sent >= plan.soak / 10:
                early, early_sent = memory(server, "VmRSS"), sent
        progress.step("server, end of its many requests", plan.soak_seconds)
        return {
            "loaded": loaded,
            "early": early,
            "early_requests": early_sent,
            "late": memory(server, "VmRSS"),
            "peak": memory(server, "VmHWM"),
            "requests": sent,
            "errors": failed,
        }


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def first_answer(programs):
    """Milliseconds from starting the program to its first 200."""
    with open(programs.bodies, encoding="ascii") as file:
        body = file.readline().strip()
    request = (
        "POST /predict HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
    port = free_port()
    start = time.perf_counter()
    process = subprocess.Popen(
        [programs.digitd, "--model", programs.model, "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - start < 30 and process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                    connection.sendall(request)
                    if connection.recv(4096).startswith(b"HTTP/1.1 200"):
                        return (time.perf_counter() - start) * 1000
            except OSError:
                time.sleep(0.0002)
        raise RuntimeError("digitd gives no answer")
    finally:
        process.terminate()
        process.wait()


def measure_start(programs, plan, progress):
    progress.step(f"starting the server {plan.starts} times", plan.starts * 0.1)
    times = [first_answer(programs) for _ in range(plan.starts)]
    return {"best": min(times), "median": statistics.median(times), "all": times}


def measure_size(programs):
    """KB of the program as it is installed: without what is for debuggers only."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = Path(folder, "digitd")
        subprocess.run(["strip", "-o", stripped, programs.digitd], check=True)
        return stripped.stat().st_size / 1024


def measure(programs, plan, progress):
    return {
        "load": measure_load(programs, plan, progress),
        "start": measure_start(programs, plan, progress),
        "memory": measure_memory(programs, plan, progress),
        "size": measure_size(programs),
    }
