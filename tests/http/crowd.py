"""A thousand connections that stay open, all of which ask at once, again and again, while the model is
replaced: each gets the right answer of one model, and the server has nothing left of them afterwards.

usage: crowd.py DIGITD WEIGHTS [FLAGS...]
"""

import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path

from load import Load, learn, pictures
from support import START_SECONDS, STOP_SECONDS, Failure, Response, Server
from variants import Variant

CONNECTIONS = 1000
WAVES = 10
# However slow a sanitizer makes the server, it is not for that reason that anybody is sent away.
PATIENCE = ["--request-seconds", "300", "--deadline-ms", "300000", "--idle-seconds", "300"]


def descriptors(server):
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


class Connection:
    """One of them; it asks for the same picture each time."""

    async def open(self, server, digit, picture):
        self.digit = digit
        self.request = (b"POST /predict HTTP/1.1\r\nHost: test\r\nContent-Type: image/png\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(picture)) + picture
        self.reader, self.writer = await asyncio.open_connection(server.host, server.port)

    async def ask(self, check):
        """Gives the version that answered."""
        self.writer.write(self.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
        body = await self.reader.readexactly(int(fields["content-length"]))
        return check(Response(int(head.split()[1]), fields, body), [self.digit])

    async def close(self):
        self.writer.close()
        await self.writer.wait_closed()


def put(server, path, variant):
    """Puts a model in place and says so; gives the log's line from which to wait."""
    first = len(server.lines)
    variant.put(path)
    server.process.send_signal(signal.SIGHUP)
    return first


async def until_served(server, variant, first):
    await asyncio.to_thread(server.wait_for, f"serving {variant.name} ({variant.version}) with ", first)


async def waves(server, path, variants, load):
    """All ask; while they do, the next model takes over."""
    files = pictures()
    crowd = [Connection() for _ in range(CONNECTIONS)]
    await asyncio.gather(*(each.open(server, i % 10, files[i % 10]) for i, each in enumerate(crowd)))
    for wave in range(WAVES):
        old, new = variants[wave % 2], variants[1 - wave % 2]
        asking = asyncio.gather(*(each.ask(load.check) for each in crowd))
        await asyncio.sleep(0)  # until each has begun
        first = put(server, path, new)
        versions, _ = await asyncio.gather(asking, until_served(server, new, first))
        for version in set(versions):
            load.versions[version] = load.versions.get(version, 0) + versions.count(version)
        if not set(versions) <= {old.version, new.version}:
            raise Failure(f"{set(versions)} answered, between {old.version} and {new.version}")
    await asyncio.gather(*(each.close() for each in crowd))


def main():
    digitd, weights, *flags = sys.argv[1:]
    variants = [Variant(weights, turn) for turn in (1, 2)]
    expected = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.pth")
        variants[0].put(path)
        with Server([digitd, "--model", path], [*PATIENCE, *flags], stop_seconds=60) as server:
            for variant in (variants[1], variants[0]):
                first = put(server, path, variant)
                server.wait_for(f"serving {variant.name} ({variant.version}) with ", first)
                with server.connect() as connection:
                    expected[variant.version] = learn(connection)
            before = descriptors(server)
            load = Load(server, expected)
            try:
                asyncio.run(waves(server, path, variants, load))
            except (OSError, EOFError) as error:
                server.reader.join(STOP_SECONDS)  # for what it says as it ends
                raise Failure(f"{error}; digitd says:\n{server.output()}") from None
            end = time.monotonic() + START_SECONDS
            while descriptors(server) > before and time.monotonic() < end:
                time.sleep(0.1)
            after = descriptors(server)
    if load.findings or load.count() != CONNECTIONS * WAVES or after > before:
        raise Failure(f"{load.count()} answers, {len(load.findings)} wrong, such as {load.findings[:3]}; "
                      f"{before} descriptors before and {after} after")
    print(f"crowd: {CONNECTIONS} connections, {WAVES} reloads, {load.count()} answers, all right; "
          f"{load.versions}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"crowd: {failure}")
