"""Good and bad requests from several clients, and a reload now and then: what the server has more of at the
end than after it has warmed up."""

import re
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "http"))
import wire  # noqa: E402
from load import bodies  # noqa: E402
from support import request  # noqa: E402

CLIENTS = 4
WARM_SHARE = 0.25  # of the time, until the first look


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def descriptors(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def be_good(server, end, failures, counts):
    requests = list(bodies())
    while time.monotonic() < end:
        with server.connect() as connection:
            for body, kind, _ in requests:
                status = request(connection, "POST", "/predict", body, kind).status
                counts[0] += 1
                if status != 200:
                    failures.append(status)


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


def measure(server, seconds):
    pid, failures, counts = server.process.pid, [], [0]
    begun = time.monotonic()
    end = begun + seconds
    cases = list(wire.read_cases())
    threads = [threading.Thread(target=be_good, args=(server, end, failures, counts)) for _ in range(CLIENTS)]
    threads += [threading.Thread(target=be_bad, args=(server, end, cases)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    reloads, before = 0, None
    while time.monotonic() < end:
        time.sleep(min(60, seconds / 8))
        server.process.send_signal(signal.SIGHUP)
        reloads += 1
        if before is None and time.monotonic() - begun > WARM_SHARE * seconds:
            before = resident(pid)
    for thread in threads:
        thread.join()
    time.sleep(2)
    return {"good": counts[0], "failures": len(failures), "reloads": reloads,
            "drift": resident(pid) / before - 1, "descriptors": descriptors(pid)}
