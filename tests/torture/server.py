"""Every allocation and every call of the system fails once, each in a run of its own: at the server's start, in 21
requests of all kinds, a reload and the stop. What then must hold:

- the program ends as it is told to, or says in one line why it cannot start; it never crashes or hangs;
- an answer is the right one, a 500 or 503, or the connection is closed;
- once it is over, a good request is answered rightly, and neither a descriptor nor memory is lost.
"""

import base64
import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import typing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "http"))
import turns  # noqa: E402
from support import make_certificate, read_response  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DIGITS = ROOT / "tests" / "data" / "digits"
PATIENCE = 10
ALLOWED = {500, 503}
MORE = 1  # descriptors, where a connection is not closed yet
KEY = "a-key-of-the-tests"
COMMON = ("--port", "0", "--threads", "1", "--sandbox", "0", "--drain-seconds", "2")
PAUSE = b"<pause>"  # between two pieces of a request
VOLATILE = ("/metrics", "/health", "/model", "/readyz", "/v2/models/cnn_mnist", "/v1/models/cnn_mnist")


def head(method, target, body=b"", kind=None, *fields):
    lines = [f"{method} {target} HTTP/1.1", "Host: a", *fields]
    if kind:
        lines.append(f"Content-Type: {kind}")
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def escaped(document):
    """As JSON whose texts all have an escape in them, so that they are read by way of copies."""
    return re.sub(r'"([^"])([^"]*")', lambda text: f'"\\u{ord(text[1]):04x}{text[2]}', json.dumps(document)).encode()


def all_requests():
    """(method, target, bytes): mixed, and each answered in one way only."""
    files = [(DIGITS / f"{d}.png").read_bytes() for d in range(10)]
    texts = [base64.b64encode(file).decode() for file in files]
    one, many = json.dumps({"image": texts[7]}).encode(), json.dumps({"images": texts}).encode()
    large = json.dumps({"image": texts[3]}).encode() + b" " * 60000
    v2 = escaped({"id": "a", "inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "data": [{"b64": texts[4]}],
                                         "parameters": {"content_type": "base64"}}],
                  "outputs": [{"name": "probabilities"}]})
    v1 = escaped({"instances": [{"b64": texts[5]}]})
    options = escaped({"mode": "auto", "segment": False, "include": ["input"], "image": texts[6]})
    chunked = (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
               + b"%x\r\n" % len(files[2]) + files[2] + b"\r\n0\r\n\r\n").replace(b"Host", PAUSE + b"Host")
    js = "application/json"
    return [
        ("POST", "/predict", head("POST", "/predict", files[1], "image/png")),
        ("POST", "/predict", head("POST", "/predict", one, js)),
        ("POST", "/predict", head("POST", "/predict", many, js)),
        ("POST", "/predict", head("POST", "/predict", large, js)),
        ("POST", "/predict", head("POST", "/predict", options, js)),
        ("POST", "/predict?segment=true", head("POST", "/predict?segment=true", files[8], "image/png")),
        ("POST", "/predict?include=input", head("POST", "/predict?include=input", files[9], "image/png")),
        ("POST", "/predict", chunked),
        ("POST", "/v2", head("POST", "/v2/models/cnn_mnist/infer", v2, js)),
        ("POST", "/v1", head("POST", "/v1/models/cnn_mnist:predict", v1, js)),
        ("POST", "/predict", head("POST", "/predict", b'{"image":0.1234567890123}', js)),
        ("POST", "/predict", head("POST", "/predict", b'{"image":"*"}', js)),
        ("POST", "/predict", head("POST", "/predict", b"\x89PNG\r\n\x1a\n", "image/png")),
        ("POST", "/predict", head("POST", "/predict", b"a", "text/plain")),
        ("GET", "/metrics", head("GET", "/metrics")),
        ("GET", "/openapi.json", head("GET", "/openapi.json", b"", None, "Accept-Encoding: gzip")),
        ("GET", "/health", head("GET", "/health")),
        ("GET", "/model", head("GET", "/model")),
        ("GET", "/nothing", head("GET", "/nothing")),
        ("HEAD", "/livez", head("HEAD", "/livez")),
        ("GET", "/livez", head("GET", "/livez", b"", None, "Bad Field: a")),
        ("POST", "/v2", head("POST", "/v2/repository/index", b'{"ready":true}', js)),
        ("POST", "/v2", head("POST", "/v2/repository/models/cnn_mnist/load")),
    ]


class Setting(typing.NamedTuple):
    """How a server is set, and how it is asked then."""

    arguments: list  # {own} is a folder of that life's own
    requests: list
    tls: ssl.SSLContext = None
    recovers: bool = False  # whether it gets the model that is current by itself, whatever failed


def with_key(sent):
    return sent.replace(b"Host: a\r\n", f"Host: a\r\nX-API-Key: {KEY}\r\n".encode(), 1)


def settings(folder, options):
    """By name. Each has its own parts of the server."""
    keys = folder / "keys"
    keys.write_text(f"tests {KEY}\n")
    keys.chmod(0o600)
    guarded = [(method, target, with_key(sent)) for method, target, sent in all_requests()]
    certificate, key = make_certificate(folder, "torture")
    return {
        "plain": Setting(["--admin-port", "0"], all_requests()),
        "guarded": Setting(
            ["--workers", "1", "--api-key-file", keys, "--access-log", "1", "--log-format", "json", "--cors-origins",
             "http://a", "--server-timing", "1", "--reuse-port", "1", "--model-poll", "1"], guarded),
        "tls": Setting(["--tls-cert", certificate, "--tls-key", key], all_requests()[::5],
                       ssl.create_default_context(cafile=certificate)),
        # From a store, by way of a cache of that life's own.
        "stored": Setting(["--model", f"file://{options.weights.resolve()}", "--cache", "{own}/cache"],
                          all_requests()[::5], recovers=True),
    }


