"""Several processes at one port, and what becomes of connections that wait when one of them stops.

    shared_port.py DIGITD WEIGHTS [ROUNDS]
"""

import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from support import Failure, Server, check, read_response, request

PICTURE = (Path(__file__).resolve().parents[1] / "pictures" / "seven.png").read_bytes()
REQUEST = (b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: image/png\r\n"
           b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(PICTURE)) + PICTURE
CONNECTIONS = 64  # all at the same one of two processes: once in 2^63 times
WAITING = 1000
CLIENTS = 4
SECONDS = 20


def sharing(digitd, weights, port=0):
    """One more process at that port."""
    return Server([digitd, "--model", weights],
                  ["--port", port, "--reuse-port", 1, "--admin-port", 0])


def answered(server):
    """Predictions, as the process itself counts them."""
    with server.admin() as admin:
        text = request(admin, "GET", "/metrics").body.decode()
    found = re.search(r'^digitd_http_requests_total{route="/predict",status="200"} (\d+)$', text, re.M)
    return int(found.group(1)) if found else 0


def check_taken(digitd, weights):
    """Unless both ask to share, the second one says in a line what to do."""
    for first, second in ((0, 0), (0, 1), (1, 0)):
        with Server([digitd, "--model", weights], ["--reuse-port", first]) as server:
            done = subprocess.run(
                [digitd, "--model", weights, "--port", str(server.port), "--reuse-port", str(second)],
                capture_output=True, text=True, check=False, timeout=SECONDS)
            said = done.stderr
            check(done.returncode == 1 and said.count("\n") == 1 and "already in use" in said
                  and "--reuse-port 1" in said, first, second, done.returncode, said)


def check_both_serve(digitd, weights):
    with sharing(digitd, weights) as one, sharing(digitd, weights, one.port) as other:
        check(one.port == other.port, "two ports")
        for _ in range(CONNECTIONS):
            with one.connect() as connection:
                connection.sendall(REQUEST)
                check(read_response(connection, "POST").status == 200, "no answer")
        end = time.monotonic() + SECONDS  # an answer is there before it is counted
        while sum(counts := [answered(one), answered(other)]) < CONNECTIONS:
            check(time.monotonic() < end, "counted:", counts)
        check(sum(counts) == CONNECTIONS and all(counts), "counted:", counts)


def check_waiting(digitd, weights, shared):
    """What the kernel has accepted, and the process not yet when it is told to stop, is answered."""
    with Server([digitd, "--model", weights], ["--reuse-port", shared]) as server:
        server.process.send_signal(signal.SIGSTOP)
        connections = [server.connect() for _ in range(WAITING)]
        for connection in connections:
            connection.sendall(REQUEST)
        # It goes on when it has been told to stop, at the end of this block.
        threading.Timer(0.2, server.process.send_signal, [signal.SIGCONT]).start()
    lost = 0
    for connection in connections:
        response = read_response(connection, "POST")
        lost += response is None or response.status != 200
        connection.close()
    check(lost == 0, lost, "of", WAITING, "waiting connections got no answer")


class Visitors:
    """Clients that connect anew for each request, from `with` to the end of its block."""

    def __init__(self, server):
        self.server, self.stop = server, threading.Event()
        self.served, self.findings = [0] * CLIENTS, []
        self.threads = [threading.Thread(target=self._visit, args=(i,)) for i in range(CLIENTS)]

    def _visit(self, number):
        while not self.stop.is_set():
            try:
                with self.server.connect() as connection:
                    connection.sendall(REQUEST)
                    response = read_response(connection, "POST")
                    outcome = response and response.status
            except OSError as error:
                outcome = error
            if outcome != 200:
                self.findings.append(outcome)
            self.served[number] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def check_leaving(digitd, weights, rounds):
    """One process after the other is replaced while clients come and go, and none is turned down."""
    with sharing(digitd, weights) as stays, Visitors(stays) as visitors:
        for _ in range(rounds):
            with sharing(digitd, weights, stays.port) as leaves:
                end = time.monotonic() + SECONDS
                while answered(leaves) < 20:
                    check(time.monotonic() < end, "the second process is not asked")
            before = sum(visitors.served)
            while sum(visitors.served) < before + 20:
                check(time.monotonic() < end, "the first process does not go on")
                time.sleep(0.01)
    check(not visitors.findings, "failed:", visitors.findings)
    return sum(visitors.served)


def main(digitd, weights, rounds=4):
    check_taken(digitd, weights)
    check_both_serve(digitd, weights)
    for shared in (0, 1):
        check_waiting(digitd, weights, shared)
    served = check_leaving(digitd, weights, int(rounds))
    print(f"shared_port: {rounds} processes left, {served} requests, every one answered")


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except Failure as failure:
        sys.exit(f"shared_port: {failure}")
