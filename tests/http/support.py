"""What the tests over HTTP share: a running digitd, requests over plain sockets, pictures."""

import http.client
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import zlib

START_SECONDS = 60
STOP_SECONDS = 5
REPLY_SECONDS = 30

# The exit status of a test that lacks something; ctest reports it as skipped.
SKIPPED = 77

# Without a model yet, the first two groups are None.
READY = re.compile(r"(?:serving (\S+) \((\S+)\) .*)?\bon https?://(\[[0-9a-f:.]+\]|[0-9.]+):(\d+)")


class Failure(Exception):
    """A test's finding: what was expected, and what happened."""


def check(condition, *found):
    """Raises a Failure of those words where the condition does not hold."""
    if not condition:
        raise Failure(" ".join(map(str, found)))


class Server:
    """A digitd on a free port, from `with` to the end of its block, where it must stop cleanly."""

    def __init__(self, command, flags=(), start_seconds=START_SECONDS, stop_seconds=STOP_SECONDS):
        self.command = [*map(str, command), "--port", "0", *map(str, flags)]
        self.start_seconds = start_seconds
        self.stop_seconds = stop_seconds
        self.lines = []
        self.ready = threading.Event()

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.ready.wait(self.start_seconds)
        if not hasattr(self, "port"):
            self.process.kill()
            self.process.wait()
            self.reader.join()
            raise Failure(f"{' '.join(self.command)} does not serve; it says:\n{self.output()}")
        return self

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            found = READY.search(line)
            if found:
                self.model, self.version, host = found.group(1, 2, 3)
                self.host = host.strip("[]")
                self.port = int(found.group(4))
                self.ready.set()
        self.ready.set()

    def wait_for(self, text, first=0, seconds=START_SECONDS):
        """Waits until a line of its log, from the one with index `first`, holds the text. Gives it
        and the index after it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for i in range(first, len(self.lines)):
                if text in self.lines[i]:
                    return self.lines[i], i + 1
            time.sleep(0.01)
        raise Failure(f"digitd has not said '{text}' in {seconds} s; it says:\n"
                      + "".join(self.lines[first:]))

    def output(self):
        return "".join(self.lines)

    def stop(self):
        """Sends SIGTERM and gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"digitd has not stopped {self.stop_seconds} s after SIGTERM") from None
        finally:
            self.reader.join()
            self.process.stderr.close()
        return status

    def __exit__(self, kind, *_):
        died = self.process.poll()
        if kind is not None:  # what it found is what counts
            self.process.kill()
        status = self.stop()
        if kind is not None:
            return
        if died is not None:
            raise Failure(f"digitd ended by itself with status {died}; it says:\n{self.output()}")
        if status != 0:
            raise Failure(f"digitd ends with status {status}; it says:\n{self.output()}")

    def admin(self):
        """A connection to the operators' port."""
        line, _ = self.wait_for("operators are answered at http://")
        host, port = line.rsplit("/", 1)[1].rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=REPLY_SECONDS)

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=REPLY_SECONDS)


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


def read_response(connection, method):
    """The next response on a connection; None when it was closed instead."""
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Response(response.status, response.headers, response.read())
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return None
    finally:
        response.close()


def request(connection, method, target, body=b"", content_type=None):
    """One plain exchange on a connection that stays open."""
    head = f"{method} {target} HTTP/1.1\r\nHost: test\r\n"
    if content_type:
        head += f"Content-Type: {content_type}\r\n"
    if body or method == "POST":
        head += f"Content-Length: {len(body)}\r\n"
    connection.sendall(head.encode() + b"\r\n" + body)
    response = read_response(connection, method)
    if response is None:
        raise Failure(f"{method} {target}: the connection was closed without an answer")
    return response


EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def make_certificate(folder, name, kind=EC):
    """A certificate of its own for 127.0.0.1, and its key, as `openssl req -newkey` makes that kind."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, stderr=subprocess.DEVNULL)
    return cert, key


def in_threads(count, work):
    """Calls work(0) to work(count - 1), each in a thread of its own; raises what one raised."""
    failures = []

    def guarded(number):
        try:
            work(number)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def read_idx(data):
    """What is in an IDX file, and its sizes."""
    rank = data[3]
    sizes = struct.unpack_from(f">{rank}I", data, 4)
    return data[4 + 4 * rank:], sizes


def png(pixels, width=28, height=28):
    """An 8-bit grey PNG file."""

    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data
                + struct.pack(">I", zlib.crc32(name + data)))

    rows = b"".join(b"\0" + pixels[y * width:(y + 1) * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))
