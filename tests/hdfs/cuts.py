"""Connections that end in the middle, and DataNodes that die there: whatever happens, what stands
under the final name is whole, nothing is left beside it, and the next attempt succeeds.

usage: cuts.py DIGIT
"""

import pathlib
import random
import signal
import sys
import tempfile
import time

from proxy import Proxy
from support import Cluster, run_main
from tool import DOWN, WEIGHTS, Tool, expect, fails_at, run_all, same

STEP = 64 * 1024
FOLDER = "/cuts"
FILE = f"{FOLDER}/file.bin"
ONCE = ("--attempts", "1")


class Bench:
    """The cluster, the proxies before it, two files; and the old one published."""

    def __init__(self, cluster, namenode, datanode, tool, folder):
        self.cluster, self.namenode, self.datanode, self.tool = cluster, namenode, datanode, tool
        self.folder = pathlib.Path(folder)
        self.url = f"webhdfs://127.0.0.1:{namenode.port}{FILE}"
        maker = random.Random(5)
        self.old, self.new = maker.randbytes(400_001), maker.randbytes(600_003)
        self.path, self.back = self.folder / "new.bin", self.folder / "back.bin"
        self.path.write_bytes(self.new)
        self.offsets = range(0, len(self.new), STEP)
        self.reset()

    def reset(self):
        self.namenode.cut()
        self.datanode.cut()
        self.cluster.put(FILE, self.old)
        self.back.write_bytes(b"old")

    def check(self, content, back=b"old"):
        """All is whole, and nothing is beside it, there or here."""
        same(self.cluster.list(FOLDER), ["file.bin"], "what is in the folder of the store")
        same(self.cluster.get(FILE), content, "what is in the store")
        same(self.back.read_bytes(), back, "what was fetched")
        same(sorted(p.name for p in self.folder.iterdir()), ["back.bin", "new.bin"],
             "what is in the local folder")

    def publish(self, *words, **more):
        return self.tool.publish(self.path, self.url, *words, **more)

    def fetch(self, *words, **more):
        return self.tool.fetch(self.url, self.back, *words, **more)


def cut_everywhere(bench, run, done, **way):
    """At each offset: a run whose every attempt is cut fails, one whose first is cut does not."""
    for number, offset in enumerate(bench.offsets):
        where = f"cut at {offset} bytes {way['way']}"
        limit = {way["way"]: offset, "reset": number % 2 == 1}

        def failing():
            bench.datanode.cut(**limit)
            run(*ONCE, status=DOWN)
            expect(bench.datanode.cuts > 0, "nothing was cut")
            bench.check(bench.old)

        def succeeding():
            bench.datanode.cut(**limit, only={1})
            run("--attempts", "3")
            expect(bench.datanode.cuts > 0, "nothing was cut")
            bench.check(**done)
            bench.reset()

        fails_at(failing, where)
        fails_at(succeeding, f"{where}, once")


def uploads_that_are_cut(bench):
    cut_everywhere(bench, bench.publish, {"content": bench.new}, way="up")


def downloads_that_are_cut(bench):
    bench.cluster.put(FILE, bench.new)
    old, bench.old = bench.old, bench.new
    cut_everywhere(bench, bench.fetch, {"content": bench.new, "back": bench.new}, way="down")
    bench.old = old
    bench.reset()


def reading_back_that_is_cut(bench):
    """The upload passes, and is cut when it is read back to be compared."""
    for offset in 0, 100, STEP, 599_000:
        bench.datanode.cut(down=offset, only={2})
        bench.publish(*ONCE, status=DOWN)
        bench.check(bench.old)
    bench.reset()


def bytes_that_change_on_the_way(bench):
    """The length is right and no connection ends: only reading back, or the card, can tell."""
    bench.datanode.alter(up=3 * STEP)
    bench.publish(*ONCE, status=DOWN, says="is not what was sent")
    bench.check(bench.old)
    bench.datanode.cut()
    models = bench.url.replace("file.bin", "models/")
    bench.tool.publish(WEIGHTS, models)
    copy = bench.folder / "copy.pth"
    copy.write_bytes(b"old")
    bench.datanode.alter(down=10 * STEP)
    bench.tool.fetch(models + WEIGHTS.name, copy, status=1, says="is damaged")
    same(copy.read_bytes(), b"old", "what was there before the fetch")
    copy.unlink()
    bench.cluster.webhdfs("DELETE", f"{FOLDER}/models", "DELETE", recursive="true")
    bench.reset()


