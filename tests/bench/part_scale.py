"""What many requests take: wrk at 64 connections, digits as base64 PNGs. Server and wrk share the cores, so
processors are counted by what the server's own processes took (user and system time), not by
requests a second; on a real network the card's interrupts come on top."""

import math
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

import part_server
from part_server import Server
from tables import table
from support import make_certificate

CONNECTIONS = 64
GOAL = 1_000_000  # requests a second
POD_CORES = 4
BUSY = 0.7  # of a pod's cores, so that it keeps its latencies and can stand in for another
SAMPLES = 100

# A packet on an Ethernet: the bytes that it can hold, and those around them (preamble, gap, header
# and checksum; IPv4; TCP with time stamps).
PACKET, AROUND = 1448, 38 + 20 + 32

# How it is asked: the processes, and what each is told.
WAYS = {
    "1 thread": (1, ["--threads", 1]),
    "2 threads": (1, ["--threads", 2]),
    "2 processes of 1 thread, one port": (2, ["--threads", 1, "--reuse-port", 1]),
    "1 thread, a connection for each request": (1, ["--threads", 1, "--keepalive-requests", 1]),
    "1 thread, TLS": (1, ["--threads", 1, "tls"]),
    "1 thread, TLS, a connection for each request": (
        1,
        ["--threads", 1, "--keepalive-requests", 1, "tls"],
    ),
}
PLAIN, TWO, SHARED, FRESH, TLS, TLS_FRESH = WAYS


def start(stack, programs, way, certificate):
    """The processes of one way, until the stack ends."""
    count, told = WAYS[way]
    flags = [flag for flag in told if flag != "tls"]
    if "tls" in told:
        flags += ["--tls-cert", certificate[0], "--tls-key", certificate[1]]
    servers = []
    for _ in range(count):
        port = ["--port", servers[0].port] if servers else []
        server = Server([programs.digitd, "--model", programs.model], [*flags, *port])
        servers.append(stack.enter_context(server))
    return servers


def one_run(servers, way, programs, seconds):
    scheme = "https" if "tls" in WAYS[way][1] else "http"
    first, *beside = servers
    run = part_server.load(first, programs.bodies, CONNECTIONS, seconds, beside, scheme)
    return {**run, "us": run["seconds"] / run["requests"] * 1e6}


def sizes(server, bodies):
    """The mean bytes of a request as wrk sends it and of its answer, header fields included."""
    lines = Path(bodies).read_text(encoding="ascii").splitlines()[:SAMPLES]
    sent = received = 0
    with server.connect() as connection:
        for line in lines:
            request = (
                f"POST /predict HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(line)}\r\n\r\n{line}"
            ).encode()
            connection.sendall(request)
            answer = connection.recv(65536)
            while not whole(answer):
                answer += connection.recv(65536)
            sent, received = sent + len(request), received + len(answer)
    return {"request": sent / len(lines), "answer": received / len(lines)}


def whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split()[0]) if end else 0
    return bool(end) and len(body) == length


def measure(programs, plan, progress):
    runs = {way: [] for way in WAYS}
    with ExitStack() as stack:
        certificate = make_certificate(Path(stack.enter_context(tempfile.TemporaryDirectory())), "bench")
        servers = {way: start(stack, programs, way, certificate) for way in WAYS}
        for way in WAYS:
            one_run(servers[way], way, programs, 1)
        for number in range(plan.scale_rounds):
            for way in WAYS:
                progress.step(
                    f"{way}, round {number + 1} of {plan.scale_rounds}", plan.scale_seconds
                )
                runs[way].append(one_run(servers[way], way, programs, plan.scale_seconds))
        found = {"sizes": sizes(servers[PLAIN][0], programs.bodies)}
    return {**found, "runs": runs}


def median(found, way, key):
    return statistics.median(run[key] for run in found["runs"][way])


def ratio(found, way, other):
    """Of requests a second, the median of the rounds'."""
    pairs = zip(found["runs"][way], found["runs"][other])
    return statistics.median(one["rps"] / two["rps"] for one, two in pairs)


def on_the_wire(size):
    """Packets, and the bytes that they take on an Ethernet."""
    packets = math.ceil(size / PACKET)
    return packets, size + packets * AROUND


def cores(found, way):
    """Busy ones at the goal."""
    return median(found, way, "us") * GOAL / 1e6


def pods(busy):
    return math.ceil(busy / BUSY / POD_CORES)


def traffic(size):
    packets, size = on_the_wire(size)
    return f"{size * 8 * GOAL / 1e9:.1f} Gbit/s in {packets * GOAL / 1e6:.0f} M packets/s"


def at_scale(found):
    request, answer = found["sizes"]["request"], found["sizes"]["answer"]
    busy, flight = cores(found, PLAIN), GOAL * median(found, PLAIN, "p50") / 1e6
    count = pods(busy)
    most = max(on_the_wire(size)[1] for size in (request, answer)) * 8 * GOAL / 1e9
    by_way = "; ".join(
        f"{way.removeprefix('1 thread, ')}: {cores(found, way):,.0f} cores, {pods(cores(found, way))} pods"
        for way in (TLS, FRESH, TLS_FRESH)
    )
    lines = [
        f"Processors: {busy:.0f} cores busy, so {count} pods of {POD_CORES} cores that are "
        f"{BUSY:.0%} busy ({GOAL / count:,.0f} requests/s each).",
        f"Network: a request is {request:.0f} bytes and its answer {answer:.0f}; on an Ethernet "
        f"{traffic(request)} in and {traffic(answer)} out. A pod has {most / count * 1000:.0f} "
        f"Mbit/s of it: not its card is the next limit, but what all of it goes through, {most:.1f} "
        "Gbit/s at a load balancer, where one answers for all.",
        f"Connections: {flight:,.0f} requests are under way at once if each takes as long as here "
        f"(p50). Clients that keep idle ones count for more: at the default --connections-max "
        f"{count} pods hold {count * 10_000:,}.",
        f"TLS, and connections that are not kept: {by_way}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def section(found):
    rows = [
        [
            way,
            f"{median(found, way, 'rps'):,.0f}",
            f"{median(found, way, 'us'):.1f}",
            f"{median(found, way, 'p50') / 1000:.2f}",
            sum(run["errors"] for run in runs),
            f"{median(found, way, 'others'):.0%}",
        ]
        for way, runs in found["runs"].items()
    ]
    head = ["digitd", "requests/s", "processor µs a request", "p50 ms", "errors", "others"]
    return "\n".join(
        [
            "## At scale\n",
            __doc__.replace("\n", " ") + f" Medians of {len(found['runs'][PLAIN])} rounds in turns.\n",
            table(head, rows),
            f"\nRequests/s, medians of the rounds' ratios: two threads over one "
            f"{ratio(found, TWO, PLAIN):.2f}, two processes over two threads "
            f"{ratio(found, SHARED, TWO):.2f}.",
            f"\nFor {GOAL:,} requests/s, from the above:\n",
            at_scale(found),
        ]
    )
