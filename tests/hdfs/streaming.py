"""The data set in a real HDFS: prepared by a Streaming job, trained from, scored by another.

    streaming.py DIGIT DIGITD WEIGHTS DATA [--yarn] [--sample N]

All that the preparing job finds out about all 70,000 images, and about planted lines, must equal what
tests/preparing.py computes in the plainest way. Training from HDFS must give the bytes that training
from files gives. Scores must be the server's answers: on all images, or on N of them.
"""

import argparse
import base64
import importlib.util
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from support import ROOT, SKIPPED, Cluster, Failure, run_main

sys.path.insert(0, str(ROOT / "tests"))
import preparing  # noqa: E402

TOLERANCE = 1e-6
A_REQUEST = 250  # images
THREADS = 4


def http_support():
    """What the tests over HTTP share; another module of the same name as ours."""
    spec = importlib.util.spec_from_file_location("http_support", ROOT / "tests/http/support.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expect(found, *what):
    if not found:
        raise Failure(" ".join(map(str, what)))


class Test:
    def __init__(self, cluster, folder, arguments):
        self.cluster = cluster
        self.folder = pathlib.Path(folder)
        self.digit, self.digitd = arguments.digit.resolve(), arguments.digitd.resolve()
        self.weights = arguments.weights.resolve()
        self.data = arguments.data.resolve()
        self.yarn = arguments.yarn
        self.url = cluster.url + "/mnist"
        self.records = preparing.read_mnist(self.data)
        self.started = time.monotonic()

    def say(self, text):
        print(f"{time.monotonic() - self.started:6.1f} s  {text}", flush=True)

    def run(self, *words, **environment):
        """A program's standard output."""
        environment = {**os.environ, "DIGIT": str(self.digit), "DIGITD_HDFS": str(self.cluster.folder), **environment}
        done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        expect(done.returncode == 0, " ".join(map(str, words)), "ends with", done.returncode, done.stderr.decode())
        return done.stdout

    def prepare(self, *more):
        framework = ["--yarn"] if self.yarn else []
        self.run(ROOT / "train/hadoop/prepare.sh", "--data", self.data, *framework, *more, self.url)
        return json.loads(self.run(self.digit, "statistics", "--json", self.url + "/prepared"))

    def check_statistics(self, said, records, invalid):
        found = preparing.differences(said, preparing.statistics(records))
        expect(not found, "\n".join(found))
        keys = [line["key"] for line in said["invalid"]]
        expect(keys == sorted(invalid), "invalid:", keys, "and not", invalid)

    def prepared_is_what_went_in(self):
        said = self.prepare()
        self.check_statistics(said, self.records, [])
        self.say(f"one reducer: all {len(self.records)} images, as computed here")
        got = self.run(self.digit, "records", self.url + "/prepared")
        expect(got == b"".join(preparing.line(*r) for r in self.records), "the prepared records are others")
        self.say("the prepared records are the files' pictures, in their order")

    def planted(self):
        """Lines of our own: the records among them, and the keys of the others."""
        pick = random.Random(3)
        records = [(f"blank/{i}", i, bytes([40 * i] * 784)) for i in range(5)]
        for i in range(200):
            _, label, pixels = pick.choice(self.records)
            records.append((f"copy/{i:05}", label if i % 4 else (label + 1) % 10, pixels))
        lines = [preparing.line(*r) for r in records]
        invalid = []
        for i in range(50):
            key, label, pixels = pick.choice(self.records)
            line = preparing.line(f"broken/{i}", label, pixels)
            lines.append(line[:pick.randrange(12, 1000) // 4 * 4 + 1] + b"\n")
            invalid.append(f"broken/{i}")
        pick.shuffle(lines)
        return b"".join(lines), records, invalid

    def planted_lines_are_found(self):
        text, records, invalid = self.planted()
        more = self.folder / "planted.tsv"
        more.write_bytes(text)
        said = self.prepare("--overwrite", "--reduces", "3", "--more", more)
        self.check_statistics(said, self.records + records, invalid)
        expect(len(said["duplicates"]) == 200 and len(said["blank"]) == 5, "what was planted is not all there")
        self.say(f"three reducers: {len(records)} planted records and {len(invalid)} broken lines found")

    def train(self, name, data):
        out = self.folder / name / "small.pth"
        out.parent.mkdir()
        self.run(self.digit, "train", "--data", data, "--limit", "640", "--epochs", "1", "--threads", "1", "--quiet",
                 "--out", out, SOURCE_DATE_EPOCH="86400", ASAN_OPTIONS="detect_leaks=0")
        return out.read_bytes(), out.with_suffix(".json").read_bytes()

    def training_is_the_same(self):
        if not (self.digit.parents[1] / "lib/digit/digit_trainer_torch.so").exists():
            self.say("no training: there is no libtorch")
            return
        expect(self.train("files", self.data) == self.train("hdfs", self.url + "/prepared"),
               f"training from {self.url}/prepared gives other weights or another card")
        self.say("training from HDFS: the same weights and card, byte for byte, as from files")

    def scores(self):
        """What the scoring job writes: (digit, probabilities) by key."""
        ship = [self.digit, self.weights, self.weights.with_suffix(".json")]
        self.cluster.streaming(
            "-D", f"mapreduce.framework.name={'yarn' if self.yarn else 'local'}", "-D", "mapreduce.job.reduces=0",
            "-files", ",".join(map(str, ship)),
            "-mapper", f"digit score --engine native --model {self.weights.name}",
            "-input", "/mnist/prepared", "-output", "/mnist/scores", cwd=self.folder)
        names = [name for name in self.cluster.list("/mnist/scores") if name.startswith("part-")]
        lines = b"".join(self.cluster.get(f"/mnist/scores/{name}") for name in names).decode().splitlines()
        rows = [line.split("\t") for line in lines]
        expect(all(len(row) == 12 for row in rows), "a record was not scored:", next((r for r in rows if len(r) != 12), ""))
        expect(len(rows) == len(self.records) + 205, f"{len(rows)} records were scored")
        return {row[0]: (int(row[1]), [float(p) for p in row[2:]]) for row in rows}

    def ask(self, http, server, wanted, answers):
        with server.connect() as connection:
            for at in range(0, len(wanted), A_REQUEST):
                part = wanted[at:at + A_REQUEST]
                images = [base64.b64encode(http.png(pixels)).decode() for _, _, pixels in part]
                response = http.request(connection, "POST", "/predict", json.dumps({"images": images}).encode(),
                                        "application/json")
                expect(response.status == 200, "the server answers", response.status, response.body[:300])
                for (key, _, _), answer in zip(part, json.loads(response.body)["predictions"]):
                    answers[key] = (answer["prediction"], answer["probabilities"])

    def served(self, wanted):
        """The server's answers over real sockets, by key."""
        http, answers = http_support(), {}
        with http.Server([self.digitd, "--model", self.weights, "--engine", "native"],
                         ["--images-max", A_REQUEST, "--body-max", 1 << 24]) as server:
            http.in_threads(THREADS, lambda first: self.ask(http, server, wanted[first::THREADS], answers))
        return answers

    def scores_are_the_servers_answers(self, sample):
        scores = self.scores()
        self.say(f"scored {len(scores)} records by a job")
        wanted = self.records if sample == 0 else random.Random(4).sample(self.records, sample)
        answers = self.served(wanted)
        largest, equal = 0.0, 0
        for key, (digit, probabilities) in answers.items():
            expect(scores[key][0] == digit, f"{key}: {scores[key][0]}; the server says {digit}")
            difference = max(abs(a - b) for a, b in zip(scores[key][1], probabilities))
            largest = max(largest, difference)
            equal += difference == 0
        expect(len(answers) == len(wanted), f"{len(answers)} answers for {len(wanted)} images")
        expect(largest <= TOLERANCE, f"a probability differs by {largest}")
        self.say(f"{len(answers)} answers of the server: the same digits; {equal} with the same ten probabilities "
                 f"to the last bit, the largest difference is {largest:.2g}")


def main():
    parser = argparse.ArgumentParser()
    for name in "digit", "digitd", "weights", "data":
        parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--yarn", action="store_true")
    parser.add_argument("--sample", type=int, default=0)
    arguments = parser.parse_args()
    if not (arguments.data / "train-images-idx3-ubyte").exists():
        print(f"skipped: MNIST is not in {arguments.data}; run ./dev data")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="digit-streaming-") as folder, Cluster(yarn=arguments.yarn) as cluster:
        test = Test(cluster, folder, arguments)
        test.prepared_is_what_went_in()
        test.planted_lines_are_found()
        test.training_is_the_same()
        test.scores_are_the_servers_answers(arguments.sample)


if __name__ == "__main__":
    sys.exit(run_main(main))
