"""What `digit` does with a real HDFS: publish and fetch, over what is there and not, as another user,
over quotas, in safe mode, over TLS, with tokens; and `digit train --publish` when HDFS is down.

usage: store.py DIGIT [DATA]    (without DATA, nothing is trained)
"""

import json
import pathlib
import re
import shlex
import struct
import sys
import tempfile
import time

from proxy import Proxy
from support import Cluster, run_main
from tool import DOWN, WEIGHTS, Tool, expect, run_all, same

DAY_MS = 24 * 60 * 60 * 1000


class Bench:
    def __init__(self, cluster, tool, folder, data):
        self.cluster, self.tool, self.data = cluster, tool, data
        self.folder = pathlib.Path(folder)
        self.text, self.other = self.folder / "text.bin", self.folder / "other.bin"
        self.text.write_bytes(b"text" * 50_000)
        self.other.write_bytes(b"other" * 10_000)
        self.small = self.folder / "small.bin"
        self.small.write_bytes(b"small")

    def url(self, path):
        return self.cluster.url + path

    def names(self, folder):
        return self.cluster.list(folder)

    def ask(self, *words, **more):
        status, answer = self.cluster.webhdfs(*words, **more)
        same(status, 200, f"the status of {words}, {answer}")

    def check(self, path, wanted):
        same(self.cluster.get(path), wanted, path)
        folder = path.rpartition("/")[0]
        expect(not [name for name in self.names(folder) if name.endswith(".tmp")],
               f"a temporary file is left in {folder}")


def files_go_there_and_back(bench):
    empty, back = bench.folder / "empty", bench.folder / "back"
    empty.write_bytes(b"")
    for path in bench.text, bench.other, empty:
        bench.tool.publish(path, bench.url("/a/new/folder/file"))
        bench.check("/a/new/folder/file", path.read_bytes())
        bench.tool.fetch(bench.url("/a/new/folder/file"), back)
        same(back.read_bytes(), path.read_bytes(), "what came back")
    bench.tool.publish(bench.text, bench.url("/a/"))
    bench.check("/a/text.bin", bench.text.read_bytes())


def names_of_all_kinds(bench):
    for name in "a b", "100%", "a%20b", "ü€😀", "a?b=c", "a#b", "a&b+c;d", "a'b\"c", "[a]{b}<c>":
        url = bench.url("/names/" + name)
        bench.tool.publish(bench.other, url)
        bench.tool.fetch(url, bench.folder / "back")
        same((bench.folder / "back").read_bytes(), bench.other.read_bytes(), name)
        same(name in bench.names("/names"), True, name)


def models_go_with_their_cards(bench):
    url, back = bench.url("/models/cnn.pth"), bench.folder / "back.pth"
    bench.tool.publish(WEIGHTS, url)
    same(bench.names("/models"), ["cnn.json", "cnn.pth"], "what is published")
    bench.tool.fetch(url, back)
    same(back.read_bytes(), WEIGHTS.read_bytes(), "the weights")
    same(back.with_suffix(".json").read_bytes(), WEIGHTS.with_suffix(".json").read_bytes(), "the card")


def what_does_not_belong_together(bench):
    """A card of other weights: here, it is not published; there, it is not fetched."""
    url, mine = bench.url("/models/cnn.pth"), bench.folder / "mine.pth"
    card = WEIGHTS.with_suffix(".json").read_text()
    sha256 = json.loads(card)["sha256"]
    wrong = card.replace(sha256, "0" * 64).replace(sha256[:12], "0" * 12)
    mine.write_bytes(WEIGHTS.read_bytes())
    mine.with_suffix(".json").write_text(wrong)
    bench.tool.publish(mine, url, status=1, says="belongs to other weights")
    mine.with_suffix(".json").unlink()
    bench.tool.publish(mine, url, status=1, says="has no card")
    bench.check("/models/cnn.pth", WEIGHTS.read_bytes())
    bench.check("/models/cnn.json", card.encode())
    bench.cluster.put("/models/cnn.json", wrong.encode())
    back = bench.folder / "back.pth"
    back.write_bytes(b"old")
    bench.tool.fetch(url, back, status=1, says="belongs to other weights")
    same(back.read_bytes(), b"old", "what was there before the fetch")
    bench.tool.publish(WEIGHTS, url)
    bench.check("/models/cnn.json", card.encode())


def the_card_that_cannot_be_replaced(bench):
    """A folder has its name: the weights, which are in place by then, go back."""
    bench.cluster.put("/half/m.pth", b"old weights")
    bench.ask("PUT", "/half/m.json", "MKDIRS")
    bench.tool.publish(WEIGHTS, bench.url("/half/m.pth"), status=1,
                       says="what was there before is there again")
    bench.check("/half/m.pth", b"old weights")
    same(bench.names("/half"), ["m.json", "m.pth"], "what is left")


