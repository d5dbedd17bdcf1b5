"""What the command line tests share: the program, the data, a folder that is gone afterwards."""
import os
import pathlib
import pty
import shutil
import struct
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("DIGIT", SOURCE / "build/bin/digit"))
DATA = pathlib.Path(os.environ.get("DIGIT_DATA", SOURCE / "data"))
DIGITS = SOURCE / "tests/data/digits"
WEIGHTS = SOURCE / "model/weights/cnn_mnist.pth"


def run(*words, stdin=None, env=None, program=PROGRAM, cwd=SOURCE):
    """Runs `digit words...` in the source tree; the result's stdout and stderr are text."""
    return subprocess.run(
        [str(program), *map(str, words)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        timeout=300,
    )


def at_terminal(*words, env=None, **streams):
    """The exit status of `digit words...`, and what it writes to a terminal: stdout and stderr, but for streams that
    go elsewhere."""
    here, there = pty.openpty()
    with subprocess.Popen([PROGRAM, *map(str, words)], cwd=SOURCE, stdin=subprocess.DEVNULL, env=env,
                          **{"stdout": there, "stderr": there, **streams}) as child:
        os.close(there)
        said = b""
        try:
            while piece := os.read(here, 65536):
                said += piece
        except OSError:  # how Linux says that nobody is at the other end
            pass
    os.close(here)
    return child.returncode, said.decode()


def need_data():
    if not (DATA / "t10k-images-idx3-ubyte").exists():
        raise AssertionError(f"MNIST is not in {DATA}; run ./dev data, or set DIGIT_DATA")


def part_of_data(counts):
    """A folder with the first images of each split ({"train": N, "t10k": N}), so that a test takes a
    second. It is gone after the module's tests."""
    need_data()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="digit-part-"))
    unittest.addModuleCleanup(shutil.rmtree, folder)
    for split, count in counts.items():
        for name, header_len, item_len in ("images-idx3", 16, 784), ("labels-idx1", 8, 1):
            with open(DATA / f"{split}-{name}-ubyte", "rb") as file:
                header = bytearray(file.read(header_len))
                items = file.read(count * item_len)
            header[4:8] = struct.pack(">I", count)
            (folder / f"{split}-{name}-ubyte").write_bytes(header + items)
    return folder


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="digit-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def alone(self):
        """The program in a folder where it has no plug-ins."""
        alone = self.folder / "bin" / "digit"
        alone.parent.mkdir()
        return pathlib.Path(shutil.copy(PROGRAM, alone))

    def ok(self, *words, **more):
        done = run(*words, **more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def fails(self, status, text, *words, **more):
        """The run ends with that status and says one line, which holds `text`, and nothing else."""
        done = run(*words, **more)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, status, said)
        self.assertIn(text, said)
        self.assertTrue(said.startswith("digit"), said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertEqual(done.stdout, b"")
        return said
