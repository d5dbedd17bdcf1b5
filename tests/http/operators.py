"""What operators have: a port of their own, which answers while the other one is full; connections
that end after some requests; and systemd's two protocols.

    operators.py DIGITD WEIGHTS [FLAGS...]
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import Failure, Server, check, read_response, request

KEY = "a-key-of-some-length"
SECONDS = 20


def wait_for_metric(admin, line):
    """Another thread counts than the one that tells; an answer is there before it is counted."""
    end = time.monotonic() + SECONDS
    while f"\n{line}\n" not in (metrics := request(admin, "GET", "/metrics").body.decode()):
        check(time.monotonic() < end, "no", line, "in", metrics)


def check_port(digitd, weights, flags, folder):
    """Full, and with keys: operators are answered still, and only what is theirs."""
    keys = folder / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    with Server([digitd, "--model", weights, "--admin-port", 0, "--connections-max", 2,
                 "--api-key-file", keys], flags) as server:
        with server.connect() as one, server.connect() as other:
            for connection in (one, other):
                check(request(connection, "GET", "/metrics").status == 401, "/metrics is open")
            with server.connect() as third:
                check(third.recv(20).startswith(b"HTTP/1.1 503"), "it is not full")
            with server.admin() as admin:
                for path in ("/livez", "/readyz", "/health"):
                    check(request(admin, "GET", path).status == 200, path)
                for line in ("digitd_http_connections 2",
                             "digitd_http_connections_refused_total 1",
                             'digitd_errors_total{type="unauthorized"} 2'):
                    wait_for_metric(admin, line)
                for method, path, status in (
                    ("GET", "/model", 404), ("POST", "/predict", 404), ("GET", "/", 404),
                    ("GET", "/nowhere", 404), ("POST", "/livez", 405), ("OPTIONS", "/metrics", 204),
                    ("HEAD", "/livez", 200)):
                    got = request(admin, method, path).status
                    check(got == status, method, path, "gets", got)
    check(server.process.returncode == 0, "it ends with", server.process.returncode)


def check_requests(digitd, weights, flags):
    """The last request of a connection is answered, says so, and ends it."""
    with Server([digitd, "--model", weights, "--keepalive-requests", 3], flags) as server:
        for _ in range(2):
            with server.connect() as connection:
                closes = [request(connection, "GET", "/livez").headers.get("Connection")
                          for _ in range(3)]
                check(closes == [None, None, "close"], closes)
                check(connection.recv(1) == b"", "the connection goes on")
        with server.connect() as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: test\r\n\r\n" * 5)
            received = b""
            while piece := connection.recv(4096):
                received += piece
            check(received.count(b"HTTP/1.1 200") == 3, received)


class Notices:
    """A socket such as systemd listens on for what its services say."""

    def __init__(self, folder, abstract):
        self.name = f"\0digitd-{os.getpid()}" if abstract else str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name)
        self.socket.settimeout(20)

    def next(self):
        return self.socket.recv(1000).decode().split("\n")


# As systemd starts a service: its sockets are descriptors 3 and up, and a variable names the process.
LAUNCH = """
import os, sys
for to, fd in enumerate(map(int, sys.argv[1].split()), 3):
    os.dup2(fd, to)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


def start(digitd, weights, flags, sockets, names, notices):
    passed = [os.dup2(s.fileno(), 50 + i) for i, s in enumerate(sockets)]
    environment = {**os.environ, "LISTEN_FDS": str(len(sockets)), "LISTEN_FDNAMES": names,
                   "NOTIFY_SOCKET": notices.name.replace("\0", "@") if notices else ""}
    process = subprocess.Popen([sys.executable, "-c", LAUNCH, " ".join(map(str, passed)), digitd,
                                "--model", weights, *flags], env=environment, pass_fds=passed,
                               stderr=subprocess.PIPE, text=True)
    for fd in passed:
        os.close(fd)
    return process


def listening():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s


def ask(s, path):
    with socket.create_connection(s.getsockname(), timeout=20) as connection:
        return request(connection, "GET", path).status


def check_systemd(digitd, weights, flags, folder, abstract):
    """Sockets that are passed serve, the one called `admin` the operators; requests that came before
    the server did are answered; and systemd hears how it goes."""
    notices = Notices(folder, abstract)
    with listening() as main_socket, listening() as admin_socket:
        with socket.create_connection(main_socket.getsockname(), timeout=20) as early:
            early.sendall(b"GET /model HTTP/1.1\r\nHost: test\r\n\r\n")
            process = start(digitd, weights, flags, [admin_socket, main_socket], "admin:web",
                            notices)
            try:
                check(read_response(early, "GET").status == 200, "the early request")
                check(notices.next() == ["READY=1"], "it does not say that it is ready")
                check(ask(main_socket, "/model") == 200, "the main socket")
                check(ask(admin_socket, "/model") == 404, "the operators' socket")
                process.send_signal(signal.SIGHUP)
                state, when = notices.next()
                check(state == "RELOADING=1" and when.startswith("MONOTONIC_USEC="), state, when)
                check(notices.next() == ["READY=1"], "it does not end its reload")
                process.send_signal(signal.SIGTERM)
                check(notices.next() == ["STOPPING=1"], "it does not say that it stops")
            finally:
                process.terminate()
                said = process.communicate(timeout=20)[1]
    check(process.returncode == 0, process.returncode, said)


def check_bad_sockets(digitd, weights, flags):
    with listening() as first, listening() as second, socket.socket() as deaf, \
            socket.socket(socket.AF_UNIX) as local, open("/dev/null", "rb") as file:
        local.bind(f"\0digitd-local-{os.getpid()}")
        local.listen()
        for sockets, reason in (([first, second], "too many sockets"),
                                ([deaf], "no listening TCP socket"),
                                ([local], "no listening TCP socket"),
                                ([file], "no listening TCP socket")):
            process = start(digitd, weights, flags, sockets, "admix", None)
            said = process.communicate(timeout=20)[1]
            check(process.returncode == 1 and reason in said and said.count("\n") == 1, said)


def check_deaf_supervisor(digitd, weights, flags):
    """Where nobody can be told, the server serves."""
    for path in ("/nowhere/notify", "@", "relative", "/" + 200 * "long"):
        os.environ["NOTIFY_SOCKET"] = path
        with Server([digitd, "--model", weights], flags) as server, server.connect() as connection:
            check(request(connection, "GET", "/livez").status == 200, f"it does not serve: {path}")
    del os.environ["NOTIFY_SOCKET"]


def check_not_ours(digitd, weights, flags):
    """Variables meant for another process are nobody's business here."""
    os.environ.update(LISTEN_PID="1", LISTEN_FDS="3")
    with Server([digitd, "--model", weights], flags) as server, server.connect() as connection:
        check(request(connection, "GET", "/livez").status == 200, "it does not serve")
    del os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"]


def main():
    digitd, weights, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        check_port(digitd, weights, flags, Path(folder))
        check_requests(digitd, weights, flags)
        for abstract in (False, True):
            check_systemd(digitd, weights, flags, Path(folder), abstract)
        check_bad_sockets(digitd, weights, flags)
        check_deaf_supervisor(digitd, weights, flags)
        check_not_ours(digitd, weights, flags)
    print("operators: answered when nobody else is, and systemd is understood")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"operators: {failure}")