def ctrl_c(bench):
    """The program tidies up before it leaves."""
    pressed = []
    process = None

    def press():
        pressed.append(process.send_signal(signal.SIGINT))
        time.sleep(2)

    bench.datanode.cut(up=2 * STEP, hook=press)
    process = bench.tool.start("publish", bench.path, bench.url, "--quiet")
    said = process.communicate(timeout=60)[1]
    same(process.returncode, 130, f"the status ({said})")
    expect(pressed and "was stopped" in said, f"it was not stopped: {said}")
    bench.check(bench.old)
    bench.reset()


def talks_with_the_namenode_that_are_cut(bench):
    """Each of its connections, at the start, in the headers and in the answer: all is done again."""
    for limit in {"down": 0}, {"down": 40}, {"down": 500}, {"up": 0}, {"up": 60}:
        for number in 1, 2:
            bench.reset()
            bench.namenode.cut(**limit, only={number})
            fails_at(bench.publish, f"{limit} in connection {number}")
            fails_at(lambda: bench.check(bench.new), f"{limit} in connection {number}")
    bench.reset()


def a_namenode_that_is_cut_for_good(bench):
    """Nothing can be tidied then; but nothing is partial, and the next attempt succeeds."""
    for limit in {"down": 0}, {"down": 300}, {"up": 60}:
        bench.namenode.cut(**limit)
        bench.publish("--attempts", "2", status=DOWN)
        expect(bench.cluster.get(FILE) in (bench.old, bench.new), "the file is not whole")
        bench.namenode.cut()
        bench.publish()
        same(bench.cluster.get(FILE), bench.new, "what is in the store")
        for name in bench.cluster.list(FOLDER):
            if name != "file.bin":
                bench.cluster.webhdfs("DELETE", f"{FOLDER}/{name}", "DELETE")
        bench.reset()


def a_peer_that_falls_silent(bench):
    """Neither byte nor end: the client gives up by itself."""
    bench.datanode.cut(up=2 * STEP, only={1}, hook=lambda: time.sleep(4))
    bench.publish(*ONCE, "--stall-timeout", "1", status=DOWN, says="silent for 1000 ms")
    bench.check(bench.old)
    bench.datanode.cut(up=2 * STEP, only={1}, hook=lambda: time.sleep(4))
    bench.publish("--attempts", "2", "--stall-timeout", "1")
    bench.check(bench.new)
    expect(bench.datanode.cuts == 1, "nothing was stalled")
    bench.reset()


def datanodes_that_die(bench):
    """Killed in the middle of an upload; started again, it has the old file, and takes the new."""
    for offset in 1, 5 * STEP:
        bench.datanode.cut(up=offset, hook=lambda: bench.cluster.kill("datanode1"))
        bench.publish(*ONCE, status=DOWN)
        expect(bench.datanode.cuts == 1, "the DataNode was not killed")
        same(bench.cluster.list(FOLDER), ["file.bin"], "what is in the folder of the store")
        bench.datanode.cut()
        bench.cluster.restart()
        bench.check(bench.old)
        bench.publish()
        bench.check(bench.new)
        bench.reset()


def main():
    tool = Tool(sys.argv[1])
    with Cluster() as cluster, tempfile.TemporaryDirectory(prefix="digit-cuts-") as folder, \
            Proxy(cluster.ports["datanode1_http"]) as datanode, \
            Proxy(cluster.ports["namenode1_http"],
                  {cluster.ports["datanode1_http"]: datanode.port}) as namenode:
        run_all([uploads_that_are_cut, downloads_that_are_cut, reading_back_that_is_cut,
                 bytes_that_change_on_the_way, ctrl_c, talks_with_the_namenode_that_are_cut,
                 a_namenode_that_is_cut_for_good, a_peer_that_falls_silent, datanodes_that_die],
                Bench(cluster, namenode, datanode, tool, folder))


if __name__ == "__main__":
    sys.exit(run_main(main))
