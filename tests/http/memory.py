"""The most memory that the server takes is what README.md says it is, with every connection as dear as it can
be, more bodies than there is room for, and the largest pictures.

    memory.py DIGITD WEIGHTS README...
"""

import re
import resource
import sys
import time
from pathlib import Path

from bombs import high_water, png_file, zeros
from support import Failure, Server, in_threads, request

CONNECTIONS, THREADS, BODIES = 1000, 2, 8 << 20
FORMULA = re.compile(r"`(\d+) MiB \+ connections \* (\d+) KiB \+ bodies-max \+ threads \* (\d+) MiB`")
FLAGS = ["--connections-max", CONNECTIONS, "--threads", THREADS, "--bodies-max", BODIES, "--header-seconds", 60,
         "--rate-min", 0]
# Of 8,000 bytes, its end missing.
HEAD = (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\nHost: a\r\n" + b"".join(b"A%d: b\r\n" % i for i in range(60))
        + b"B: " + b"c" * 4400)
BODY = (b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 100000\r\nA: "
        + b"b" * 7000 + b"\r\n\r\n" + b"c" * 60000)


def bound(readme):
    """In KiB."""
    found = FORMULA.search(Path(readme).read_text(encoding="utf-8"))
    if not found:
        raise Failure(f"{readme} has no formula")
    base, connection, thread = map(int, found.groups())
    return base * 1024 + CONNECTIONS * connection + BODIES // 1024 + THREADS * thread * 1024


def largest(server):
    for picture in (png_file(4096, 4096, zeros(4096 * 4097)), png_file(3300, 3300, zeros(3300 * 9901), 8, 2)):
        with server.connect() as connection:
            status = 503  # while the held bodies take all memory for bodies
            while status == 503:
                status = request(connection, "POST", "/predict", picture, "image/png").status
            if status != 422:
                raise Failure(f"a blank picture gets {status}")


def main():
    digitd, weights, *readmes = sys.argv[1:]
    limits = {bound(readme) for readme in readmes}
    if len(limits) != 1:
        raise Failure(f"the READMEs differ: {limits}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with Server([digitd, "--model", weights], FLAGS) as server:
        held = [server.connect() for _ in range(CONNECTIONS - 10)]
        for number, connection in enumerate(held):
            connection.sendall(HEAD if number % 2 else BODY)
        time.sleep(2)
        in_threads(4, lambda _: largest(server))
        taken = high_water(server)
        for connection in held:
            connection.close()
    limit = limits.pop()
    if taken > limit:
        raise Failure(f"{taken // 1024} MiB are more than {limit // 1024}")
    print(f"memory: {taken // 1024} MiB of the {limit // 1024} that there may be")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"memory: {failure}")
