"""Every allocation and every call of the system fails once, each in a run of its own, in commands of `digit`. What
then must hold:

- the program does all that it was to do, or says in one line why it cannot; it never crashes or hangs;
- what it leaves behind is whole: no half a file, and none under another name;
- it gives its memory back.
"""

import random
import subprocess
import sys
import tempfile
import typing
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "http")]
import preparing  # noqa: E402
import turns  # noqa: E402
from support import Server  # noqa: E402

DIGITS = TESTS / "data" / "digits"
PATIENCE = 60
FAILED, STORE_DOWN = 1, 3
IMAGES = 30


class Command(typing.NamedTuple):
    """What is run; {out} in its words is a folder of that run's own."""

    words: list
    given: bytes = b""
    own: bool = False  # only allocations of the program itself fail, none of its libraries'


def make_data(folder):
    """A data set of few pictures."""
    folder.mkdir()
    source = random.Random(1)
    items = [(i % 10, bytes(source.choice((0, 0, 0, 255)) for _ in range(preparing.PIXELS))) for i in range(2 * IMAGES)]
    preparing.write_mnist(folder, items[:IMAGES], items[IMAGES:])
    return folder


def commands(folder, options, url):
    """By name; each has its own parts of the tool. A digitd is at that URL."""
    data, weights = make_data(folder / "data"), options.weights
    pictures = [str(DIGITS / f"{digit}.png") for digit in range(3)]
    records = subprocess.check_output([options.digit, "records", data])
    lines = subprocess.run([options.map], input=records, stdout=subprocess.PIPE, check=True).stdout
    ordered = b"".join(sorted(lines.splitlines(keepends=True)))
    prepared = folder / "prepared"
    prepared.mkdir()
    (prepared / "part-00000").write_bytes(
        subprocess.run([options.reduce], input=ordered, stdout=subprocess.PIPE, check=True).stdout)
    engine = ["--engine", "native"]
    return {
        "predict": Command(["predict", *engine, "--bars", *pictures]),
        "predict-json": Command(["predict", *engine, "--json", "-"], Path(pictures[0]).read_bytes()),
        # OpenSSL, behind libcurl, loses memory at its start, and jansson 2.14 aborts within a number.
        "predict-url": Command(["predict", "--url", url, "--json", *pictures], own=True),
        "evaluate": Command(["evaluate", *engine, "--quiet", "--data", data]),
        "evaluate-prepared": Command(["evaluate", *engine, "--quiet", "--json", "--data", prepared]),
        "compare": Command(["compare", *engine, "--quiet", "--json", "--data", data, weights, weights]),
        "explore": Command(["explore", "--quiet", "--data", data, "--out", "{out}/explored"]),
        "report": Command(["report", *engine, "--quiet", "--data", data, "--out", "{out}/report"]),
        "records": Command(["records", data]),
        "score": Command(["score", *engine, "--quiet", "--threads", "2"], records),
        "statistics": Command(["statistics", "--out", "{out}/means.png", prepared]),
        "publish": Command(["publish", "--quiet", weights, "{out}/", "file://{out}/b/m.pth"]),
        "fetch": Command(["fetch", "--quiet", weights, "{out}/m.pth"]),
    }


class Left(typing.NamedTuple):
    """What a run left."""

    status: int
    printed: bytes
    said: str
    files: dict
    calls: int
    blocks: int


def live(options, command, kind, at=0):
    with tempfile.TemporaryDirectory() as folder:
        out, count = Path(folder) / "out", Path(folder) / "count"
        out.mkdir()
        words = [str(word).replace("{out}", str(out)) for word in command.words]
        try:
            done = subprocess.run([options.digit, *words], input=command.given, check=False,
                                  capture_output=True, timeout=PATIENCE,
                                  env=turns.environment(options.library, kind, at, count, command.own))
        except subprocess.TimeoutExpired:
            raise AssertionError("it hangs") from None
        said = done.stderr.decode()
        assert done.returncode >= 0, f"signal {-done.returncode}, {said}"
        files = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        printed = done.stdout.replace(str(out).encode(), b"{out}")
        return Left(done.returncode, printed, said, files, *map(int, count.read_text().split()))


def judge(left, right):
    for name, content in left.files.items():
        assert name in right.files, f"it leaves {name}"
        assert content == right.files[name], f"{name} is not whole"
    # libzip 1.7 loses a source's context when memory ends while it stacks another on it.
    assert left.blocks <= right.blocks + 1, f"{left.blocks} blocks of memory for {right.blocks}: {left.said}"
    if left.status == 0:
        assert left.printed == right.printed, "it prints something else"
        assert left.files.keys() == right.files.keys(), f"it leaves no {right.files.keys() - left.files.keys()}"
        return
    assert left.status in (FAILED, STORE_DOWN), f"status {left.status}: {left.said}"
    assert left.said.startswith("digit") and left.said.count("\n") == 1, f"it says {left.said!r}"


def main():
    parser = turns.parser(__doc__, "digit", "map", "reduce", "digitd", "weights")
    parser.add_argument("--only", action="append", metavar="NAME", help="this command")
    options = parser.parse_args()
    options.weights = options.weights.resolve()
    lives, findings = 0, []
    with tempfile.TemporaryDirectory() as folder, Server([options.digitd, "--model", options.weights]) as server:
        for name, command in commands(Path(folder), options, f"http://127.0.0.1:{server.port}").items():
            if options.only and name not in options.only:
                continue
            right = {kind: live(options, command, kind) for kind in turns.KINDS}
            assert right["memory"].status == 0, right["memory"].said
            calls = {kind: left.calls for kind, left in right.items()}
            more, found = turns.take(name, options, calls, lambda kind, at, command=command, right=right:
                                     judge(live(options, command, kind, at), right[kind]))
            print(f"{name}: {calls}", file=sys.stderr)
            lives += more
            findings += found
    turns.tell("commands", lives, findings)


if __name__ == "__main__":
    main()
