"""The server on IPv6: its own addresses, and IPv4's at the same port.

    ipv6.py DIGITD WEIGHTS
"""

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

from support import SKIPPED, Failure, Server, check, read_response, request

PICTURE = (Path(__file__).resolve().parents[1] / "pictures" / "seven.png").read_bytes()
SHARE = 3


def connect(server, address):
    return socket.create_connection((address, server.port), timeout=10)


def is_ready(digitd, server, host):
    return subprocess.run([digitd, "--check", "--host", host, "--port", str(server.port)], timeout=60,
                          check=False).returncode == 0


def own_address(digitd, weights):
    with Server([digitd, "--model", weights, "--host", "::1", "--access-log", "1"]) as server:
        check(server.host == "::1", server.host)
        with connect(server, "::1") as connection:
            port = connection.getsockname()[1]
            response = request(connection, "POST", "/predict", PICTURE, "image/png")
        check(response.status == 200 and b'"prediction":7' in response.body, response.body)
        server.wait_for(f"[::1]:{port}")
        check(is_ready(digitd, server, "::1"), "it is not ready there")


def both(digitd, weights):
    """An IPv4 address has one share of connections, whichever way it comes; and others have theirs."""
    flags = ["--host", "::", "--address-connections-max", SHARE]
    with Server([digitd, "--model", weights, *flags]) as server, contextlib.ExitStack() as held:
        for address in ("::1", "127.0.0.1"):
            for _ in range(SHARE):
                connection = held.enter_context(connect(server, address))
                check(request(connection, "GET", "/livez").status == 200, address, "is shut out")
            with connect(server, address) as one_more:
                response = read_response(one_more, "GET")
                check(response and response.status == 503, address, "has more connections than it may", response)
        held.close()
        time.sleep(0.5)
        check(is_ready(digitd, server, "::"), "it is not ready there")


def main():
    digitd, weights = sys.argv[1:]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        print("skipped: there is no IPv6 here")
        return SKIPPED
    own_address(digitd, weights)
    both(digitd, weights)
    print("ipv6: served, told apart and bounded as IPv4 is")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"ipv6: {failure}")
