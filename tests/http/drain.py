"""SIGTERM under load: digitd answers every request that it has taken, then ends with status 0.

usage: drain.py DIGITD WEIGHTS [ROUNDS]
"""

import sys
import threading
import time

import support

CLIENTS = 8


def client(server, request, findings):
    """Sends one request after the other until an answer says that the connection ends."""
    connection = server.connect()
    while True:
        try:
            connection.sendall(request)
            response = support.read_response(connection, "POST")
        except (BrokenPipeError, ConnectionResetError):
            response = None
        if response is None or response.status != 200:
            findings.append("no answer" if response is None else f"status {response.status}")
            break
        if response.headers.get("Connection", "").lower() == "close":
            break
    connection.close()


def one_round(command, request):
    findings = []
    with support.Server(command) as server:
        threads = [threading.Thread(target=client, args=(server, request, findings))
                   for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    return findings


def main(digitd, weights, rounds=5):
    stroke = bytes(0xFF if 6 <= y < 22 and 13 <= x < 16 else 0 for y in range(28) for x in range(28))
    picture = support.png(stroke)
    request = (b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: image/png\r\n"
               b"Content-Length: %d\r\n\r\n" % len(picture)) + picture
    for i in range(int(rounds)):
        findings = one_round([digitd, "--model", weights], request)
        if findings:
            sys.exit(f"drain: round {i + 1}: {findings}")
    print(f"drain: {rounds} rounds with {CLIENTS} busy clients, every request answered")


if __name__ == "__main__":
    main(*sys.argv[1:])
