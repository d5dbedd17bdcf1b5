"""digitd --check: says whether another digitd is ready, and why not.

    check.py DIGITD WEIGHTS
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import Failure, Server, make_certificate


def check(digitd, *flags, status, says="", environment=None):
    done = subprocess.run([digitd, "--check", *map(str, flags)], capture_output=True, text=True,
                          timeout=60, check=False, env={**os.environ, **(environment or {})})
    lines = done.stderr.splitlines()
    if done.returncode != status or len(lines) != (status != 0) or says not in done.stderr:
        raise Failure(f"{' '.join(map(str, flags))}: ends with {done.returncode}, says "
                      f"{done.stderr!r}; expected {status} and '{says}'")


def check_answers(digitd, weights):
    with Server([digitd, "--model", weights]) as server:
        check(digitd, "--port", server.port, status=0)
        check(digitd, status=0, environment={"DIGITD_PORT": str(server.port)})
        check(digitd, "--host", "0.0.0.0", "--port", server.port, status=0)
        check(digitd, "--port", server.port, "--tls-cert", "c", "--tls-key", "k", status=1,
              says="the TLS handshake fails")
    check(digitd, "--port", server.port, status=1, says="nothing answers on 127.0.0.1")
    check(digitd, "--port", "x", status=2, says="'x' is not a number")


def check_admin(digitd, weights):
    """Asks there where there is such a port, even while the other one is full."""
    with Server([digitd, "--model", weights, "--admin-port", 0, "--connections-max", 1]) as server:
        with server.admin() as admin, server.connect():
            port = admin.getpeername()[1]
            check(digitd, "--port", server.port, "--admin-port", port, status=0)
            check(digitd, "--port", server.port, status=1, says="not ready: 503")


def check_no_model(digitd, folder):
    with Server([digitd, "--model", "webhdfs://127.0.0.1:1/m.pth", "--cache", folder]) as server:
        check(digitd, "--port", server.port, status=1, says="not ready: 503 {")


def check_tls(digitd, weights, folder):
    cert, key = make_certificate(folder, "check")
    with Server([digitd, "--model", weights, "--tls-cert", cert, "--tls-key", key]) as server:
        check(digitd, "--port", server.port, "--tls-cert", cert, "--tls-key", key, status=0)
        check(digitd, "--port", server.port, status=1)


def check_strangers(digitd):
    """One that never answers is not waited for, and one that speaks otherwise is not believed."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        check(digitd, "--port", silent.getsockname()[1], status=1, says="does not answer within")
        if time.monotonic() - start > 30:
            raise Failure("it waits for who never answers")
    for said in (b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 2\r\n\r\n", b"\r\n\r\n", b"", b"x" * 100000):
        with socket.create_server(("127.0.0.1", 0)) as odd:
            asking = subprocess.Popen([digitd, "--check", "--port", str(odd.getsockname()[1])],
                                      stderr=subprocess.PIPE)
            with odd.accept()[0] as connection:
                try:
                    connection.sendall(said)
                except ConnectionError:
                    pass
            if asking.wait(60) != 1 or not asking.stderr.read():
                raise Failure(f"{said[:20]} is believed")
            asking.stderr.close()


def main():
    digitd, weights = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        check_answers(digitd, weights)
        check_admin(digitd, weights)
        check_no_model(digitd, name)
        check_strangers(digitd)
        if shutil.which("openssl") is not None:
            check_tls(digitd, weights, Path(name))
    print("check: a digitd says of another whether it is ready")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"check: {failure}")
