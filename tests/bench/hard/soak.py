"""Good and bad requests from several clients, and a reload now and then: what the server has more of at the
end than after it has warmed up."""

import re
import signal
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "http"))
import wire  # noqa: E402
from load import bodies  # noqa: E402
from support import request  # noqa: E402

CLIENTS = 4
PAUSE = 0.004  # seconds between two good requests of a client: a soak is about time, not about load
LOOKS = 240    # at the memory; those of the second quarter are compared with those of the last


def resident(pid):
    """KiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def descriptors(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def be_good(server, end, failures, counts, who):
    requests = list(bodies())
    while time.monotonic() < end:
        with server.connect() as connection:
            for body, kind, _ in requests:
                status = request(connection, "POST", "/predict", body, kind).status
                counts[who] += 1
                if status != 200:
                    failures.append(status)
                time.sleep(PAUSE)


def be_bad(server, end, cases):
    at = 0
    while time.monotonic() < end:
        at += 1
        try:
            with server.connect() as connection:
                connection.settimeout(2)
                for part in cases[at % len(cases)].parts:
                    if isinstance(part, bytes):
                        connection.sendall(part)
                connection.recv(4096)
        except OSError:
            pass
        time.sleep(PAUSE)


def report(begun, seconds, good):
    passed = time.monotonic() - begun
    if sys.stderr.isatty():
        print(f"\rsoak: {good} good requests, {good / passed:.0f} a second, {max(0, seconds - passed):.0f} s left  ",
              end="" if passed < seconds else "\n", file=sys.stderr, flush=True)


def watch(server, begun, seconds, counts):
    """The memory at each look, and how often the model was reloaded."""
    reload_each = min(60, seconds / 8)
    looks, reloads = [], 0
    while time.monotonic() < begun + seconds:
        time.sleep(seconds / LOOKS)
        looks.append(resident(server.process.pid))
        report(begun, seconds, sum(counts))
        if time.monotonic() - begun > (reloads + 1) * reload_each:
            server.process.send_signal(signal.SIGHUP)
            reloads += 1
    return looks, reloads


def measure(server, seconds):
    failures, counts = [], [0] * CLIENTS
    begun = time.monotonic()
    cases = list(wire.read_cases())
    threads = [threading.Thread(target=be_good, args=(server, begun + seconds, failures, counts, who))
               for who in range(CLIENTS)]
    threads += [threading.Thread(target=be_bad, args=(server, begun + seconds, cases)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    looks, reloads = watch(server, begun, seconds, counts)
    for thread in threads:
        thread.join()
    time.sleep(2)
    quarter = len(looks) // 4
    return {"good": sum(counts), "failures": len(failures), "reloads": reloads,
            "drift": statistics.median(looks[-quarter:]) / statistics.median(looks[quarter:2 * quarter]) - 1,
            "looks": looks, "descriptors": descriptors(server.process.pid)}
