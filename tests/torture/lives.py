"""One run of a program in which a call fails, and what it left; what commands.py and hdfs/torture.py share."""

import subprocess
import tempfile
import typing
from pathlib import Path

import turns

PATIENCE = 60
FAILED, STORE_DOWN = 1, 3


class Command(typing.NamedTuple):
    """What is run; {out} in its words is a folder of that run's own."""

    words: list
    given: bytes = b""
    own: str = ""  # "memory": no allocation of most libraries fails; "all": nor does another call of theirs
    varying: tuple = ()  # the ends of files whose content is another in each run; who fails may leave more of them


class Left(typing.NamedTuple):
    """What a run left."""

    status: int
    printed: bytes
    said: str
    files: dict
    calls: int
    blocks: int


def files_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def live(library, command, kind, at=0):
    with tempfile.TemporaryDirectory() as folder:
        out, temporary, count = Path(folder) / "out", Path(folder) / "tmp", Path(folder) / "count"
        out.mkdir()
        temporary.mkdir()
        words = [str(word).replace("{out}", str(out)) for word in command.words]
        try:
            done = subprocess.run(words, input=command.given, check=False, capture_output=True, timeout=PATIENCE,
                                  env={**turns.environment(library, kind, at, count, command.own),
                                       "TMPDIR": str(temporary)})
        except subprocess.TimeoutExpired:
            raise AssertionError("it hangs") from None
        said = done.stderr.decode()
        assert done.returncode >= 0, f"signal {-done.returncode}, {said}"
        assert not any(temporary.iterdir()), f"it leaves {[path.name for path in temporary.iterdir()]} in TMPDIR"
        files = {name: content for name, content in files_in(out).items() if not name.endswith(command.varying)}
        printed = done.stdout.replace(str(out).encode(), b"{out}")
        return Left(done.returncode, printed, said, files, *map(int, count.read_text().split()))


def judge(left, right, kind):
    for name, content in left.files.items():
        assert name in right.files, f"it leaves {name}"
        assert content == right.files[name], f"{name} is not whole"
    # libzip 1.7 loses a source's context when memory ends while it stacks another on it.
    assert left.blocks <= right.blocks + 1, f"{left.blocks} blocks of memory for {right.blocks}: {left.said}"
    if left.status == 0:
        assert left.printed == right.printed, "it prints something else"
        assert left.files.keys() == right.files.keys(), f"it leaves no {right.files.keys() - left.files.keys()}"
        return
    assert kind != "interrupt", f"it does not go on: {left.said}"
    assert left.status in (FAILED, STORE_DOWN), f"status {left.status}: {left.said}"
    assert left.said.startswith("digit") and left.said.count("\n") == 1, f"it says {left.said!r}"
