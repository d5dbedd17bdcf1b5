"""./dev bench hard: what the server survives, as a table of goals and figures.

    hard.py [--quick] [--minutes N] [--only PART]... DIGITD BARE TORTURE WEIGHTS

--quick takes some minutes; --minutes says how long the soak lasts (60, or 2 with --quick); --only makes
these rows alone. BARE is tests/bench/hard/bare.c, libmicrohttpd as it comes; TORTURE the library of
tests/torture/torture.c.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import overload
import slow
import soak

TESTS = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS / "http"))
import costly  # noqa: E402
from support import Server  # noqa: E402


class Rows:
    def __init__(self):
        self.rows = []

    def add(self, what, goal, figure, good):
        self.rows.append((what, goal, figure, good))
        print(f"{'ok  ' if good else 'MISS'} {what}: {figure} (goal: {goal})", file=sys.stderr, flush=True)

    def markdown(self):
        lines = ["| what | goal | figure |", "|---|---|---|"]
        for what, goal, figure, good in self.rows:
            lines.append(f"| {what} | {goal} | {figure}{'' if good else ' **missed**'} |")
        return "\n".join(lines)


def last_line(*command):
    done = subprocess.run([sys.executable, "-B", *map(str, command)], capture_output=True, text=True,
                          check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return done.returncode == 0, lines[-1] if lines else ""


def script(rows, what, goal, path, *arguments):
    good, line = last_line(TESTS / path, *arguments)
    rows.add(what, goal, line.split(": ", 1)[-1], good)


def wire_row(rows, programs):
    good, ours = last_line(TESTS / "http" / "wire.py", programs.digitd, programs.weights)
    _, bare = last_line(TESTS / "http" / "wire.py", "--bare", programs.bare)
    rows.add("raw HTTP requests, each in up to 14 ways", "0 second requests, 0 hangs, at most 4 other",
             f"{ours.split(': ', 1)[-1]}; the bare library: {bare}", good)


def json_row(rows, programs):
    script(rows, "JSON documents accepted and refused (RFC 8259)", "all as the RFC says, no 5xx",
           "http/json_cases.py", programs.digitd, programs.weights)


def mutations_row(rows, programs):
    script(rows, "ten pictures, each cut off at each byte and with each byte changed", "no crash, no 5xx",
           "http/mutations.py", *([] if programs.quick else ["--all"]), programs.digitd, programs.weights)


def bombs_row(rows, programs):
    script(rows, "pictures and documents that grow", "4xx, at most 64 MiB more", "http/bombs.py", programs.digitd,
           programs.weights)


def handshakes_row(rows, programs):
    script(rows, "TLS handshakes that are never finished, and crowds of them", "nobody else waits",
           "http/handshakes.py", programs.digitd, programs.weights)


def torture_rows(rows, programs):
    every = 10 if programs.quick else 1
    tools = [programs.digitd.with_name(name) for name in ("digit", "digit-map", "digit-reduce")]
    script(rows, "each allocation and each call of the system fails once", "no crash, no leak, no wrong answer",
           "torture/server.py", "--every", every, programs.digitd, programs.weights, programs.torture)
    script(rows, "the same in the commands of digit", "no crash, no leak, no file in part", "torture/commands.py",
           "--every", every, *tools, programs.digitd, programs.weights, programs.torture)
    script(rows, "the same in those that work with a real HDFS", "and no file in part there",
           "hdfs/torture.py", "--every", 10 * every, tools[0], programs.weights, programs.torture)


def slow_rows(rows, programs):
    seconds = 6 if programs.quick else 20
    with Server([programs.digitd, "--model", programs.weights], stop_seconds=60) as server:
        _, found = slow.measure(server, seconds)
    for kind, of in found.items():
        rows.add(f"{slow.CONNECTIONS} connections, each slow ({kind})",
                 "a good client's p99 at most doubled, each slow one gone in 10 s",
                 f"x{of['ratio']:.2f} ({of['p99']:.2f} ms), gone in {of['kept']:.1f} s",
                 of["ratio"] <= 2 and of["kept"] <= 10)


def write_bodies(path, files):
    """A request a line, one for each picture."""
    path.write_text("".join(json.dumps({"image": base64.b64encode(file).decode()}) + "\n" for file in files),
                    encoding="ascii")


def overload_row(rows, programs, pictures, files):
    seconds = 10 if programs.quick else 60
    with tempfile.TemporaryDirectory() as folder, Server(
            [programs.digitd, "--model", programs.weights, "--admin-port", 0]) as server:
        bodies = Path(folder) / "bodies"
        write_bodies(bodies, files)
        of = overload.measure(server, seconds, bodies)
    worst = max(of["livez"].values())
    rows.add(f"10 times the clients of the peak, for {seconds} s, with {pictures}",
             "90% of the peak, all else a 503, no reset; /livez p99 at most 50 ms",
             f"{100 * of['good'] / of['peak']:.0f}% of {of['peak']:.0f}/s, {of['refused']} 503s, {of['other']} other, "
             f"{of['errors']} errors; /livez p99 {of['livez']['main']:.0f} ms, at its own port "
             f"{of['livez']['admin']:.0f} ms",
             of["good"] >= 0.9 * of["peak"] and of["other"] + of["errors"] + of["failures"] == 0 and worst <= 50)


def overload_rows(rows, programs):
    drawings = [file.read_bytes() for file in sorted((TESTS / "data" / "digits").glob("*.png"))]
    overload_row(rows, programs, "drawings", drawings)
    overload_row(rows, programs, "pages of four megapixels", [costly.drawing(2048)])


def drain_row(rows, programs):
    script(rows, "SIGTERM under load", "no request lost", "http/drain.py", programs.digitd, programs.weights,
           10 if programs.quick else 100)


def soak_row(rows, programs):
    minutes = programs.minutes or (2 if programs.quick else 60)
    with Server([programs.digitd, "--model", programs.weights]) as server:
        time.sleep(0.5)
        before = soak.descriptors(server.process.pid)
        of = soak.measure(server, 60 * minutes)
    more = of["descriptors"] - before
    rows.add(f"{minutes:g} minutes of good and bad requests, {of['reloads']} reloads",
             "memory within 1%, no descriptor more, no good request failed",
             f"{100 * of['drift']:+.1f}%, {more} descriptors more, {of['failures']} of {of['good']} failed",
             abs(of["drift"]) <= 0.01 and more == 0 and of["failures"] == 0)


PARTS = {"wire": wire_row, "json": json_row, "mutations": mutations_row, "bombs": bombs_row,
         "handshakes": handshakes_row, "torture": torture_rows, "slow": slow_rows, "overload": overload_rows,
         "drain": drain_row, "soak": soak_row}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench hard", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="short runs, some minutes in all")
    parser.add_argument("--minutes", type=float, help="of the soak (default 60; 2 with --quick)")
    parser.add_argument("--only", action="append", metavar="PART", choices=PARTS,
                        help="this row alone; may be repeated: %(choices)s")
    for name in ("digitd", "bare", "torture", "weights"):
        parser.add_argument(name, type=Path)
    return parser.parse_args()


def main():
    programs, rows = arguments(), Rows()
    for name, measure in PARTS.items():
        if not programs.only or name in programs.only:
            measure(rows, programs)
    print(rows.markdown())
    return 0 if all(row[3] for row in rows.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
