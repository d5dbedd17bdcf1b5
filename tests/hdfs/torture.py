"""Every allocation of ours and every call of the system fails once, each in a run of its own, in commands of `digit`
that work with a real HDFS. What torture/commands.py asks for must hold, and in the store, too: what is there is
whole, weights and card belong together, and nothing is left beside them.
"""

import itertools
import sys
import tempfile
from pathlib import Path

from support import Cluster, run_main

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS), str(TESTS / "torture"), str(TESTS / "http")]  # behind this folder: support is its own
import preparing  # noqa: E402
import turns  # noqa: E402
from lives import Command, judge, live  # noqa: E402
from variants import Variant  # noqa: E402

TRIES = ("--quiet", "--attempts", "2")
FILES = ("m.json", "m.pth")


class Store:
    """A cluster with a model and a data set; each run has a folder of its own."""

    def __init__(self, cluster, options, folder):
        self.cluster, self.runs = cluster, itertools.count()
        old, new = Variant(options.weights, 1), Variant(options.weights, 2)
        self.old, self.new = (dict(zip(FILES, (v.card, v.weights))) for v in (old, new))
        self.path = folder / "m.pth"
        new.put(self.path)
        self.fill("/model", self.new)
        self.fill("/data", {path.name: path.read_bytes() for path in preparing.make_mnist(folder / "data").iterdir()})

    def fill(self, folder, files):
        for name, content in files.items():
            self.cluster.put(f"{folder}/{name}", content)

    def files(self, folder):
        status, answer = self.cluster.webhdfs("GET", folder, "LISTSTATUS")
        found = answer["FileStatuses"]["FileStatus"] if status == 200 else []
        return {entry["pathSuffix"]: self.cluster.get(f"{folder}/{entry['pathSuffix']}") for entry in found}

    def live(self, library, command, kind, at=0, before=None):
        """What a run left; raises AssertionError for what must not be in the store."""
        folder = f"/run{next(self.runs)}"
        self.fill(folder, before or {})
        words = [str(word).replace("{run}", self.cluster.url + folder) for word in command.words]
        left = live(library, command._replace(words=words), kind, at)
        files = self.files(folder)
        assert files in ((before or {}), self.new), f"it leaves {sorted(files)} in the store: {left.said}"
        return left._replace(printed=left.printed.replace(folder.encode(), b"{run}"))


def commands(digit, store):
    """By name: what is run, and what is in the store before."""
    url = store.cluster.url
    return {
        "publish": (Command([digit, "publish", *TRIES, store.path, "{run}/"], own="memory"), None),
        "publish-over": (Command([digit, "publish", *TRIES, store.path, "{run}/"], own="memory"), store.old),
        "fetch": (Command([digit, "fetch", *TRIES, f"{url}/model/m.pth", "{out}/m.pth"], own="memory"), None),
        "evaluate": (Command([digit, "evaluate", *TRIES, "--engine", "native", "--data", f"{url}/data"], own="memory"),
                     None),
    }


def main():
    parser = turns.parser(__doc__, "digit", "weights")
    parser.add_argument("--only", action="append", metavar="NAME", help="this command")
    options = parser.parse_args()
    lives, findings = 0, []
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        store = Store(cluster, options, Path(folder))
        for name, (command, before) in commands(options.digit, store).items():
            if options.only and name not in options.only:
                continue
            right = {kind: store.live(options.library, command, kind, 0, before) for kind in turns.KINDS}
            assert right["memory"].status == 0, right["memory"].said
            calls = {kind: left.calls for kind, left in right.items()}

            def turn(kind, at, command=command, before=before, right=right):
                judge(store.live(options.library, command, kind, at, before), right[kind], kind)

            more, found = turns.take(name, options, calls, turn)
            print(f"{name}: {calls}", file=sys.stderr)
            lives += more
            findings += found
    turns.tell("hdfs", lives, findings)


if __name__ == "__main__":
    sys.exit(run_main(main))
