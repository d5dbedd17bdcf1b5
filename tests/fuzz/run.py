"""./dev fuzz: lets libFuzzer work on each target for a while, from the seeds and from what it found before.

    run.py BUILD [--seconds N] [NAME...]

What it finds new stays in BUILD/corpus/NAME; what breaks a target, in BUILD/findings/NAME. The exit status
is 1 if there is any.
"""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

SEEDS = Path(__file__).with_name("corpus")
WORDS = Path(__file__).with_name("dict")
WAYS = ("crash-", "leak-", "oom-", "timeout-")


def run(fuzzer, seconds):
    """The runs and the findings."""
    name = fuzzer.name.removeprefix("fuzz_")
    build = fuzzer.parents[1]
    corpus, findings = build / "corpus" / name, build / "findings" / name
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [fuzzer, f"-max_total_time={seconds}", "-timeout=10", "-print_final_stats=1",
         f"-dict={WORDS / name}.dict", f"-artifact_prefix={findings}/", corpus, SEEDS / name],
        stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    found = [path for path in findings.iterdir() if path.name.startswith(WAYS)]
    if done.returncode != 0:
        sys.stderr.write(done.stderr[-4000:])
    return int(runs[1]) if runs else 0, found


def main():
    parser = argparse.ArgumentParser(prog="./dev fuzz")
    parser.add_argument("build", type=Path)
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    parser.add_argument("names", nargs="*", help="targets (default: all)")
    options = parser.parse_intermixed_args()
    fuzzers = sorted(path for path in (options.build / "tests").glob("fuzz_*") if path.is_file())
    fuzzers = [f for f in fuzzers if not options.names or f.name.removeprefix("fuzz_") in options.names]
    if not fuzzers:
        sys.exit("fuzz: there is no such target")
    broken = 0
    for number, fuzzer in enumerate(fuzzers):
        left = (len(fuzzers) - number) * options.seconds
        print(f"fuzz: {left // 60}:{left % 60:02} left; {fuzzer.name}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        runs, found = run(fuzzer, options.seconds)
        broken += len(found)
        print(f"{fuzzer.name.removeprefix('fuzz_'):16}{runs:>12} runs in {time.monotonic() - begun:.0f} s, "
              f"{len(found)} findings", flush=True)
        for path in found:
            print(f"  {path}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
