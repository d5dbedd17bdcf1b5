"""Ten times the clients that give the peak, all of whom ask again as soon as they are answered (wrk), and
operators who ask whether the server lives. Server, wrk and the operators share the cores."""

import re
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "http"))
from support import request  # noqa: E402

PEAK_CONNECTIONS, TIMES = 64, 10
SCRIPT = Path(__file__).with_name("overload.lua")


def load(server, connections, seconds, bodies):
    """Good and refused answers a second; errors of the sockets, and answers of another status."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", SCRIPT,
         f"http://{server.host}:{server.port}"],
        env={"BODIES": str(bodies), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True)
    words = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) ([\d.]+)", done.stdout).groups()
    good, refused, other, errors = map(int, words[:4])
    return {"good": good / float(words[4]), "refused": refused, "other": other, "errors": errors}


def ask(connect, times, failures, stop):
    with connect() as connection:
        while not stop.is_set():
            begun = time.perf_counter()
            if request(connection, "GET", "/livez").status != 200:
                failures.append("livez")
            times.append(1000 * (time.perf_counter() - begun))
            time.sleep(0.02)


def measure(server, seconds, bodies):
    peak = statistics.median(load(server, PEAK_CONNECTIONS, 4, bodies)["good"] for _ in range(3))
    stop, failures, times = threading.Event(), [], {"main": [], "admin": []}
    askers = [threading.Thread(target=ask, args=(server.connect, times["main"], failures, stop)),
              threading.Thread(target=ask, args=(server.admin, times["admin"], failures, stop))]
    for asker in askers:
        asker.start()
    over = load(server, PEAK_CONNECTIONS * TIMES, seconds, bodies)
    stop.set()
    for asker in askers:
        asker.join()
    lives = {port: sorted(of)[int(len(of) * 0.99)] for port, of in times.items()}
    return {"peak": peak, **over, "livez": lives, "failures": len(failures)}
