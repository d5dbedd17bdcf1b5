"""One call after the other has its turn to fail; what server.py and commands.py share."""

import argparse
import concurrent.futures
import os
import sys
import time
from pathlib import Path

KINDS = ("memory", "system", "interrupt")


def parser(description, *programs):
    """Of the options that both scripts have, and these programs and files."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--every", type=int, default=1, help="of the calls only each N-th (default: each)")
    made.add_argument("--jobs", type=int, default=2, help="at a time (default: 2)")
    for name in (*programs, "library"):
        made.add_argument(name, type=Path)
    return made


def environment(library, kind, at, count, own):
    """Of a program whose call `at` of that kind fails (0: none does). Of most libraries' calls none fails with
    `own` "all", and none of their allocations with "memory": see torture.c."""
    return {**os.environ, "LD_PRELOAD": str(library.resolve()), "TORTURE": kind, "TORTURE_AT": str(at),
            "TORTURE_COUNT": str(count), **({"TORTURE_OWN": own} if own else {})}


def take(name, options, calls, life):
    """life(kind, at) for each call that is to fail: how many, and what was found (it raises AssertionError)."""

    def one(turn):
        try:
            life(*turn)
        except AssertionError as finding:
            return f"{name}: {turn[0]} {turn[1]}: {finding}"
        return None

    turns = [(kind, at) for kind in KINDS for at in range(1, calls[kind] + 1, options.every)]
    findings, begun = [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done, finding in enumerate(pool.map(one, turns), 1):
            if finding:
                findings.append(finding)
                print(finding, file=sys.stderr, flush=True)
            if sys.stderr.isatty():
                rate = done / (time.monotonic() - begun)
                print(f"\r{name}: {done}/{len(turns)}, {rate:.1f} a second, {(len(turns) - done) / rate:.0f} s left ",
                      end="", file=sys.stderr)
    return len(turns), findings


def tell(name, lives, findings):
    if findings:
        sys.exit(f"{name}: {len(findings)} of {lives} lives")
    print(f"{name}: {lives} lives, a call failed in each, and nothing else did")
