"""Runs digitd under valgrind: a start, 100 requests of all kinds, good and bad models to serve instead, the
requests of wire.py, a stop; no error, no leak of ours.

    valgrind.py [--brief] DIGITD MODEL [FLAGS...]

--brief: no other model, nothing from wire.py.

What libraries behind an engine do inside themselves, or the dynamic linker while it loads them (its
strncmp reads whole words), is not ours, unless as many blocks leak as requests were made.
"""

import base64
import concurrent.futures
import json
import shutil
import signal
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

import wire
from support import SKIPPED, Failure, Server, request
from variants import Variant, replace

REQUESTS = 100
ENGINES = ("libtorch", "libc10", "libopenblas", "libblas", "liblapack", "libgomp", "libdnnl",
           "libprotobuf", "libtensorpipe", "libonnx", "libgloo", "libnnpack", "libXNNPACK",
           "libQt5", "libopencv")


def requests():
    pictures = Path(__file__).parents[1] / "pictures"
    files = {path.name: path.read_bytes() for path in sorted(pictures.iterdir())}

    def body(value):
        return json.dumps(value).encode()

    def text(name):
        return base64.b64encode(files[name]).decode()

    json_type = "application/json"
    for name, file in files.items():
        yield "POST", "/predict", file, "image/png"
        yield "POST", "/predict", body({"image": text(name)}), json_type
    for value in ({"images": [text("seven.png"), text("two.png"), text("one.png")]},
                  {"images": [text("seven.png"), text("truncated.png")]},
                  {"images": [text("seven.png"), 5]}, {"images": []}, {"image": "a!bc"},
                  {"image": ""}, {"picture": 1}, {}, [], None):
        yield "POST", "/predict", body(value), json_type
    yield "POST", "/predict", b"{", json_type
    yield "POST", "/predict", b"", json_type
    yield "POST", "/predict", b"x" * 100000, json_type
    yield "POST", "/predict", b"x" * 100000, "text/plain"
    yield "PUT", "/predict", b"x", json_type
    for path in ("/health", "/livez", "/readyz", "/model", "/version", "/problems",
                 "/openapi.yaml", "/openapi.json", "/nothing"):
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            yield method, path, b"", None


def reload(server, path, weights):
    """Another model, the first again, and files that are no model."""
    first, second = Variant(weights, 1), Variant(weights, 2, softmax=True)
    for variant in (second, first):
        hang_up(server, lambda: variant.put(path), f"serving {variant.name} ({variant.version}) with ")
    for damaged in (second.weights, second.weights[:-1000], b"hello", None):
        hang_up(server, lambda: replace(path, damaged), f"still serving {first.name} ({first.version}): ")


def hang_up(server, change, text):
    at = len(server.lines)
    change()
    server.process.send_signal(signal.SIGHUP)
    server.wait_for(text, at)


def send_raw(server):
    """What wire.py sends, whole; how it is answered at this pace is not looked at."""
    with concurrent.futures.ThreadPoolExecutor(wire.WORKERS) as pool:
        for case in wire.read_cases():
            pool.submit(wire.attempt, server, case, "whole", lambda data: [data])


def exercise(server):
    made = 0
    while made < REQUESTS:
        with server.connect() as connection:
            connection.settimeout(120)
            for each in requests():
                request(connection, *each)
                made += 1
    with server.connect() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Le")
    return made


def is_ours(error, made):
    leaked = error.find("xwhat/leakedblocks")
    if leaked is not None and int(leaked.text) >= made:
        return True
    libraries = [Path(frame.findtext("obj", "")).name for frame in error.iter("frame")]
    linking = any(frame.findtext("fn") == "_dl_open" for frame in error.iter("frame"))
    return not linking and not any(name.startswith(ENGINES) for name in libraries)


def describe(error):
    what = error.findtext("what") or error.findtext("xwhat/text")
    frames = [f"    {frame.findtext('fn', '?')} ({frame.findtext('file', frame.findtext('obj', ''))}"
              f":{frame.findtext('line', '')})" for frame in error.iter("frame")]
    return "\n".join([what, *frames])


def main():
    brief = sys.argv[1] == "--brief"
    digitd, model, *flags = sys.argv[1 + brief:]
    if shutil.which("valgrind") is None:
        print("skipped: there is no valgrind")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        report, path = Path(folder, "report.xml"), Path(folder, "model.pth")
        Variant(model, 1).put(path)
        command = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite,indirect",
                   "--num-callers=40", "--xml=yes", f"--xml-file={report}", digitd, "--model",
                   path]
        with Server(command, flags, start_seconds=300, stop_seconds=120) as server:
            made = exercise(server)
            if not brief:
                reload(server, path, model)
                send_raw(server)
        errors = xml.parse(report).getroot().findall("error")
    ours = [error for error in errors if is_ours(error, made)]
    for error in ours:
        print(describe(error))
    print(f"{made} requests, {len(ours)} errors of ours, {len(errors) - len(ours)} of libraries")
    return len(ours) > 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
