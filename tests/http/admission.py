"""What is not worth beginning is refused on the head alone: for want of room, or of time.

    admission.py DIGITD WEIGHTS
"""

import re
import sys
import threading
import time
from pathlib import Path

from support import Failure, Server, check, read_response, request

PICTURE = (Path(__file__).resolve().parents[1] / "data" / "digits" / "7.png").read_bytes()


def head(*fields):
    lines = ["POST /predict HTTP/1.1", "Host: a", "Content-Type: image/png",
             f"Content-Length: {len(PICTURE)}", *fields]
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n"


def predict(server, *fields, pause=0.0):
    with server.connect() as connection:
        connection.sendall(head(*fields))
        time.sleep(pause)
        connection.sendall(PICTURE)
        return read_response(connection, "POST")


def computed(server):
    with server.connect() as connection:
        metrics = request(connection, "GET", "/metrics").body.decode()
    return float(re.search(r"^digitd_batch_images_sum(?:\{\})? (\S+)", metrics, re.MULTILINE)[1])


def check_time(digitd, weights, flags):
    with Server([digitd, "--model", weights], flags) as server:
        check(predict(server, "X-Request-Timeout-Ms: 20000").status == 200, "time enough")
        before = computed(server)
        for answer in (predict(server, "X-Request-Timeout-Ms: 0"),
                       predict(server, "X-Request-Timeout-Ms: 50", pause=0.3)):
            check(answer.status == 503 and answer.headers["Retry-After"], answer.status, answer.body)
        check(computed(server) == before, "what was too late was computed")
        for value in ("", "-1", "1.5", "soon", "1e3", "9999999999"):
            answer = predict(server, f"X-Request-Timeout-Ms: {value}")
            check(answer.status == 400, value, answer.status)


def check_room(digitd, weights):
    """The one place is taken for a second, in which a batch may fill."""
    with Server([digitd, "--model", weights, "--workers", 1, "--queue-max", 1, "--batch-delay-us", 1000000,
                 "--admin-port", 0]) as server:
        answers = []
        first = threading.Thread(target=lambda: answers.append(predict(server)))
        first.start()
        time.sleep(0.3)
        with server.connect() as connection:
            connection.sendall(head("Expect: 100-continue"))
            answer = read_response(connection, "POST")
            check(answer.status == 503 and answer.headers["Retry-After"], "a body is asked for:", answer.status)
        with server.admin() as operators:
            check(request(operators, "GET", "/livez").status == 200, "the operators' port")
        first.join()
        check(answers[0].status == 200, "the one that was there first:", answers[0].status)


def main():
    digitd, weights = sys.argv[1:]
    check_time(digitd, weights, [])
    check_time(digitd, weights, ["--workers", 2])
    check_room(digitd, weights)
    print("admission: nothing is begun that is too late or too much")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"admission: {failure}")
