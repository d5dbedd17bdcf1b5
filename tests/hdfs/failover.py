"""Two NameNodes in one URL: the one that is active answers, whichever it is and whoever else is gone.

usage: failover.py DIGIT
"""

import pathlib
import sys
import tempfile

from support import Cluster, run_main
from tool import DOWN, Tool, run_all, same

FILE = "/models/file"


class Bench:
    def __init__(self, cluster, tool, folder):
        self.cluster, self.tool = cluster, tool
        self.url = cluster.url + FILE
        self.path, self.back = pathlib.Path(folder) / "file", pathlib.Path(folder) / "back"
        self.count = 0

    def write(self):
        """New bytes to be published."""
        self.count += 1
        self.path.write_bytes(b"%d" % self.count * 50_000)

    def check(self, url=None):
        self.tool.fetch(url or self.url, self.back, "--attempts", "20")
        same(self.back.read_bytes(), self.path.read_bytes(), "what was published")

    def alone(self, number):
        """The URL that names that NameNode only."""
        return f"webhdfs://127.0.0.1:{self.cluster.ports[f'namenode{number}_http']}{FILE}"


def the_first_is_active(bench):
    bench.write()
    bench.tool.publish(bench.path, bench.url)
    bench.check()
    bench.tool.fetch(bench.alone(2), bench.back, "--attempts", "1", status=DOWN, says="StandbyException")


def the_second_is_active(bench):
    bench.cluster.failover()
    bench.write()
    bench.tool.publish(bench.path, bench.url, "--attempts", "1")
    bench.check()
    bench.check(bench.alone(2))
    bench.tool.publish(bench.path, bench.alone(1), "--attempts", "1", status=DOWN, says="StandbyException")


def one_datanode_is_gone(bench):
    """There is another one that has all, and takes all. NameNodes notice after a while; both being
    on one host, they cannot be asked for the other one."""
    bench.cluster.kill("datanode1")
    bench.check()
    bench.write()
    bench.tool.publish(bench.path, bench.url, "--attempts", "20")
    bench.check()
    bench.cluster.restart()


def the_active_one_is_gone(bench):
    """Who is patient is served by the other as soon as it is active."""
    bench.cluster.kill("namenode2")
    bench.write()
    bench.tool.publish(bench.path, bench.url, "--attempts", "1", status=DOWN)
    waiting = bench.tool.start("publish", bench.path, bench.url, "--attempts", "30")
    bench.cluster.haadmin("-transitionToActive", "--forceactive", "namenode1")
    said = waiting.communicate(timeout=90)[1]
    same(waiting.returncode, 0, f"the status of who waited ({said})")
    bench.check()


def all_are_gone(bench):
    bench.cluster.kill("namenode1")
    bench.tool.fetch(bench.url, bench.back, "--attempts", "2", status=DOWN, says="cannot be reached")
    same(bench.back.read_bytes(), bench.path.read_bytes(), "what was there before")


def main():
    tool = Tool(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="digit-failover-") as folder, \
            Cluster(standby=True) as cluster:
        run_all([the_first_is_active, the_second_is_active, one_datanode_is_gone,
                 the_active_one_is_gone, all_are_gone], Bench(cluster, tool, folder))


if __name__ == "__main__":
    sys.exit(run_main(main))
