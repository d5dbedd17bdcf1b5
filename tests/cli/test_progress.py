"""Long work shows at a terminal how far it is, how fast, and how long it will still take."""
import subprocess
import sys
import unittest

from tool import SOURCE, WEIGHTS, ToolTest, at_terminal

sys.path.insert(0, str(SOURCE / "tests"))
import preparing  # noqa: E402

NATIVE = ("--engine", "native")


def bar(name, unit):
    """As often as there is time for, and full at the end."""
    rest = rf"  {name}  [^\r]*\d+ {unit}/s  "
    return rf"(\r\[[# ]{{24}}\] +\d+%{rest}\d+:\d\d left\x1b\[K)*\r\[#{{24}}\] 100%{rest}0:00 left\x1b\[K\r\n"


class Progress(ToolTest):
    def shows(self, expected, *words):
        status, said = at_terminal(*words, stdout=subprocess.DEVNULL)
        self.assertEqual(status, 0, said)
        self.assertRegex(said, "^" + expected + "$")

    def test_pictures(self):
        data = ("--data", preparing.make_mnist(self.folder / "data"), *NATIVE)
        images = bar("evaluate", "images")
        self.shows(images, "evaluate", *data)
        self.shows(images + images, "compare", *data, "--limit", "1000", WEIGHTS, WEIGHTS)
        self.shows(images, "report", *data, "--limit", "1000", "--out", self.folder / "report")
        self.shows("", "evaluate", *data, "--quiet")

    def test_files(self):
        store = f"file://{self.folder}/store/"
        file = self.folder / "a file"
        file.write_bytes(bytes(100000))
        self.shows(bar("a file", "KiB"), "publish", file, store)
        self.shows(bar("a file", "KiB"), "fetch", store + "a file", self.folder / "again")
        file.write_bytes(b"")
        self.shows("", "publish", file, store)
        self.shows(f"({bar('cnn_mnist.pth', 'KiB')})+", "publish", WEIGHTS, store)
        self.shows(f"({bar('cnn_mnist.pth', 'KiB')})+", "fetch", store + "cnn_mnist.pth", self.folder / "m.pth")


if __name__ == "__main__":
    unittest.main()
