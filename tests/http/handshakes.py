"""TLS handshakes that are not finished cost nothing, many at once keep nobody else waiting, and one that comes in
pieces is as good as any.

    handshakes.py DIGITD WEIGHTS
"""

import os
import select
import shutil
import ssl
import sys
import tempfile
import time
from pathlib import Path

from support import SKIPPED, Failure, Server, check, make_certificate, request

CLIENTS = 100
HALVES = 20
SECONDS = 2
SLOW = ("rsa:4096",)  # signing takes some milliseconds


class Client:
    """A handshake by hand: nothing is sent but what is asked for."""

    def __init__(self, cert):
        self.come, self.go = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ssl.create_default_context(cafile=cert).wrap_bio(self.come, self.go, server_hostname="127.0.0.1")

    def say(self):
        """What it sends next; empty where it waits for the server, None at the end."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return self.go.read()
        return None


def seconds_of(server):
    """That the process has computed for."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check_halves(server, cert):
    hello = Client(cert).say()
    for what in (b"", hello[:3], hello[:10], hello[:-1], hello):
        connections = [server.connect() for _ in range(HALVES)]
        for connection in connections:
            connection.sendall(what)
        time.sleep(0.5)
        before = seconds_of(server)
        time.sleep(SECONDS)
        taken = seconds_of(server) - before
        check(taken < SECONDS / 4, f"with {len(what)} bytes of a handshake it computes for {taken} of {SECONDS} s")
        for connection in connections:
            connection.close()


def check_crowd(server, cert):
    context = ssl.create_default_context(cafile=cert)
    with context.wrap_socket(server.connect(), server_hostname="127.0.0.1") as other:
        check(request(other, "GET", "/livez").status == 200, "/livez")
        connections = [server.connect() for _ in range(CLIENTS)]
        for connection in connections:
            connection.sendall(Client(cert).say())
        for _ in range(3):
            check(request(other, "GET", "/livez").status == 200, "/livez")
        served = len(select.select(connections, [], [], 0)[0])
        check(served <= CLIENTS // 2, f"/livez is answered behind {served} of {CLIENTS} handshakes")
        for connection in connections:
            check(connection.recv(5)[:1] == b"\x16", "a handshake is not answered")
            connection.close()


def check_pieces(server, cert):
    client = Client(cert)
    with server.connect() as connection:
        while (words := client.say()) is not None:
            for byte in words:
                connection.sendall(bytes([byte]))
            client.come.write(connection.recv(4096))
        for byte in client.go.read():
            connection.sendall(bytes([byte]))
        client.tls.write(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        connection.sendall(client.go.read())
        while piece := connection.recv(4096):
            client.come.write(piece)
        answer = client.tls.read(4096)
        check(answer.startswith(b"HTTP/1.1 200"), answer)


def main():
    digitd, weights = sys.argv[1:]
    if shutil.which("openssl") is None:
        print("skipped: there is no openssl to make certificates with")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        cert, key = make_certificate(Path(folder), "test", SLOW)
        with Server([digitd, "--model", weights, "--threads", 1, "--header-seconds", 60, "--tls-cert", cert,
                     "--tls-key", key]) as server:
            check_halves(server, cert)
            check_crowd(server, cert)
            check_pieces(server, cert)
    print("handshakes: halves cost nothing, and many keep nobody else waiting")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"handshakes: {failure}")
