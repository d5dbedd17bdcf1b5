"""Three analysers look at our own C: cppcheck, `gcc -fanalyzer` and clang-tidy.

    analyse.py [--quick] BUILD [WHAT...]     only files whose names hold one of WHAT

--quick: cppcheck only, whose exit status is 77 where there is none.

BUILD is a folder in which everything has been built. What they find is printed, and makes the exit status
1. A file is looked at again only when it, what it includes or how it is compiled has changed.

What is no fault is said in place, with the reason: NOLINTNEXTLINE(CHECK) to clang-tidy, `cppcheck-suppress ID;`
to cppcheck, and gcc-suppress WARNING to gcc, in a comment on the line before. What is said of all the code
stands here, and in .clang-tidy.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OURS = ("model", "server", "train", "tests", "examples")
# Assertions are knowledge. Debian 12's clang does not take the other.
DROPPED = ("-DNDEBUG", "-ftrivial-auto-var-init=zero")
GCC = ("-fanalyzer", "-fdiagnostics-path-format=none", "-fdiagnostics-color=never",
       # What is stored by way of a pointer that came from elsewhere is lost to it (GCC 12). What is
       # really lost, AddressSanitizer and valgrind see.
       "-Wno-analyzer-malloc-leak", "-Wno-analyzer-file-leak")
CPPCHECK = ("cppcheck", "--quiet", "--enable=warning,performance,portability", "--inline-suppr",
            "--error-exitcode=1", "--library=posix,gnu",
            # It takes every macro that a compiler defines for unknown.
            "-D__SSE2__", "-D__x86_64__",
            # Each of ours reads a folder that it has opened itself, and readdir_r is deprecated.
            "--suppress=readdirCalled")
FINDING = re.compile(r"^(/\S+?):(\d+):\d+: (?:warning|error): .*\[-W([\w=-]+)\]$", re.MULTILINE)
WORKERS = 2


def read_commands(build):
    """(file, arguments) of our own C."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = Path(entry["file"])
        inside = file.relative_to(ROOT) if file.is_relative_to(ROOT) else Path()
        if file.suffix != ".c" or inside.parts[:1] not in [(name,) for name in OURS]:
            continue
        words = [word for word in shlex.split(entry["command"]) if word not in DROPPED and
                 Path(word).name != "ccache"]
        at = words.index("-o")
        yield file, words[:at] + words[at + 2:], entry["directory"]


def quoted(word):
    """For cppcheck, to which an apostrophe is none."""
    return re.sub(r'([\\" ])', r"\\\1", word)


def output_of(command, directory):
    done = subprocess.run(["nice", *command], cwd=directory, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def gcc(file, words, directory):
    _, _, said = output_of([*words, *GCC, "-o", os.devnull], directory)
    blocks = re.split(r"(?m)^(?=/)", said)
    return "".join(block for block in blocks if not is_suppressed(block))


def is_suppressed(block):
    found = FINDING.search(block)
    if found is None:
        return " In function " in block or " At top level" in block or not block.strip()
    name, line, warning = found.groups()
    before = Path(name).read_text().splitlines()[max(0, int(line) - 2)]
    return f"gcc-suppress {warning}" in before


def tidy(file, _, directory):
    status, said, errors = output_of(["clang-tidy", "--quiet", "-p", directory, file], ROOT)
    if status != 0 and not said.strip():
        return errors
    blocks = re.split(r"(?m)^(?=/\S+:\d+:\d+: (?:warning|error))", said)
    return "".join(block for block in blocks if block.startswith(f"{ROOT}/"))  # stb is not ours


def fingerprint(tool, words, directory):
    """Of all that what is found depends on: what is compiled with its comments, how, and how we look."""
    _, text, _ = output_of([*words, "-E", "-C", "-o", "-"], directory)
    settings = [Path(__file__).read_text(), (ROOT / ".clang-tidy").read_text(), *words]
    return hashlib.sha256("\0".join([tool, text, *settings]).encode()).hexdigest()


def look(tool, work, job, folder):
    """What is found, which is remembered only where it is nothing."""
    file, words, directory = job
    stamp = folder / fingerprint(tool, words, directory)
    if stamp.exists():
        return ""
    found = work(file, words, str(folder.parent) if tool == "clang-tidy" else directory)
    if not found.strip():
        stamp.touch()
    return found


def run(tool, work, jobs, folder):
    folder = folder / tool
    folder.mkdir(exist_ok=True)
    findings = {}
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = pool.map(lambda job: look(tool, work, job, folder), jobs)
        for done, found in enumerate(results, 1):
            if sys.stderr.isatty():
                print(f"\r{tool}: {done}/{len(jobs)} ", end="", file=sys.stderr, flush=True)
            # A header's are found wherever it is included.
            findings.update(dict.fromkeys(re.split(r"(?m)^(?=/\S+:\d+:\d+: (?:warning|error))", found)))
    findings = [found for found in findings if found.strip()]
    print("\r" * sys.stderr.isatty() + "".join(findings)
          + f"{tool}: {len(jobs)} files, {len(findings)} findings", flush=True)
    return not findings


def cppcheck(jobs, folder):
    memory = folder / "cppcheck"
    memory.mkdir(exist_ok=True)
    status, said, errors = output_of([*CPPCHECK, f"-j{WORKERS}", f"--cppcheck-build-dir={memory}",
                                      f"--project={folder / 'compile_commands.json'}"], ROOT)
    found = len(re.findall(r"(?m): (?:error|warning|performance|portability): ", errors))
    print(f"{said}{errors}cppcheck: {len(jobs)} files, {found} findings", flush=True)
    return status == 0


def main():
    quick = sys.argv[1] == "--quick"
    build, *wanted = sys.argv[1 + quick:]
    build = Path(build).resolve()
    if quick and shutil.which("cppcheck") is None:
        print("skipped: there is no cppcheck")
        return 77
    folder = build / "analysis"
    folder.mkdir(exist_ok=True)
    jobs = [job for job in read_commands(build)
            if not wanted or any(part in str(job[0]) for part in wanted)]
    (folder / "compile_commands.json").write_text(json.dumps(
        [{"file": str(file), "directory": directory, "command": " ".join(map(quoted, words))}
         for file, words, directory in jobs]))
    if quick:
        return not cppcheck(jobs, folder)
    names = list({job[0]: job for job in jobs}.values())  # clang-tidy knows how a file is compiled
    clean = [cppcheck(jobs, folder), run("gcc", gcc, jobs, folder), run("clang-tidy", tidy, names, folder)]
    return not all(clean)


if __name__ == "__main__":
    sys.exit(main())