def what_is_not_there(bench):
    back = bench.folder / "none"
    for path in "/none", "/none/at/all", "/models/none.pth":
        bench.tool.fetch(bench.url(path), back, status=1, says="there is no '")
    bench.tool.fetch(bench.url("/models"), back, status=1, says="is a folder and not a file")
    bench.tool.publish(bench.text, bench.url("/models/cnn.pth/below"), status=1,
                       says="ParentNotDirectoryException")
    expect(not back.exists(), "something was fetched")


def who_may_and_who_may_not(bench):
    bench.ask("PUT", "/shut", "MKDIRS", permission="700")
    bench.cluster.put("/shut/file", b"old")
    guest = "--user", "guest"
    bench.tool.publish(bench.text, bench.url("/shut/file"), *guest, status=1, says="Permission denied")
    bench.tool.fetch(bench.url("/shut/file"), bench.folder / "no", *guest, status=1,
                     says="Permission denied")
    bench.check("/shut/file", b"old")
    bench.ask("PUT", "/open", "MKDIRS", permission="777")
    bench.tool.publish(bench.text, bench.url("/open/file"), *guest)
    same(bench.cluster.webhdfs("GET", "/open/file", "GETFILESTATUS")[1]["FileStatus"]["owner"],
         "guest", "the owner")


def quotas_that_are_full(bench):
    for quota, folder in ({"namespacequota": 2}, "/few"), ({"storagespacequota": 3 << 20}, "/small"):
        bench.cluster.put(f"{folder}/file", b"old", blocksize="1048576")
        bench.ask("PUT", folder, "SETQUOTA", **quota)
        bench.tool.publish(bench.text, bench.url(f"{folder}/file"), status=1,
                           says="QuotaExceededException")
        bench.check(f"{folder}/file", b"old")


def files_that_killed_processes_left(bench):
    """Those of the same name and older than a day are found in a folder of more than a page."""
    for number in range(1001):
        bench.ask("PUT", f"/many/.a{number}", "MKDIRS")
    stale = "/many/.file.0123456789abcdef.tmp", "/many/.else.0123456789abcdef.tmp"
    fresh = "/many/.file.00000000000000ff.tmp"
    for path in *stale, fresh:
        bench.cluster.put(path, b"left")
    for path in stale:
        bench.ask("PUT", path, "SETTIMES", accesstime=1,
                     modificationtime=int(time.time() * 1000) - DAY_MS - 60_000)
    bench.tool.publish(bench.text, bench.url("/many/file"))
    same([name for name in bench.names("/many") if not name.startswith(".a")],
         [stale[1].rpartition("/")[2], fresh.rpartition("/")[2], "file"], "what is left")


def safe_mode(bench):
    """It passes by itself: who has the patience, publishes in the end."""
    bench.cluster.put("/safe/file", b"old")
    bench.cluster.dfsadmin("-safemode", "enter")
    # Fits into one send: a DataNode that refuses hangs up, and more would find it gone.
    bench.tool.publish(bench.small, bench.url("/safe/file"), "--attempts", "1", status=DOWN,
                       says="SafeModeException")
    bench.tool.fetch(bench.url("/safe/file"), bench.folder / "back")
    bench.check("/safe/file", b"old")
    waiting = bench.tool.start("publish", bench.text, bench.url("/safe/file"), "--attempts", "20")
    bench.cluster.dfsadmin("-safemode", "leave")
    said = waiting.communicate(timeout=60)[1]
    same(waiting.returncode, 0, f"the status of who waited ({said})")
    bench.check("/safe/file", bench.text.read_bytes())


def redirects_that_are_not_allowed(bench):
    port = bench.cluster.ports["datanode1_http"]
    bench.tool.publish(bench.text, bench.url("/a/file"), "--redirect-hosts", "127.0.0.1:1,localhost",
                       status=1, says="none of the redirect hosts")
    expect("file" not in bench.names("/a"), "a file was published")
    bench.tool.publish(bench.text, bench.url("/a/file"), "--redirect-hosts",
                       f"127.0.0.1:1,127.0.0.1:{port}")
    bench.tool.fetch(bench.url("/a/file"), bench.folder / "back", "--redirect-hosts", "127.0.0.1:1",
                     status=1, says="none of the redirect hosts")


