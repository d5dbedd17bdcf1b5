"""What the tests of `digit` against Hadoop share: running it, and saying what was expected of it."""

import os
import pathlib
import subprocess
import time

from support import ROOT, Failure

WEIGHTS = ROOT / "model" / "weights" / "cnn_mnist.pth"
DOWN = 3  # the exit status where a store could not be reached


class Tool:
    def __init__(self, program):
        self.program = pathlib.Path(program).resolve()
        # No proxy of the environment may come between us and loopback: digit asks none.
        self.environment = {**os.environ, "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        if "ASAN_OPTIONS" not in os.environ:
            self.environment["ASAN_OPTIONS"] = "detect_leaks=1"

    def start(self, *words, **more):
        return subprocess.Popen([str(self.program), *map(str, words)], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
                                env={**self.environment, **more})

    def run(self, *words, status=0, says="", **more):
        """Runs `digit words...`; gives what it prints on stderr."""
        process = self.start(*words, **more)
        _, said = process.communicate(timeout=120)
        expect(process.returncode == status and says in said,
               f"digit {' '.join(map(str, words))}: status {process.returncode}, not {status}, or "
               f"it does not say '{says}': {said}")
        return said

    def publish(self, path, url, *words, **more):
        return self.run("publish", path, url, "--quiet", *words, **more)

    def fetch(self, url, path, *words, **more):
        return self.run("fetch", url, path, "--quiet", *words, **more)


def expect(condition, what):
    if not condition:
        raise Failure(what)


def same(found, wanted, what):
    if found != wanted:
        shown = [f"{len(x)} bytes" if isinstance(x, bytes) and len(x) > 200 else repr(x)
                 for x in (found, wanted)]
        raise Failure(f"{what}: {shown[0]}, not {shown[1]}")


def fails_at(what, context):
    """Runs `what`, and says where a finding was made."""
    try:
        what()
    except Failure as finding:
        raise Failure(f"{context}: {finding}") from finding


def run_all(tests, *arguments):
    for test in tests:
        began = time.monotonic()
        fails_at(lambda: test(*arguments), test.__name__)
        print(f"{time.monotonic() - began:6.1f} s  {test.__name__}", flush=True)
