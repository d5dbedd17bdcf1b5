"""What digitd counts: after known requests, /metrics must say exactly what they were, in a form that
Prometheus's own tools read.

    metrics.py DIGITD WEIGHTS [FLAGS...]
"""

import json
import socket
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path

import promtool
from prometheus_client.parser import text_string_to_metric_families
from support import Failure, Server, request

DIGITS = Path(__file__).resolve().parents[1] / "data" / "digits"
CLIENTS = 6
ROUNDS = 20
SECONDS = 10
TYPE = "text/plain; version=0.0.4; charset=utf-8"


def scrape(server):
    """The text, and every sample's value by its name and its labels, written together."""
    with server.connect() as connection:
        response = request(connection, "GET", "/metrics")
    if response.status != 200 or response.headers["Content-Type"] != TYPE:
        raise Failure(f"/metrics: {response.status} {response.headers['Content-Type']}")
    text = response.body.decode()
    values = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = " ".join([sample.name, *(f"{k}={v}" for k, v in sample.labels.items())])
            if key in values:
                raise Failure(f"there are two samples {key}")
            values[key] = sample.value
    return text, values


def expect(server, wanted):
    """Waits until every figure is there, for a client may have its answer before it is counted."""
    end = time.monotonic() + SECONDS
    while True:
        _, values = scrape(server)
        wrong = {key: (values.get(key), value) for key, value in wanted.items()
                 if values.get(key) != value}
        if not wrong:
            return values
        if time.monotonic() > end:
            raise Failure(f"(got, wanted): {wrong}")
        time.sleep(0.05)


def client(server, bodies, findings):
    with server.connect() as connection:
        for _ in range(ROUNDS):
            for body, status in bodies:
                got = request(connection, "POST", "/predict", body, "application/json").status
                if got != status:
                    findings.append(f"{got} instead of {status}")


def load(server):
    """Every digit alone, then nine at once, then what is refused; by several clients at a time."""
    digits = [b64encode((DIGITS / f"{d}.png").read_bytes()).decode() for d in range(10)]
    bodies = [(json.dumps({"image": digit}).encode(), 200) for digit in digits]
    bodies += [(json.dumps({"images": [digits[3]] * 9}).encode(), 200),
               (b'{"image": "!"}', 422), (b"{", 400)]
    findings = []
    threads = [threading.Thread(target=client, args=(server, bodies, findings))
               for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if findings:
        raise Failure(findings[0])
    return sum(len(body) for body, _ in bodies) * CLIENTS * ROUNDS


def check_load(server):
    sent = load(server)
    n = CLIENTS * ROUNDS
    values = expect(server, {
        "digitd_http_requests_total route=/predict status=200": 11 * n,
        "digitd_http_requests_total route=/predict status=422": n,
        "digitd_http_requests_total route=/predict status=400": n,
        "digitd_http_request_duration_seconds_count route=/predict": 13 * n,
        "digitd_http_request_duration_seconds_bucket route=/predict le=+Inf": 13 * n,
        "digitd_errors_total type=not-base64": n,
        "digitd_errors_total type=not-json": n,
        "digitd_errors_total type=overloaded": 0,
        "digitd_decode_duration_seconds_count": 11 * n,
        "digitd_queue_duration_seconds_count": 11 * n,
        "digitd_batch_images_sum": 19 * n,
        **{f"digitd_predictions_total digit={d}": n for d in range(10) if d != 3},
        "digitd_predictions_total digit=3": 10 * n,
        "digitd_http_requests_in_flight": 1,
    })
    batches = values["digitd_compute_duration_seconds_count"]
    if batches != values["digitd_batch_images_count"] or not 0 < batches <= 11 * n:
        raise Failure(f"{batches} batches of {11 * n} requests")
    if not sent <= values["digitd_http_request_body_bytes_total"] <= sent + 1000:
        raise Failure(f"{values['digitd_http_request_body_bytes_total']} bytes instead of {sent}")
    for name in ("decode", "queue", "compute", "http_request"):
        label = " route=/predict" if name == "http_request" else ""
        if not 0 < values[f"digitd_{name}_duration_seconds_sum{label}"] < 1000:
            raise Failure(f"{name} took {values[f'digitd_{name}_duration_seconds_sum{label}']} s")


def check_refusals(server):
    """Requests that never come to a handler."""
    with server.connect() as connection:
        request(connection, "GET", "/nowhere")
        request(connection, "PUT", "/model", b"x")
    with server.connect() as connection:
        # Newer libraries refuse what lacks a Host before it can be counted; this is ours to refuse.
        connection.sendall(b"GET /model HTTP/1.1\r\nHost: a@b\r\n\r\n")
        connection.recv(1000)
    with server.connect() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n"
                           b"Content-Type: image/png\r\n\r\nhalf")
    expect(server, {
        "digitd_http_requests_total route=other status=404": 1,
        "digitd_http_requests_total route=other status=400": 1,
        "digitd_http_requests_total route=/model status=405": 1,
        "digitd_http_requests_total route=/predict status=0": 1,
        "digitd_errors_total type=not-found": 1,
        "digitd_errors_total type=method-not-allowed": 1,
        "digitd_errors_total type=bad-request": 1,
        "digitd_http_requests_in_flight": 1,
        "digitd_http_connections": 1,
    })


def check_about(server):
    """What it says of itself."""
    text, values = scrape(server)
    complaint = promtool.check("metrics", text=text)
    if complaint:
        raise Failure(f"promtool: {complaint}")
    model = f"digitd_model_info name={server.model} version={server.version} engine=native"
    if values.get(model) != 1 or values["digitd_ready"] != 1 or values["digitd_model_current"] != 1:
        raise Failure("it does not say what it serves")
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    resident = int(status.split("VmRSS:")[1].split()[0]) * 1024
    if not resident / 2 < values["process_resident_memory_bytes"] < resident * 2:
        raise Failure(f"{values['process_resident_memory_bytes']} bytes of memory, not {resident}")
    if abs(values["process_start_time_seconds"] - time.time()) > 600:
        raise Failure("it did not start when it says")
    for name in ("process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                 "process_virtual_memory_bytes", "process_threads"):
        if values[name] <= 0:
            raise Failure(f"{name} is {values[name]}")


def check_limit(digitd, weights):
    """Connections beyond the limit are turned away, and counted."""
    with Server([digitd, "--model", weights, "--connections-max", 3]) as server:
        with server.connect(), server.connect(), server.connect() as third:
            request(third, "GET", "/livez")
            with server.connect() as fourth:
                if not fourth.recv(100, socket.MSG_WAITALL).startswith(b"HTTP/1.1 503"):
                    raise Failure("a connection beyond the limit is served")
            text = request(third, "GET", "/metrics").body.decode()
    for line in ("digitd_http_connections_refused_total 1", "digitd_http_connections 3",
                 "digitd_http_connections_accepted_total 4"):
        if f"\n{line}\n" not in text:
            raise Failure(f"not '{line}' at the limit")


def check_no_model(digitd):
    with Server([digitd, "--model", "file:///nowhere/model.pth", "--cache", "/dev/null/none"],
                ) as server:
        text, values = scrape(server)
    if values["digitd_ready"] != 0 or "digitd_model_info" in text:
        raise Failure("there is no model, and it says that there is")


def main():
    digitd, weights, *flags = sys.argv[1:]
    with Server([digitd, "--model", weights, "--engine", "native"], flags) as server:
        check_load(server)
        check_refusals(server)
        check_about(server)
    check_limit(digitd, weights)
    check_no_model(digitd)
    print("metrics: every request is counted, once and where it belongs")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"metrics: {failure}")
