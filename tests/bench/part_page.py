"""How soon the pages are there, in a Chromium without a cache: on an idle server, and while wrk keeps
64 connections busy. Server, load and browser share the processors; what the server alone takes is
its answer to a plain client that opens a connection for it."""

import http.client
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

import part_server
from tables import table

WEB = Path(__file__).resolve().parents[1] / "web"
CONNECTIONS = 64


def answer(server, path):
    """The milliseconds from connecting to the answer's last byte."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection(server.host, server.port)
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    connection.getresponse().read()
    connection.close()
    return 1000 * (time.perf_counter() - start)


def visits(server, tools, times):
    done = subprocess.run(
        ["node", WEB / "paint.mjs", f"http://{server.host}:{server.port}", str(times)],
        env={**os.environ, "WEB_TOOLS": tools},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    for path, visited in found.items():
        for visit in visited:
            time.sleep(0.05)
            visit["answer"] = answer(server, path)
    return found


def start_load(server, bodies):
    """A wrk that goes on until it is ended, or for some minutes."""
    words = f"wrk -t2 -c{CONNECTIONS} -d300s -s".split()
    return subprocess.Popen(
        [*words, WEB.parent / "bench" / "predict.lua", f"http://{server.host}:{server.port}"],
        env={**os.environ, "BODIES": str(bodies)},
        stdout=subprocess.DEVNULL,
    )


def measure(programs, plan, progress):
    tools = subprocess.run(
        [WEB / "tools.sh"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    with part_server.Server([programs.digitd, "--model", programs.model]) as server:
        progress.step("the pages on an idle server", plan.page_seconds / 3)
        found = {"idle": visits(server, tools, plan.page_visits)}
        progress.step("the pages under load", plan.page_seconds * 2 / 3)
        load = start_load(server, programs.bodies)
        try:
            found["loaded"] = visits(server, tools, plan.page_visits)
        finally:
            load.terminate()
            load.wait()
    return found


def section(found):
    names = {"idle": "idle", "loaded": f"{CONNECTIONS} connections busy"}
    rows = [
        [
            f"`{path}`",
            names[state],
            *(
                f"{choose([visit[what] for visit in visited]):.0f}"
                for what in ("answer", "paint", "usable")
                for choose in (statistics.median, max)
            ),
        ]
        for state, pages in found.items()
        for path, visited in pages.items()
    ]
    head = ["page", "server", "answer ms, median", "worst", "first paint ms, median", "worst"]
    head += ["usable ms, median", "worst"]
    return "## The pages\n\n" + __doc__.replace("\n", " ") + "\n\n" + table(head, rows)
