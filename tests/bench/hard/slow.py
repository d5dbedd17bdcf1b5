"""A thousand slow clients of each kind (slowhttptest), and a good one beside them.

The good client's times are compared with its own when nobody else is there. How long a slow client is kept
is seen from own ones, as slowhttptest does not say it."""

import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "http"))
from support import request  # noqa: E402

CONNECTIONS = 1000
OWN = 30
KINDS = {"head": ["-H"], "body": ["-B"], "reader": ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "5", "-k", "3"]}
PICTURE = (Path(__file__).resolve().parents[2] / "data" / "digits" / "7.png").read_bytes()
GIVE_UP = 30


def good_client(server, seconds):
    """Its times in milliseconds, in order."""
    times, end = [], time.monotonic() + seconds
    with server.connect() as connection:
        while time.monotonic() < end:
            begun = time.perf_counter()
            answer = request(connection, "POST", "/predict", PICTURE, "image/png")
            if answer.status != 200:
                raise RuntimeError(f"a good request gets {answer.status}")
            times.append(1000 * (time.perf_counter() - begun))
            time.sleep(0.002)
    return sorted(times)


def p99(times):
    return times[int(len(times) * 0.99)]


def linger(server, kind):
    """Until the server has had enough; seconds."""
    with socket.socket() as connection:
        if kind == "reader":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect((server.host, server.port))
        begun = time.monotonic()
        first = {"head": b"GET /livez HTTP/1.1\r\nHost: a\r\n",
                 "body": b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"
                         b"Content-Length: 8192\r\n\r\n",
                 "reader": b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 100}[kind]
        try:
            connection.sendall(first)
            while time.monotonic() - begun < GIVE_UP:
                time.sleep(0.2)
                connection.sendall({"head": b"A: b\r\n", "body": b"a", "reader": b"G"}[kind])
        except OSError:
            pass
        return time.monotonic() - begun


def attack(server, kind, seconds):
    # It is not to take the processor from the others: that is not what is measured.
    command = ["nice", "-n", "19", "slowhttptest", *KINDS[kind], "-c", CONNECTIONS, "-r", 500, "-i", 2, "-l", seconds, "-x", 24,
               "-p", 3, "-u", f"http://{server.host}:{server.port}/openapi.json"]
    if kind == "body":
        command[-1] = f"http://{server.host}:{server.port}/predict"
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def measure(server, seconds):
    """By kind: the good client's p99 over its calm one, and the longest that a slow client was kept."""
    calm, found = p99(good_client(server, seconds)), {}
    for kind in KINDS:
        kept = []
        attacker = attack(server, kind, seconds + 8)
        threads = [threading.Thread(target=lambda: kept.append(linger(server, kind))) for _ in range(OWN)]
        try:
            time.sleep(3)
            for thread in threads:
                thread.start()
            times = good_client(server, seconds)
            for thread in threads:
                thread.join()
        finally:
            attacker.kill()
            attacker.wait()
        found[kind] = {"ratio": p99(times) / calm, "p99": p99(times), "median": statistics.median(times),
                       "kept": max(kept)}
    return calm, found
