"""bench_engine measures what it is asked to measure, and all engines answer alike.

    test_bench_engine.py BENCH_ENGINE MODEL IMAGES

Nothing here depends on how long anything takes.
"""

import subprocess
import sys
import unittest

from worker import Worker

COMMAND = sys.argv[1:4]
SHORT = 0.01


class BenchEngine(unittest.TestCase):
    def setUp(self):
        self.worker = Worker(*COMMAND)
        self.worker.__enter__()
        self.addCleanup(self.worker.__exit__, None)

    def test_every_engine_gives_the_same_answers_at_every_batch(self):
        engines = self.worker.has["engines"]
        self.assertTrue(any(name.startswith("native-") for name in engines), engines)
        answers = set()
        for engine in engines:
            for batch in (1, 3, 128):
                result = self.worker.ask("run", engine, batch, "digits", SHORT)
                self.assertTrue(result["us"] and all(us > 0 for us in result["us"]), result)
                answers.add(result["answers"])
        self.assertEqual(len(answers), 1, answers)
        answers = answers.pop()
        self.assertEqual(len(answers), 128)
        self.assertEqual(set(answers), set("0123456789"))

    def test_random_pixels_are_other_pictures(self):
        engine = next(iter(self.worker.has["engines"]))
        digits, dense = (
            self.worker.ask("run", engine, 8, kind, SHORT)["answers"]
            for kind in ("digits", "dense")
        )
        self.assertNotEqual(digits, dense)

    def test_the_peak_of_each_instruction_set(self):
        self.assertTrue(self.worker.has["isas"])
        for isa in self.worker.has["isas"]:
            self.assertGreater(self.worker.ask("peak", isa, SHORT)["gflops"], 0)


class Refusals(unittest.TestCase):
    def refused(self, command, given=""):
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1), done)
        return done.stderr

    def test_what_is_no_request(self):
        for line in (
            "run nobody 8 digits 1",
            "run native-avx2 0 digits 1",
            "peak 286 1",
            "go",
            "run",
        ):
            self.assertIn(line, self.refused(COMMAND, line))

    def test_what_is_no_data_set(self):
        self.refused([COMMAND[0], COMMAND[1], COMMAND[1]])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