def tokens_are_shown_and_not_told(bench):
    token, path = "SecretSecret_-Secret=", bench.folder / "token"
    path.write_text(token + "\n")
    with Proxy(bench.cluster.ports["namenode1_http"]) as proxy:
        url = f"webhdfs://127.0.0.1:{proxy.port}/a/none"
        said = bench.tool.run("fetch", url, bench.folder / "no", "--token-file", path, "--user", "me",
                              status=1, says="there is no")
        expect(f"delegation={token}&".encode() in proxy.sent.replace(b" ", b"&"), "no token was sent")
        expect(b"user.name" not in proxy.sent, "a name was sent beside the token")
        expect("Secret" not in said, f"the token is told: {said}")
        path.write_text("not a\ntoken &op=DELETE")
        said = bench.tool.run("fetch", url, bench.folder / "no", "--token-file", path, status=1,
                              says="holds no delegation token")
        expect("op=DELETE" not in said, f"what is in the file is told: {said}")


def tls(bench):
    """The certificate is checked, and the data comes over TLS as well."""
    url, back = bench.cluster.tls_url + "/a/tls", bench.folder / "back"
    bench.tool.publish(bench.text, url, "--ca-file", bench.cluster.ca_file)
    bench.tool.fetch(url, back, "--ca-file", bench.cluster.ca_file)
    same(back.read_bytes(), bench.text.read_bytes(), "what came over TLS")
    bench.tool.fetch(url, back, status=1, says="certificate")
    bench.tool.fetch(url, back, "--ca-file", "/no/such/file", status=1, says="/no/such/file")
    plain = url.replace("swebhdfs", "webhdfs")
    bench.tool.fetch(plain, back, status=1, says="HTTP/0.9")


def urls_of_hdfs(bench):
    """Their own port speaks RPC: that of HTTP is an option."""
    port = bench.cluster.ports["namenode1_http"]
    bench.tool.fetch("hdfs://127.0.0.1:8020/a/text.bin", bench.folder / "back", "--hdfs-http-port", port)


def part_of(data, folder):
    """The first images of each file, so that training takes no time."""
    folder.mkdir()
    for split in "train", "t10k":
        for name, header_len, item_len in ("images-idx3", 16, 784), ("labels-idx1", 8, 1):
            with open(pathlib.Path(data) / f"{split}-{name}-ubyte", "rb") as file:
                header, items = bytearray(file.read(header_len)), file.read(64 * item_len)
            header[4:8] = struct.pack(">I", 64)
            (folder / f"{split}-{name}-ubyte").write_bytes(header + items)
    return folder


def train(bench, out, *urls):
    words = [word for url in urls for word in ("--publish", url)]
    process = bench.tool.start("train", "--data", bench.data, "--epochs", "1",
                               "--threads", "1", "--quiet", "--attempts", "1", "--out", out, *words,
                               ASAN_OPTIONS="detect_leaks=0")
    said = process.communicate(timeout=300)[1]
    return process.returncode, said


def training_publishes(bench):
    out, copy = bench.folder / "trained.pth", bench.folder / "copies" / "trained.pth"
    status, said = train(bench, out, bench.url("/trained/"), copy)
    same(status, 0, f"the status ({said})")
    bench.check("/trained/trained.pth", out.read_bytes())
    bench.check("/trained/trained.json", out.with_suffix(".json").read_bytes())
    same(copy.read_bytes(), out.read_bytes(), "the local copy")


def training_while_hdfs_is_down(bench):
    """The model is on the disk, and what is to be typed later works as it is said."""
    out = bench.folder / "it's late.pth"
    bench.cluster.stop()
    status, said = train(bench, out, bench.url("/trained/late.pth"), bench.folder / "copies/late.pth")
    same(status, DOWN, f"the status ({said})")
    same(said.count("\n"), 1, f"the lines of '{said}'")
    expect(out.exists() and (bench.folder / "copies/late.pth").exists(), "the model was not saved")
    command = shlex.split(re.search(r"later: digit (.*)$", said).group(1))
    same(command[:3], ["publish", str(out), bench.url("/trained/late.pth")], "the command")
    bench.cluster.restart()
    bench.tool.run(*command, "--attempts", "20")
    bench.check("/trained/late.pth", out.read_bytes())


def main():
    tool = Tool(sys.argv[1])
    data = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(prefix="digit-store-") as folder:
        with Cluster(tls=True) as cluster:
            tests = [files_go_there_and_back, names_of_all_kinds, models_go_with_their_cards,
                     what_does_not_belong_together, the_card_that_cannot_be_replaced,
                     what_is_not_there, who_may_and_who_may_not, quotas_that_are_full,
                     files_that_killed_processes_left, safe_mode, redirects_that_are_not_allowed,
                     tokens_are_shown_and_not_told, tls, urls_of_hdfs]
            if data:
                data = part_of(data, pathlib.Path(folder) / "data")
                tests += [training_publishes, training_while_hdfs_is_down]
            run_all(tests, Bench(cluster, tool, folder, data))


if __name__ == "__main__":
    sys.exit(run_main(main))
