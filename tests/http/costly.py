"""Pictures that take long to decode: who asks for less is answered in between, who cannot be answered in time
hears it at once, and the pictures of one request have a limit together.

    costly.py DIGITD WEIGHTS
"""

import base64
import json
import select
import socket
import struct
import sys
import time
from pathlib import Path

from support import Failure, Server, check, png, read_response, request

SIDE = 3400
CLIENTS = 48
PATIENCE = 300  # seconds, for sanitizers
SMALL = (Path(__file__).resolve().parents[1] / "data" / "digits" / "7.png").read_bytes()


def drawing(side):
    """A 1 on a page of that many pixels a side."""
    blank = bytes([255]) * side
    from_x, to_x = side * 9 // 20, side * 11 // 20
    stroke = blank[:from_x] + bytes(to_x - from_x) + blank[to_x:]
    return png(blank * (side // 5) + stroke * (side * 3 // 5) + blank * (side - side // 5 - side * 3 // 5), side, side)


def post(connection, picture, *fields):
    lines = ["POST /predict HTTP/1.1", "Host: a", "Content-Type: image/png",
             f"Content-Length: {len(picture)}", *fields]
    connection.sendall("".join(line + "\r\n" for line in lines).encode() + b"\r\n" + picture)


def crowd(server, picture, *fields):
    """So many clients, each with a request under way."""
    connections = [server.connect() for _ in range(CLIENTS)]
    for connection in connections:
        connection.settimeout(PATIENCE)
        post(connection, picture, *fields)
    return connections


def request_of_one(server, picture):
    with server.connect() as connection:
        post(connection, picture)
        check(read_response(connection, "POST").status == 200, "a picture is refused")


def answered(connections):
    return len(select.select(connections, [], [], 0)[0])


def finish(connections):
    """The answers' statuses; each of them is right, or says when to come back."""
    statuses = []
    for connection in connections:
        with connection:
            answer = read_response(connection, "POST")
        check(answer is not None, "a connection is closed without an answer")
        body = json.loads(answer.body)
        if answer.status == 200:
            check(body["prediction"] == 1, "a 1 is taken for", body["prediction"])
        else:
            check(answer.status == 503 and answer.headers["Retry-After"], answer.status, body)
        statuses.append(answer.status)
    return statuses


def check_others(server, picture):
    """One loop, which has much work before it. What comes in one turn may be answered in it, but not the next."""
    request_of_one(server, picture)  # by which it knows what one costs
    connections = crowd(server, picture)
    with server.connect() as other:
        for _ in range(3):
            check(request(other, "GET", "/livez").status == 200, "/livez")
        served = answered(connections)
        check(served <= CLIENTS // 2, f"/livez is answered behind {served} of {CLIENTS} pictures")
        post(other, SMALL, "X-Request-Timeout-Ms: 1")
        answer = read_response(other, "POST")
        check(answer.status == 503 and answer.headers["Retry-After"], "no time left, and", answer.status)
        check(answered(connections) < CLIENTS, "who cannot be answered in time waits for all others")
    check(finish(connections) == [200] * CLIENTS, "a picture is refused")


def patience(server, picture):
    """Milliseconds in which some of the crowd can be answered, and some cannot."""
    request_of_one(server, picture)
    begun = time.monotonic()
    request_of_one(server, picture)
    return 1 + int(CLIENTS / 8 * 1000 * (time.monotonic() - begun))


def check_deadline(server, picture, *fields):
    """As before, but what would wait for long is refused, whoever set how long."""
    statuses = finish(crowd(server, picture, *fields))
    check(200 in statuses and 503 in statuses, "of", CLIENTS, "pictures,", statuses.count(200), "are answered")


def check_one_piece(server, picture):
    """Requests that are read at once are kept while they wait."""
    check(len(picture) < 8000, len(picture), "bytes are more than a piece")
    check(finish(crowd(server, picture)) == [200] * CLIENTS, "a picture is refused")


def check_gone(server, picture):
    """Of those that wait, some go: the first, the last, and every third in between."""
    connections = crowd(server, picture)
    with server.connect() as other:
        request(other, "GET", "/livez")
        for gone in (connections.pop(), connections.pop(CLIENTS // 2), *(connections.pop(n) for n in range(30, 9, -3))):
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.close()
        request(other, "GET", "/livez")
    check(finish(connections) == [200] * len(connections), "a picture is refused")


def check_drain(command, picture):
    """Who waits when the server is told to stop is answered, too."""
    with Server(command, stop_seconds=PATIENCE) as server:
        connections = crowd(server, picture)
        with server.connect() as other:
            request(other, "GET", "/livez")
    check(finish(connections) == [200] * CLIENTS, "a picture is refused")


def check_sum(server, picture):
    """Each picture may be so large, but not all together."""
    text = base64.b64encode(picture).decode()
    for count, status in ((1, 200), (2, 200), (3, 422)):
        body = json.dumps({"images": [text] * count}).encode()
        with server.connect() as connection:
            answer = request(connection, "POST", "/predict", body, "application/json")
        check(answer.status == status, count, "pictures:", answer.status, answer.body)
    check("images[2]" in json.loads(answer.body)["detail"], "which one is it?", answer.body)


def main():
    digitd, weights = sys.argv[1:]
    picture, small = drawing(SIDE), drawing(1200)
    one_loop = [digitd, "--model", weights, "--threads", 1, "--deadline-ms", 1000 * PATIENCE,
                "--drain-seconds", PATIENCE, "--idle-seconds", 2]
    with Server(one_loop, stop_seconds=PATIENCE) as server:
        check_one_piece(server, small)
        ms = patience(server, picture)
        check_deadline(server, picture, f"X-Request-Timeout-Ms: {ms}")
        check_sum(server, picture)
        check_gone(server, picture)
    with Server([*one_loop, "--deadline-ms", ms]) as server:
        check_deadline(server, picture)
    for command in (one_loop, [*one_loop, "--workers", 1]):
        with Server(command, stop_seconds=PATIENCE) as server:
            check_others(server, picture)
        check_drain(command, picture)
    print("costly: pictures that take long keep nobody waiting but one another")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"costly: {failure}")
