"""digit evaluate, with the weights that are shipped and MNIST's test images."""
import json
import re
import unittest

from tool import DATA, SOURCE, ToolTest, need_data, run

setUpModule = need_data


class Evaluate(ToolTest):
    @classmethod
    def setUpClass(cls):
        done = run("evaluate", "--data", DATA, "--json", "--quiet")
        assert done.returncode == 0 and done.stderr == b"", done.stderr
        cls.found = json.loads(done.stdout)
        cls.card = json.loads((SOURCE / "model/weights/cnn_mnist.json").read_text())

    def test_the_shipped_model_is_good(self):
        self.assertEqual(self.found["images"], 10000)
        self.assertGreaterEqual(self.found["accuracy"], 0.99)

    def test_the_card_tells_the_truth(self):
        self.assertEqual(self.found["model"]["name"], self.card["name"])
        self.assertEqual(self.found["model"]["version"], self.card["version"])
        # Another libtorch or BLAS may round a picture or two to the other side.
        self.assertAlmostEqual(self.found["accuracy"], self.card["test"]["accuracy"], delta=2e-4)
        self.assertAlmostEqual(self.found["loss"], self.card["test"]["loss"], delta=1e-4)

    def test_figures_follow_from_the_matrix(self):
        matrix = self.found["confusion"]
        self.assertEqual(sum(map(sum, matrix)), 10000)
        self.assertEqual(sum(matrix[i][i] for i in range(10)), self.found["correct"])
        self.assertEqual(self.found["correct"] / 10000, self.found["accuracy"])
        for digit, figures in enumerate(self.found["classes"]):
            self.assertEqual(figures["digit"], digit)
            self.assertEqual(figures["images"], sum(matrix[digit]))
            precision = matrix[digit][digit] / sum(row[digit] for row in matrix)
            recall = matrix[digit][digit] / sum(matrix[digit])
            self.assertAlmostEqual(figures["precision"], precision, places=12)
            self.assertAlmostEqual(figures["recall"], recall, places=12)
            f1 = 2 * precision * recall / (precision + recall)
            self.assertAlmostEqual(figures["f1"], f1, places=12)

    def test_text_says_the_same(self):
        done = run("evaluate", "--data", DATA, "--limit", "1000")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = done.stdout.decode()
        self.assertRegex(said, r"(?m)^images    1000$")
        self.assertRegex(said, r"(?m)^accuracy  \d+\.\d\d% \(\d+ wrong\)$")
        rows = re.findall(r"(?m)^ {4}\d((?: +\d+){10})$", said)
        self.assertEqual(len(rows), 10)
        self.assertEqual(sum(int(n) for row in rows for n in row.split()), 1000)
        self.assertIn(b"evaluate", done.stderr)

    def test_limit(self):
        few, all_of_them = (json.loads(run("evaluate", "--data", DATA, "--quiet", "--json", "--limit", n).stdout)
                            for n in ("5", "10001"))
        self.assertEqual(sum(map(sum, few["confusion"])), 5)
        self.assertEqual(sum(map(sum, all_of_them["confusion"])), 10000)

    def test_missing_data(self):
        self.fails(1, "t10k-images-idx3-ubyte is not there; run ./dev data", "evaluate", "--data", self.folder)


if __name__ == "__main__":
    unittest.main()
