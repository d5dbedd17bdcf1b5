"""digit train with each network, and with a user's own: a few hundred images, one pass."""
import json
import unittest

from tool import DIGITS, ToolTest, part_of_data, run

PART = part_of_data({"train": 640, "t10k": 1000})
SHORT = ["--data", PART, "--epochs", "1", "--threads", "1", "--quiet"]
PARAMETERS = {"cnn": 421642, "lenet": 61706, "mlp": 407050}
OWN = {
    "name": "tiny",
    "layers": [
        {"kind": "conv2d", "name": "conv1", "out": 8, "kernel": 5, "padding": 2},
        {"kind": "relu"},
        {"kind": "maxpool2d", "kernel": 4},
        {"kind": "flatten"},
        {"kind": "dropout", "probability": 0.25},
        {"kind": "linear", "name": "fc1", "out": 10},
        {"kind": "log_softmax"},
    ],
}


class Networks(ToolTest):
    def train(self, name, network, *more):
        """Trains into the test's folder; gives the card."""
        self.ok("train", *SHORT, "--network", network, "--out", self.folder, *more)
        files = sorted(path.name for path in self.folder.iterdir() if path.stem.endswith("_mnist"))
        self.assertEqual(files, [f"{name}_mnist.json", f"{name}_mnist.pth"])
        card = json.loads((self.folder / f"{name}_mnist.json").read_text())
        self.assertEqual(card["name"], f"{name}_mnist")
        self.assertEqual(card["network"]["name"], name)
        return card

    def write(self, network):
        path = self.folder / "my.json"
        path.write_text(network if isinstance(network, str) else json.dumps(network))
        return path

    def engines_agree(self, name, card):
        """Both engines find what the trainer found, and the same for every picture."""
        model = self.folder / f"{name}_mnist.pth"
        pictures = sorted(DIGITS.glob("*.png"))
        answers = []
        for engine in "native", "torch":
            found = json.loads(self.ok("evaluate", "--data", PART, "--model", model, "--engine", engine,
                                       "--json", "--quiet"))
            self.assertAlmostEqual(found["accuracy"], card["test"]["accuracy"], delta=5e-4)
            self.assertAlmostEqual(found["loss"], card["test"]["loss"], delta=1e-4)
            said = self.ok("predict", "--model", model, "--engine", engine, "--json", *pictures)
            answers.append([json.loads(line)["probabilities"] for line in said.splitlines()])
        for native, torch in zip(*answers):
            for a, b in zip(native, torch):
                self.assertAlmostEqual(a, b, delta=1e-5)

    def test_each_is_trained_and_evaluated(self):
        for name, parameters in PARAMETERS.items():
            with self.subTest(network=name):
                card = self.train(name, name)
                self.assertEqual(card["parameters"], parameters)
                # Guessing gives 0.1; ten steps give 0.4 at the least.
                self.assertGreater(card["test"]["accuracy"], 0.25)
                self.engines_agree(name, card)
                for path in self.folder.iterdir():
                    path.unlink()

    def test_a_network_of_ones_own(self):
        card = self.train("tiny", self.write(OWN))
        said = [{k: v for k, v in layer.items() if k != "in"} for layer in card["network"]["layers"]]
        self.assertEqual(said, OWN["layers"])
        self.assertGreater(card["test"]["accuracy"], 0.25)
        self.engines_agree("tiny", card)

    def test_dropout_is_for_training_only(self):
        """The same weights: with dropout the first loss differs, what is served does not."""
        step = ["--learning-rate", "1e-38"]
        without = dict(OWN, layers=[layer for layer in OWN["layers"] if layer["kind"] != "dropout"])
        tests = [self.train("tiny", self.write(network), *step)["test"] for network in (OWN, without)]
        self.assertEqual(*tests)
        with_loss, without_loss = (
            self.loss_while_training(self.write(network), *step) for network in (OWN, without)
        )
        self.assertNotEqual(with_loss, without_loss)

    def loss_while_training(self, network, *more):
        words = [word for word in SHORT if word != "--quiet"]
        done = run("train", *words, "--network", network, "--out", self.folder, *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr.decode().split("epoch 1/1  loss ")[-1].split()[0]

    def test_the_layer_that_does_not_fit_is_named(self):
        layers = OWN["layers"]
        for network, said in (
            (dict(OWN, layers=layers[:3] + layers[4:]),
             "my.json': network 'tiny', layer 5 (linear fc1): its input is not flat"),
            (dict(OWN, layers=layers[:1] + [{"kind": "tanh"}] + layers[1:]),
             "my.json': network 'tiny', layer 2 (?): its 'kind' is 'tanh'; it can be conv2d, "),
            (dict(OWN, layers=layers[:-2]), "network 'tiny' gives 392x1x1 values, not 10"),
            ("{", "my.json': it is not JSON"),
        ):
            with self.subTest(said=said):
                self.fails(1, said, "train", *SHORT, "--network", self.write(network),
                           "--out", self.folder)
        self.fails(1, "cannot open 'no/such.json'", "train", *SHORT, "--network", "no/such.json")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["my.json"])


if __name__ == "__main__":
    unittest.main()