class Run:
    """One life of the program. It is over with the `with` block."""

    def __init__(self, options, setting, kind, at, count):
        # GnuTLS's libtasn1 writes to where there is no memory.
        environment = {**turns.environment(options.library, kind, at, count, "memory" if setting.tls else ""),
                       "DIGITD_MODEL": str(options.weights)}
        arguments = [str(word).replace("{own}", str(count.parent)) for word in setting.arguments]
        self.process = subprocess.Popen([options.digitd, *COMMON, *arguments], env=environment,
                                        stderr=subprocess.PIPE, text=True)
        self.lines, self.port, self.ready, self.tls = [], None, threading.Event(), setting.tls
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.ready.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            found = re.search(r"(?<!answered at )https?://[0-9.]+:(\d+)", line)
            if found and self.port is None:
                self.port = int(found[1])
                self.ready.set()
        self.ready.set()

    def ask(self, method, sent):
        """(status, body); None where there was none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as plain:
                if self.tls is None:
                    return self._exchange(plain, method, sent)
                with self.tls.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
                    return self._exchange(connection, method, sent)
        except TimeoutError:
            raise AssertionError("a request hangs") from None
        except (OSError, http.client.HTTPException):
            return None

    def is_current(self):
        answer = self.ask("GET", head("GET", "/model"))
        return answer is not None and answer[0] == 200 and json.loads(answer[1])["source"]["state"] == "current"

    @staticmethod
    def _exchange(connection, method, sent):
        for number, piece in enumerate(sent.split(PAUSE)):
            time.sleep(0.02 if number else 0)
            connection.sendall(piece)
        answer = read_response(connection, method)
        return answer and (answer.status, answer.body)

    def descriptors(self, most):
        """How many it holds, once it has had a while to come down to `most`."""
        held, end = most + 1, time.monotonic() + 1
        while held > most and time.monotonic() < end:
            time.sleep(0.02)
            try:
                held = len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))
            except FileNotFoundError:
                return 0  # it has ended, which its status will tell
        return held

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "it does not stop"


class Life(typing.NamedTuple):
    """What one left."""

    answers: list
    last: tuple
    descriptors: int
    calls: int
    blocks: int  # allocated at the end


def live(options, setting, kind, at=0, most=0):
    """A Life; None where it did not start. Raises AssertionError for what must not be. `most`: the descriptors
    that it may hold in the end."""
    with tempfile.TemporaryDirectory() as folder:
        count = Path(folder) / "count"
        with Run(options, setting, kind, at, count) as run:
            return live_in(run, setting, count, most, at == 0)


def live_in(run, setting, count, most, calm):
    """The rest of a life; a calm one begins when all is as it shall be."""
    if run.port is None:
        try:
            status = run.process.wait(1)
        except subprocess.TimeoutExpired:
            status = run.end()
            assert status == 0, f"it does not say where it listens, and ends with {status}"
            return None
        run.reader.join()
        assert status in (1, 2) and len(run.lines) >= 1, f"start: status {status}, {run.lines}"
        return None
    first, end = setting.requests[0][::2], time.monotonic() + PATIENCE
    while calm and setting.recovers and not run.is_current():
        assert time.monotonic() < end, f"it serves no model: {run.lines}"
        time.sleep(0.1)
    answers = []
    for number, (method, _, sent) in enumerate(setting.requests):
        if number == len(setting.requests) // 2:
            run.process.send_signal(signal.SIGHUP)
        answers.append(run.ask(method, sent))
    last, end = run.ask(*first), time.monotonic() + PATIENCE
    while (last is None or last[0] != 200) and time.monotonic() < end:
        # The fault may have been its own, or that of bringing the model.
        time.sleep(0.05)
        last = run.ask(*first)
    while setting.recovers and not run.is_current():
        assert time.monotonic() < end, f"it serves no current model: {run.lines}"
        time.sleep(0.1)
    held = run.descriptors(most)
    status = run.end()
    assert status == 0, f"end: {status}, {run.lines[-3:]}"
    return Life(answers, last, held, *map(int, count.read_text().split()))


def judge(life, right, setting):
    for (method, target, _), got, want in zip(setting.requests, life.answers, right.answers):
        if got is None or got[0] in ALLOWED:
            continue
        assert got[0] == want[0], f"{method} {target}: {got[0]} for {want[0]}"
        if target not in VOLATILE:
            assert got[1] == want[1], f"{method} {target}: another answer"
    assert life.last == right.last, f"afterwards: {life.last}"
    # jansson 2.14 loses a member's name when memory ends behind it (parse_object).
    assert life.blocks <= right.blocks + 1, f"{life.blocks} blocks of memory for {right.blocks}"
    assert life.descriptors <= right.descriptors + MORE, f"{life.descriptors} descriptors for {right.descriptors}"


def main():
    parser = turns.parser(__doc__, "digitd", "weights")
    parser.add_argument("--setting", action="append", metavar="NAME", help="the server is set so (default: each)")
    options = parser.parse_args()
    lives, findings = 0, []
    with tempfile.TemporaryDirectory() as folder:
        for name, setting in settings(Path(folder), options).items():
            if options.setting and name not in options.setting:
                continue
            right = {kind: live(options, setting, kind) for kind in turns.KINDS}

            def turn(kind, at, setting=setting, right=right):
                life = live(options, setting, kind, at, right[kind].descriptors + MORE)
                if life is not None:
                    judge(life, right[kind], setting)

            more, found = turns.take(name, options, {kind: life.calls for kind, life in right.items()}, turn)
            lives += more
            findings += found
    turns.tell("server", lives, findings)


if __name__ == "__main__":
    main()
