"""A model in a store: digitd serves at once, with a model as soon as there is one; when the store is
gone, with the last copy; and with the store's own again once it is back. The store is a folder,
file://; tests/hdfs/serve.py does the like with HDFS.

usage: stores.py DIGITD WEIGHTS [FLAGS...]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reload import expect, expect_current, expect_stale, get, hang_up
from support import Failure, Server, request
from variants import Variant, replace

PATIENCE = 40  # seconds for what digitd finds by itself; its pauses grow to 30


class Store:
    """A folder with a model in it that can be taken away, and a digitd that serves from it."""

    def __init__(self, digitd, flags, folder):
        self.folder = Path(folder, "store")
        self.folder.mkdir()
        self.path = self.folder / "model.pth"
        self.url = f"file://{self.path}"
        self.command = [digitd, "--model", self.url, "--cache", Path(folder, "cache"), *flags]

    def take_away(self):
        self.folder.rename(self.folder.with_name("away"))

    def bring_back(self):
        self.folder.with_name("away").rename(self.folder)

    def serve(self):
        return Server(self.command)


def expect_not_ready(server, why):
    expect("/livez", get(server, "/livez"), {"status": "ok"})
    picture = next(Path(__file__).parents[1].glob("data/digits/7.png")).read_bytes()
    for method, path, body in (("GET", "/readyz", b""), ("GET", "/model", b""),
                               ("GET", "/health", b""), ("POST", "/predict", picture)):
        with server.connect() as connection:
            response = request(connection, method, path, body, "image/png")
        problem = response.body.decode()
        if (response.status != 503 or "/problems#not-ready" not in problem or why not in problem
                or not response.headers.get("Retry-After")):
            raise Failure(f"{path} without a model: {response.status} {problem}")


def wait_served(server, variant, first=0, origin=" from file://"):
    line, after = server.wait_for(f"serving {variant.name} ({variant.version}) with ", first,
                                  PATIENCE)
    if origin not in line:
        raise Failure(f"it should be{origin}: {line}")
    return after


# ---- the tests ----

def nothing_there(store, variants):
    """Serves while there is no model, and finds it by itself when it comes."""
    with store.serve() as server:
        server.wait_for("there is no model yet: ")
        expect_not_ready(server, "there is no model yet: ")
        variants[0].put(store.path)
        wait_served(server, variants[0])
        expect_current(server, variants[0])
    with store.serve() as server:
        wait_served(server, variants[0])
    return "a model that comes late is served when it comes"


def store_gone_while_serving(store, variants):
    first, second = variants[:2]
    first.put(store.path)
    with store.serve() as server:
        lines = wait_served(server, first)
        store.take_away()
        reason = hang_up(server, f"still serving {first.name} ({first.version}): ")
        expect_stale(server, first, reason.split("): ", 1)[1].strip())
        store.bring_back()
        lines = server.wait_for(f"still serving {first.name} ({first.version}), which is ", lines,
                                PATIENCE)[1]
        expect_current(server, first)
        second.put(store.path)
        hang_up(server, f"serving {second.name} ({second.version}) with ")
        expect_current(server, second)
    return "a store that is gone for a while does not matter"


def store_gone_at_start(store, variants):
    first, second = variants[:2]
    first.put(store.path)
    with store.serve() as server:
        wait_served(server, first)
    store.take_away()
    with store.serve() as server:
        lines = wait_served(server, first, origin=" from the copy of file://")
        expect_stale(server, first, "No such file")
        store.bring_back()
        second.put(store.path)
        wait_served(server, second, lines)
        expect_current(server, second)
    return "the last copy is served while the store is gone"


def bad_models(store, variants):
    """What is there cannot be served; with and without a good copy, and with polling."""
    good, other, shaped = *variants[:2], variants[1].card.replace(b'"out": 128', b'"out": 64')
    good.put(store.path)
    store.command += ["--model-poll", "1"]
    with store.serve() as server:
        wait_served(server, good)
        for name, weights, card in (
                ("the old weights", good.weights, other.card),
                ("no card", other.weights, None),
                ("no weights", None, other.card),
                ("another shape", other.weights, shaped)):
            # Without a card between, so that the poll never finds what fits together.
            replace(store.path.with_suffix(".json"), None)
            replace(store.path, weights)
            replace(store.path.with_suffix(".json"), card)
            line = hang_up(server, f"still serving {good.name} ({good.version}): ")
            expect_stale(server, good, line.split("): ", 1)[1].strip())
            first = len(server.lines)
            time.sleep(2.5)
            expect(f"what is said again of {name}", server.lines[first:], [])
        first = len(server.lines)
        other.put(store.path)
        wait_served(server, other, first)
        expect_current(server, other)
    return "bad models in a store are refused"


def stops_while_it_waits(store, variants):
    """Server itself checks how long that takes."""
    store.take_away()
    with store.serve() as server:
        server.wait_for("there is no model yet: ")
    return "stops while it waits for a model"


def bad_urls(store, variants):
    """They cannot be mended by waiting."""
    for url in ("http://127.0.0.1/model.pth", "file:///model", "webhdfs:///model.pth",
                "webhdfs://host:port/model.pth"):
        done = subprocess.run([*store.command, "--port", "0", "--model", url], capture_output=True,
                              text=True, timeout=30, check=False)
        if done.returncode != 1 or done.stderr.count("\n") != 1:
            raise Failure(f"{url} leads to status {done.returncode}: {done.stderr}")
    return "bad URLs are refused"


def main():
    digitd, weights, *flags = sys.argv[1:]
    variants = [Variant(weights, 1), Variant(weights, 2)]
    for test in (nothing_there, store_gone_while_serving, store_gone_at_start, bad_models,
                 stops_while_it_waits, bad_urls):
        with tempfile.TemporaryDirectory() as folder:
            print(f"stores: {test(Store(digitd, flags, folder), variants)}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"stores: {failure}")
