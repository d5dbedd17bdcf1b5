"""Help, version and wrong command lines: what needs neither libtorch nor data."""
import subprocess
import unittest

from tool import PROGRAM, ToolTest

COMMANDS = {
    "train", "evaluate", "predict", "explore", "compare", "report",
    "publish", "fetch", "records", "score", "statistics",
}


class Usage(ToolTest):
    def test_help_names_every_command(self):
        said = self.ok("--help")
        self.assertTrue(said.startswith("Usage: digit COMMAND"))
        named = {line.split()[0] for line in said.splitlines() if line.startswith("  ")}
        self.assertEqual(named - {"--help", "--version"}, COMMANDS)

    def test_help_of_each_command(self):
        for command in COMMANDS:
            said = self.ok(command, "--help")
            self.assertTrue(said.startswith(f"Usage: digit {command} [OPTION]..."), said)
            self.assertIn("--help", said)
            self.assertEqual(said, self.ok(command, "-h"))

    def test_help_tells_the_default_recipe(self):
        said = self.ok("train", "--help")
        for flag, default in {
            "epochs": "5",
            "batch": "64",
            "learning-rate": "0.001",
            "seed": "1",
            "network": "cnn",
            "data": "data",
        }.items():
            line = next(l for l in said.splitlines() if l.startswith(f"  --{flag} "))
            self.assertTrue(line.endswith(f"(default: {default})"), line)

    def test_version(self):
        first, *rest = self.ok("--version").splitlines()
        self.assertRegex(first, r"^digit \(digitd\) \d+\.\d+\.\d+$")
        self.assertIn("MIT", rest[0])

    def test_no_command(self):
        self.fails(2, "a command is missing; see 'digit --help'")

    def test_unknown_words(self):
        self.fails(2, "there is no command 'fly'; see 'digit --help'", "fly")
        self.fails(2, "there is no option '--fly'; see 'digit --help'", "--fly")
        for command in COMMANDS:
            self.fails(2, f"there is no option '--fly'; see 'digit {command} --help'", command, "--fly")

    def test_wrong_values(self):
        self.fails(2, "--epochs is '0'; it must be a whole number, 1 to", "train", "--epochs", "0")
        self.fails(2, "--batch needs a value", "train", "--batch")
        self.fails(2, "--learning-rate is 'fast'", "train", "--learning-rate=fast")
        self.fails(2, "FILE... is missing", "predict")
        self.fails(2, "'data' is one word too many", "evaluate", "data")

    def test_full_output_is_a_failure(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "--help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, b"digit: the output cannot be written\n")

    def test_missing_model(self):
        self.fails(1, "no/such.pth", "predict", "--model", "no/such.pth", "x.png")

    def test_model_that_is_none(self):
        path = self.folder / "broken.pth"
        path.write_bytes(b"PK\3\4 but no archive")
        self.fails(1, "broken.pth", "evaluate", "--model", path)

    def test_unknown_engine(self):
        said = self.fails(1, "there is no engine 'abacus'; there is: ", "predict", "--engine", "abacus", "x")
        self.assertIn("torch", said)


class WithoutLibtorch(ToolTest):
    def test_program_does_not_need_it(self):
        linked = subprocess.run(["ldd", PROGRAM], stdout=subprocess.PIPE, check=True).stdout
        self.assertNotIn(b"libtorch", linked)
        self.assertNotIn(b"libc10", linked)

    def test_says_what_to_do(self):
        elsewhere = {"DIGIT_PLUGIN_DIR": str(self.folder)}
        said = self.fails(
            1, "engine 'torch' is not installed", "predict", "--engine", "torch", "x.png",
            program=self.alone(), env=elsewhere,
        )
        self.assertIn("libtorch-dev", said)
        self.assertIn(f"digit_engine_torch.so was not found in {self.folder}", said)


if __name__ == "__main__":
    unittest.main()
