"""digitd serves from a real HDFS: what was trained and published is served, another takes its place
under load, and whatever the daemons do, serving goes on.

usage: serve.py DIGITD DIGIT WEIGHTS [DATA]      without MNIST in DATA nothing is trained
"""

import getpass
import importlib.util
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))  # its support is meant from here on
from load import Load, learn
from reload import expect, expect_current, expect_stale, get, hang_up
from stores import PATIENCE, expect_not_ready, wait_served
from support import SKIPPED, Failure, Server
from variants import Variant

spec = importlib.util.spec_from_file_location("cluster", HERE / "support.py")
cluster_support = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cluster_support)
Cluster = cluster_support.Cluster

MODEL = "/models/mnist.pth"
CARD = "/models/mnist.json"


class Place:
    """What a test has: a cluster, the programs, a folder of its own."""

    def __init__(self, cluster, programs, variants, folder):
        self.cluster = cluster
        self.digitd, self.digit, self.weights, *data = programs
        self.data = Path(data[0]) if data else None
        self.variants = variants
        self.folder = Path(folder)
        self.url = cluster.url + MODEL

    def serve(self, *flags, cache="cache"):
        return Server([self.digitd, "--model", self.url, "--cache", self.folder / cache, *flags])

    def tool(self, *words):
        done = subprocess.run([self.digit, *map(str, words)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Failure(f"digit {words[0]} ends with status {done.returncode}: {done.stderr}")

    def publish(self, variant):
        path = self.folder / f"{variant.name}.pth"
        variant.put(path)
        self.tool("publish", "--quiet", path, self.url)

    def train(self, seed, epochs):
        """Trains a small model and publishes it to HDFS and to disk; its version."""
        out = self.folder / f"trained_{seed}.pth"
        self.tool("train", "--quiet", "--data", self.data, "--limit", 2000, "--threads", 1, "--seed",
                  seed, "--epochs", epochs, "--out", out, "--publish", self.url, "--publish",
                  self.folder / "copies" / "mnist.pth")
        if (self.folder / "copies" / "mnist.pth").read_bytes() != self.cluster.get(MODEL):
            raise Failure("what was published to HDFS and to disk is not the same")
        with self.serve() as server:
            server.wait_for(" from webhdfs://")
            return get(server, "/model")["version"]


def answers(server):
    with server.connect() as connection:
        return learn(connection)


def turned(known, by):
    """The answers of a variant that is turned further."""
    return [[answer[(i - by) % len(answer)] for i in range(len(answer))] for answer in known]


# ---- the tests, in this order in one cluster; each begins and ends with all well ----

def trained_and_replaced(place):
    """Train, publish, serve, publish a better one, see it served, under load all the while."""
    if place.data is None or not (place.data / "train-images-idx3-ubyte").exists():
        return f"left out training: MNIST is not in {place.data}"
    versions = [place.train(2, 2)]
    place.tool("publish", "--quiet", place.weights, place.url)
    expected = {}
    with place.serve() as server:
        server.wait_for(" from webhdfs://")
        versions.append(get(server, "/model")["version"])
        expected[versions[1]] = answers(server)
        versions.insert(0, place.train(1, 1))
        hang_up(server, f"({versions[0]}) with ")
        expected[versions[0]] = answers(server)
        with Load(server, expected) as load:
            place.tool("publish", "--quiet", place.weights, place.url)
            hang_up(server, f"({versions[2]}) with ")
            expect("the version", get(server, "/model")["version"], versions[2])
    if load.findings or load.versions.keys() != expected.keys():
        raise Failure(f"{load.findings[:3]}; {load.versions}")
    return f"a trained model, then a better one: {load.count()} answers, all right"


def namenode_down(place):
    """Before the start, with a copy and without; while serving; and back again."""
    first, second = place.variants[:2]
    place.publish(first)
    with place.serve() as server:
        wait_served(server, first, origin=" from webhdfs://")
        with Load(server, {first.version: answers(server)}) as load:
            place.cluster.kill("namenode1")
            reason = hang_up(server, f"still serving {first.name} ({first.version}): ")
            expect_stale(server, first, reason.split("): ", 1)[1].strip())
            copy, none = place.serve(), place.serve(cache="empty")
            with copy, none:
                wait_served(copy, first, origin=" from the copy of webhdfs://")
                expect_stale(copy, first, "cannot be reached")
                none.wait_for("there is no model yet: ")
                expect_not_ready(none, "cannot be reached")
                place.cluster.restart()
                wait_served(none, first, origin=" from webhdfs://")
                for each in (server, copy):
                    each.wait_for(f"({first.version}), which is what webhdfs://", 0, PATIENCE)
                    expect_current(each, first)
        expect("what was wrong under load", load.findings, [])
        place.publish(second)
        hang_up(server, f"serving {second.name} ({second.version}) with ")
        expect_current(server, second)
    return f"the NameNode was down: {load.count()} answers, all right"


def safe_mode(place):
    """Nothing can be published then, but all can be read."""
    second = place.variants[1]
    place.cluster.dfsadmin("-safemode", "enter")
    with place.serve(cache="safe") as server:
        wait_served(server, second, origin=" from webhdfs://")
        hang_up(server, "which is what webhdfs://")
        expect_current(server, second)
    place.cluster.dfsadmin("-safemode", "leave")
    return "safe mode does not matter"


def datanode_down(place):
    """The names are there, the bytes are not."""
    first, second = place.variants[:2]
    place.publish(first)
    with place.serve(cache="datanode") as server:
        wait_served(server, first, origin=" from webhdfs://")
        place.publish(second)
        place.cluster.kill("datanode1")
        reason = hang_up(server, f"still serving {first.name} ({first.version}): ")
        expect_stale(server, first, reason.split("): ", 1)[1].strip())
        place.cluster.restart()
        wait_served(server, second, origin=" from webhdfs://")
        expect_current(server, second)
    return "the DataNode was down"


def wrong_checksum(place):
    """The card of another model: neither served nor taken for the last good copy."""
    first, second = place.variants[:2]
    place.publish(first)
    with place.serve() as server:
        lines = wait_served(server, first, origin=" from webhdfs://")
        place.cluster.put(CARD, second.card, user=getpass.getuser())
        hang_up(server, f"still serving {first.name} ({first.version}): ")
        expect_stale(server, first, "are not those of the card")
        with place.serve() as copy:
            wait_served(copy, first, origin=" from the copy of webhdfs://")
            expect_stale(copy, first, "are not those of the card")
        with place.serve(cache="wrong") as none:
            none.wait_for("there is no model yet: ")
            expect_not_ready(none, "are not those of the card")
        known = answers(server)
        expected = {first.version: known,
                    second.version: turned(known, second.turn - first.turn)}
        with Load(server, expected) as load:
            place.publish(second)
            hang_up(server, f"serving {second.name} ({second.version}) with ")
        expect("what was wrong under load", load.findings, [])
        expect_current(server, second)
    return f"a card of other weights is refused; then {load.count()} answers, all right"


def standby(place):
    """Two NameNodes: whichever is active answers; with none, the copy is served."""
    first, second = place.variants[:2]
    place.publish(first)
    with place.serve() as server:
        wait_served(server, first, origin=" from webhdfs://")
        place.cluster.failover()
        hang_up(server, f"({first.version}), which is what webhdfs://")
        place.publish(second)
        hang_up(server, f"serving {second.name} ({second.version}) with ")
        expect_current(server, second)
        place.cluster.haadmin("-transitionToStandby", "namenode2")
        reason = hang_up(server, f"still serving {second.name} ({second.version}): ")
        expect_stale(server, second, reason.split("): ", 1)[1].strip())
        lines = len(server.lines)
        with place.serve() as copy, place.serve(cache="other") as none:
            wait_served(copy, second, origin=" from the copy of webhdfs://")
            none.wait_for("there is no model yet: ")
            expect_not_ready(none, "there is no model yet: ")
            place.cluster.haadmin("-transitionToActive", "namenode1")
            wait_served(none, second, origin=" from webhdfs://")
            for each, first_line in ((server, lines), (copy, 0)):
                each.wait_for("which is what webhdfs://", first_line, PATIENCE)
                expect_current(each, second)
    return f"the other NameNode takes over; with both in standby: {reason.split('): ', 1)[1].strip()}"


def quick_stop(place):
    """SIGTERM while it talks to a NameNode that does not answer; Server measures it."""
    silent = socket.create_server(("127.0.0.1", 0))
    place.url = f"webhdfs://127.0.0.1:{silent.getsockname()[1]}{MODEL}"
    with place.serve(cache="silent") as server:
        connection, _ = silent.accept()
        expect_not_ready(server, "it is being fetched")
    connection.close()
    silent.close()
    return "stops while it fetches"


def run(tests, programs, variants, **options):
    with Cluster(**options) as cluster:
        for test in tests:
            with tempfile.TemporaryDirectory() as folder:
                print(f"serve: {test(Place(cluster, programs, variants, folder))}", flush=True)


def main():
    programs = sys.argv[1:]
    variants = [Variant(programs[2], 1), Variant(programs[2], 2)]
    run((trained_and_replaced, namenode_down, safe_mode, datanode_down, wrong_checksum, quick_stop),
        programs, variants)
    run((standby,), programs, variants, standby=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except cluster_support.Skip as lack:
        print(f"skipped: {lack}")
        sys.exit(SKIPPED)
    except (Failure, cluster_support.Failure) as failure:
        sys.exit(f"serve: {failure}")
