"""Every allocation and every call of the system fails once, each in a run of its own, in commands of `digit`. What
then must hold:

- the program does all that it was to do, or says in one line why it cannot; it never crashes or hangs;
- what it leaves behind is whole: no half a file, and none under another name;
- it gives its memory back.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "http")]
import preparing  # noqa: E402
import turns  # noqa: E402
from lives import Command, judge, live  # noqa: E402
from support import Server, make_certificate  # noqa: E402
from variants import Variant  # noqa: E402

DIGITS = TESTS / "data" / "digits"


def commands(folder, options, port, tls):
    """By name; each has its own parts of the tool. A digitd is at that port; at another with those words for TLS."""
    data, weights = preparing.make_mnist(folder / "data"), options.weights
    pictures = [str(DIGITS / f"{digit}.png") for digit in range(3)]
    records = subprocess.check_output([options.digit, "records", data])
    lines = subprocess.run([options.map], input=records, stdout=subprocess.PIPE, check=True).stdout
    ordered = b"".join(sorted(lines.splitlines(keepends=True)))
    prepared = folder / "prepared"
    prepared.mkdir()
    (prepared / "part-00000").write_bytes(
        subprocess.run([options.reduce], input=ordered, stdout=subprocess.PIPE, check=True).stdout)
    digit, engine = options.digit, ["--engine", "native"]
    metrics = folder / "metrics.jsonl"
    metrics.write_text("".join(json.dumps({"epoch": epoch, "loss": 1 / epoch, "accuracy": 0.9, "validation_loss": 2.0})
                               + "\n" for epoch in (1, 2, 3)))
    other = folder / "other.pth"
    Variant(weights, 1).put(other)
    chosen = {
        "predict": Command([digit, "predict", *engine, "--bars", *pictures]),
        "predict-json": Command([digit, "predict", *engine, "--json", "-"], Path(pictures[0]).read_bytes()),
        # OpenSSL, behind libcurl, loses memory at its start.
        "predict-url": Command([digit, "predict", "--url", f"http://127.0.0.1:{port}", "--json", *pictures], own="memory"),
        "evaluate": Command([digit, "evaluate", *engine, "--quiet", "--data", data]),
        "evaluate-prepared": Command([digit, "evaluate", *engine, "--quiet", "--json", "--data", prepared]),
        "compare": Command([digit, "compare", *engine, "--quiet", "--json", "--out", "{out}/compared", "--data", data,
                            weights, other]),
        "explore": Command([digit, "explore", "--quiet", "--data", data, "--out", "{out}/explored"]),
        "report": Command([digit, "report", *engine, "--quiet", "--data", data, "--log", metrics, "--out",
                           "{out}/report"]),
        "records": Command([digit, "records", data]),
        "score": Command([digit, "score", *engine, "--quiet", "--threads", "2"], records),
        "statistics": Command([digit, "statistics", "--out", "{out}/means.png", prepared]),
        "publish": Command([digit, "publish", "--quiet", weights, "{out}/", "file://{out}/b/m.pth"]),
        "fetch": Command([digit, "fetch", "--quiet", weights, "{out}/m.pth"]),
        "check": Command([options.digitd, "--check", "--port", port]),
        # GnuTLS's libtasn1 writes to where there is no memory.
        "check-tls": Command([options.digitd, "--check", *tls], own="memory"),
    }
    if (options.digit.resolve().parents[1] / "lib" / "digit" / "digit_trainer_torch.so").exists():
        # libtorch and what it brings do not survive it.
        chosen["train"] = Command(
            [digit, "train", "--quiet", "--network", "mlp", "--data", data, "--threads", "1", "--epochs", "2",
             "--batch", "8", "--rotation", "5", "--validation", "10", "--keep", "loss", "--save-every", "0", "--resume", "auto",
             "--log", "{out}/log", "--out", "{out}/m.pth"], own="all", varying=("log", ".json", ".state.pth"))
    return chosen


def main():
    parser = turns.parser(__doc__, "digit", "map", "reduce", "digitd", "weights")
    parser.add_argument("--only", action="append", metavar="NAME", help="this command")
    options = parser.parse_args()
    options.weights = options.weights.resolve()
    lives, findings = 0, []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        certificate, key = make_certificate(Path(folder), "torture")
        tls = ["--tls-cert", certificate, "--tls-key", key]
        plain, secure = (stack.enter_context(Server([options.digitd, "--model", options.weights, *more]))
                         for more in ([], tls))
        for name, command in commands(Path(folder), options, plain.port, [*tls, "--port", secure.port]).items():
            if options.only and name not in options.only:
                continue
            right = {kind: live(options.library, command, kind) for kind in turns.KINDS}
            assert right["memory"].status == 0, right["memory"].said
            calls = {kind: left.calls for kind, left in right.items()}
            more, found = turns.take(name, options, calls, lambda kind, at, command=command, right=right:
                                     judge(live(options.library, command, kind, at), right[kind], kind))
            print(f"{name}: {calls}", file=sys.stderr)
            lives += more
            findings += found
    turns.tell("commands", lives, findings)


if __name__ == "__main__":
    main()
