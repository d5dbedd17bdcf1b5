"""Clients that take their time, or more than their share: each is told so or cut off, none is waited for,
and whoever is merely slow is served.

    deadlines.py DIGITD WEIGHTS
"""

import base64
import json
import select
import socket
import sys
import time
from pathlib import Path

from support import Failure, Server, check, in_threads, read_response, request

PICTURE = (Path(__file__).resolve().parents[1] / "data" / "digits" / "7.png").read_bytes()
FLAGS = ["--header-seconds", "2", "--idle-seconds", "20", "--request-seconds", "12", "--rate-min", "2048",
         "--connections-max", "100", "--address-connections-max", "40", "--bodies-max", 1 << 20]
PATIENCE = 18  # seconds; less than the idle timeout, more than any of the deadlines
HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"


def connect(server, address="127.0.0.1"):
    connection = socket.create_connection((server.host, server.port), timeout=PATIENCE,
                                          source_address=(address, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def trickle(connection, data, pause=0.3):
    """Sends byte by byte, until all is sent or the other side has had enough."""
    connection.settimeout(pause)
    for i in range(len(data)):
        try:
            connection.sendall(data[i:i + 1])
            if connection.recv(1, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    connection.settimeout(PATIENCE)


def answer_to(connection, method="POST"):
    """The status of the answer and whether the connection ended with it; 0: there was none."""
    response = read_response(connection, method)
    if response is None:
        return 0, True
    try:
        return response.status, connection.recv(1) == b""
    except ConnectionError:
        return response.status, True


def slow_head(server):
    with connect(server) as connection:
        trickle(connection, b"GET /livez HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 100)
        check(answer_to(connection) == (408, True), "a head without end is waited for")


def silent(server):
    """There is nothing to answer."""
    with connect(server) as connection:
        began = time.monotonic()
        check(connection.recv(1) == b"", "a connection without a byte is answered")
        check(time.monotonic() - began < 10, "a connection without a byte is waited for")


def slow_body(server):
    with connect(server) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        trickle(connection, PICTURE[:60])
        check(answer_to(connection) == (408, True), "a body without end is waited for")


def slow_chunks(server):
    with connect(server) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        trickle(connection, b"1\r\na\r\n" * 20)
        check(answer_to(connection) == (408, True), "chunks without end are waited for")


def slow_large_body(server):
    """So much is not made up to give an answer."""
    with connect(server) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * 1000)
        try:
            check(connection.recv(1) == b"", "a large body without end is answered")
        except ConnectionResetError:
            pass


def body_for_ever(server):
    """Fast enough for each moment, but not in all."""
    with connect(server) as connection:
        began = time.monotonic()
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while time.monotonic() - began < PATIENCE:
                connection.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")
                time.sleep(0.25)
        except ConnectionError:
            return
        raise Failure("a body that goes on for ever is taken")


def merely_slow(server):
    """A picture in three seconds, over a line that others would call slow."""
    body = json.dumps({"image": base64.b64encode(PICTURE).decode(), "mode": "auto"}).encode()
    body += b" " * (60000 - len(body))
    with connect(server) as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 60000\r\n\r\n")
        for i in range(0, len(body), 2000):
            connection.sendall(body[i:i + 2000])
            time.sleep(0.1)
        response = read_response(connection, "POST")
        check(response and response.status == 200, "a slow client is not served", response)
        request(connection, "GET", "/livez")


def gone(server):
    """Who closes is forgotten at once, even where the end came together with what was before it."""
    for sent, status in [(b"GET /livez HTTP/1.1\r\nHo", 400), (HEAD + b"Content-Length: 9\r\n\r\nabc", 0),
                         (HEAD + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc", 0),
                         (b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", 200)]:
        with connect(server) as connection:
            connection.settimeout(5)
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            check(answer_to(connection) == (status, True), "after", sent, "and the end")


def slow_reader(server):
    """Asks for much and takes nothing."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect((server.host, server.port))
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 200)
        poll = select.poll()
        poll.register(connection, 0)  # which a reset is reported to
        check(poll.poll(1000 * PATIENCE), "a client that takes no answers is kept")


def reader_for_ever(server):
    """Takes some of it at each moment, but one answer lasts too long."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect((server.host, server.port))
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 200)
        end = time.monotonic() + PATIENCE
        try:
            while connection.recv(1000):
                check(time.monotonic() < end, "an answer is sent for ever")
                time.sleep(0.25)
        except ConnectionError:
            pass


def refused_for_ever(server):
    """What nobody wants is dropped for a while, so that the client sees the answer; but not all of it."""
    piece, sent = b"100000\r\n" + b"a" * (1 << 20) + b"\r\n", 0
    with connect(server) as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 64:
                connection.sendall(piece)
                sent += 1
        except ConnectionError:
            pass
    check(16 <= sent < 64, sent, "MiB of a refused body are taken")


def share_of_connections(server):
    """Of another address than the others here, so that it has a share of its own."""
    held = [connect(server, "127.0.0.2") for _ in range(40)]
    time.sleep(0.2)
    with connect(server, "127.0.0.2") as one_more:
        response = read_response(one_more, "GET")
        check(response and response.status == 503 and response.headers["Retry-After"],
              "an address has more connections than it may", response)
    with connect(server, "127.0.0.3") as other:
        check(request(other, "GET", "/livez").status == 200, "another address is shut out")
    for connection in held:
        connection.close()
    time.sleep(0.5)
    with connect(server, "127.0.0.2") as again:
        check(request(again, "GET", "/livez").status == 200, "closed connections are counted")


def share_of_memory(server):
    """Bodies of more than a megabyte in all: the last one is told to come back."""
    with connect(server) as first, connect(server) as second:
        for connection, size in [(first, 900_000), (second, 400_000)]:
            connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * size)
            time.sleep(0.5)
        second.sendall(b"a" * 600_000)
        response = read_response(second, "POST")
        check(response and response.status == 503 and response.headers["Retry-After"],
              "bodies take more memory than they may", response)
        first.sendall(b"a" * 100_000)
        response = read_response(first, "POST")
        check(response and response.status == 422, "the body that was there first", response)


def main():
    digitd, weights = sys.argv[1:]
    clients = [slow_head, silent, slow_body, slow_chunks, slow_large_body, body_for_ever, merely_slow, gone,
               slow_reader, reader_for_ever, refused_for_ever, share_of_connections]
    with Server([digitd, "--model", weights], FLAGS) as server:
        in_threads(len(clients), lambda number: clients[number](server))
        share_of_memory(server)
    print(f"deadlines: {len(clients) + 1} clients, none is waited for")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"deadlines: {failure}")
