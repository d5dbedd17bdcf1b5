"""The log, and what an answer says of its request: ids, traces, timings.

    logs.py DIGITD WEIGHTS [FLAGS...]
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from support import Failure, Server, check, read_response

PICTURE = (Path(__file__).resolve().parents[1] / "pictures" / "seven.png").read_bytes()
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
TIMING = re.compile(r"decode;dur=(\d+\.\d{3}), queue;dur=(\d+\.\d{3}), compute;dur=(\d+\.\d{3})")


def predict(server, *fields, body=PICTURE, target="POST /predict"):
    head = [f"{target} HTTP/1.1", "Host: test", "Content-Type: image/png",
            f"Content-Length: {len(body)}", *fields]
    with server.connect() as connection:
        connection.sendall("".join(f"{line}\r\n" for line in [*head, ""]).encode() + body)
        return read_response(connection, target.split(" ")[0])


def check_json(digitd, weights, flags):
    with Server([digitd, "--model", weights, "--threads", 1, "--log-format", "json",
                 "--access-log", 1],
                flags) as server:
        predict(server, "X-Request-Id: it's \"me\"", f"traceparent: 00-{TRACE}-{SPAN}-01")
        first = predict(server, 'X-Request-Id: "me"', f"traceparent: 00-{TRACE}-{SPAN}-01")
        second = predict(server, body=b"none", target="POST /predict/%22%0a%ff")
        third = predict(server, "X-Request-Id: " + "x" * 129, f"traceparent: 00-{TRACE}-{SPAN}-1",
                        body=b"none")
        server.wait_for('"status":422')
    lines = [json.loads(line) for line in server.lines]
    for line in lines:
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"]), line)
        check(line["level"] == "info", line)
    said = [line for line in lines if line["message"] == "request"]
    check(len(said) == 4, said)
    check(said[0]["request_id"] != "it's \"me\"", "an id with a space is repeated")
    line = said[1]
    check(first.headers["X-Request-Id"] == line["request_id"] == '"me"', first.headers, line)
    check((line["method"], line["path"], line["status"]) == ("POST", "/predict", 200), line)
    check((line["request_bytes"], line["response_bytes"]) == (len(PICTURE), len(first.body)), line)
    check(line["client"].startswith("127.0.0.1:"), line)
    check((line["trace_id"], line["parent_span_id"]) == (TRACE, SPAN), line)
    check(first.headers["traceparent"] == f"00-{TRACE}-{line['span_id']}-01", first.headers, line)
    check(line["span_id"] != SPAN, line)
    steps = line["decode_seconds"] + line["queue_seconds"] + line["compute_seconds"]
    check(0 < steps <= line["duration_seconds"] + 0.001, line)
    check((said[2]["path"], said[2]["error"]) == ('/predict/"\n\ufffd', "not-found"), said[2])
    check(re.fullmatch("[0-9a-f]{16}", said[2]["request_id"]), said[2])
    check(second.headers["X-Request-Id"] == said[2]["request_id"], second.headers)
    check(said[3]["error"] == "not-an-image", said[3])
    check(re.fullmatch("[0-9a-f]{16}", third.headers["X-Request-Id"]), third.headers)
    check("traceparent" not in third.headers and "trace_id" not in said[3], third.headers)


def check_text(digitd, weights, flags):
    with Server([digitd, "--model", weights, "--access-log", "1"], flags) as server:
        predict(server, "X-Request-Id: mine")
        line, _ = server.wait_for("digitd: request ")
    check(re.search(r' method="POST" path="/predict" status=200 .* request_id="mine"$', line), line)


def check_quiet(digitd, weights, flags):
    """Nothing is logged and no id is made unless asked; what the client says is repeated."""
    with Server([digitd, "--model", weights, "--server-timing", "1"], flags) as server:
        answer = predict(server)
        check("X-Request-Id" not in answer.headers, answer.headers)
        check("traceparent" not in answer.headers, answer.headers)
        timing = TIMING.fullmatch(answer.headers.get("Server-Timing", ""))
        check(timing and float(timing.group(3)) > 0, answer.headers)
        answer = predict(server, "X-Request-Id: mine", body=b"none")
        check(answer.headers["X-Request-Id"] == "mine", answer.headers)
        check("Server-Timing" not in answer.headers, answer.headers)
    check("request" not in server.output(), server.output())
    with Server([digitd, "--model", weights], flags) as server:
        check("Server-Timing" not in predict(server).headers, "a timing that nobody asked for")


def check_options(digitd):
    done = subprocess.run([digitd, "--log-format", "xml"], capture_output=True, text=True,
                          check=False)
    check(done.returncode == 2 and done.stderr ==
          "digitd: --log-format: 'xml' is not one of text|json\n", done)
    done = subprocess.run([digitd, "--log-format", "json", "--port", "0", "--model", "/nowhere"],
                          capture_output=True, text=True, check=False)
    check(done.returncode == 1 and json.loads(done.stderr)["level"] == "error", done)


def main():
    digitd, weights, *flags = sys.argv[1:]
    check_json(digitd, weights, flags)
    check_text(digitd, weights, flags)
    check_quiet(digitd, weights, flags)
    check_options(digitd)
    print("logs: every line says what it should, and nothing more")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"logs: {failure}")
