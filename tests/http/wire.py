"""Raw requests, byte for byte, and what must become of each (tests/http/wire/*.txt): sent whole, cut in
two, and a byte at a time.

    wire.py DIGITD WEIGHTS
    wire.py --bare PROGRAM      the same, sent to another server; only counts

Over TLS each is sent once more, whole and a byte at a time.

A case begins with its section (RFC and number), the statuses of its answers (a choice with slashes, `-` for a
connection that ends without one), whether the connection is kept, closed or either (any), and its name.
Its lines begin with a bar and end with CR LF, unless a backslash stands at their end. \\r \\n \\t \\0 \\xNN are
bytes, {text*N} is a repetition, {wait} waits for an interim answer, {end} closes the client's side.

Every answer too many is a failure of the worst kind: a second request was made of a first one's body.
A connection on which nothing comes for some seconds hangs. All else is a failure of the third kind.
"""

import collections
import concurrent.futures
import os
import re
import socket
import ssl
import sys
import tempfile
from pathlib import Path

from support import Failure, Server, make_certificate

CASES = Path(__file__).with_name("wire")
PATIENCE = int(os.environ.get("WIRE_PATIENCE", 8))  # seconds without a byte
MOMENT = 1  # seconds in which a server closes what it means to close
CUTS = 12  # places at which a case is cut in two
SINGLE_MAX = 1500  # bytes that are sent one by one
WORKERS = 8
PROBE = b"GET /livez HTTP/1.1\r\nHost: probe\r\n\r\n"
HEAD = re.compile(rb"^(\d{4} \S+) +([0-9/ -]+) (keep|close|any) +(.*)$")
REPEATED = re.compile(r"\{([^{}]*)\*(\d+)\}")
ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|[rnt0])")
SMUGGLED, HANGS, TWICE, OTHER = KINDS = ("second request", "hangs", "head twice", "other")

Case = collections.namedtuple("Case", "file section wants ending name parts")


def unescape(text):
    plain = {"r": "\r", "n": "\n", "t": "\t", "0": "\0"}
    return ESCAPE.sub(lambda e: plain.get(e[1]) or chr(int(e[1][1:], 16)), text)


class Encrypted(ssl.SSLSocket):
    """Ends as a plain one does."""

    def sendall(self, data, flags=0):
        try:
            super().sendall(data, flags)
        except ssl.SSLError as error:
            raise ConnectionError from error

    def recv(self, buflen=1024, flags=0):
        try:
            return super().recv(buflen, flags)
        except ssl.SSLError as error:
            raise ConnectionError from error


class TlsServer(Server):
    """One with a certificate of its own, made in a folder."""

    def __init__(self, command, folder):
        cert, key = make_certificate(Path(folder), "localhost")
        super().__init__([*command, "--tls-cert", cert, "--tls-key", key], stop_seconds=60)
        self.context = ssl.create_default_context(cafile=cert)
        self.context.sslsocket_class = Encrypted

    def connect(self):
        return self.context.wrap_socket(super().connect(), server_hostname=self.host)


def parts_of(lines):
    """Bytes to send, with the words wait and end between them."""
    text = ""
    for line in lines:
        text += line[1:-1] if line.endswith("\\") else line[1:] + "\r\n"
    text = REPEATED.sub(lambda r: r[1] * int(r[2]), text)
    parts = re.split(r"\{(wait|end)\}", text)
    return [part if part in ("wait", "end") else unescape(part).encode("latin-1")
            for part in parts if part]


def read_cases(folder=CASES):
    for path in sorted(folder.glob("*.txt")):
        for block in path.read_text(encoding="ascii").split("\n\n"):
            lines = [line for line in block.splitlines() if not line.startswith("#")]
            if not lines:
                continue
            head = HEAD.match(lines[0].encode())
            if head is None or any(line[0] != "|" for line in lines[1:]):
                raise Failure(f"{path.name}: this is no case: {lines[0]}")
            section, wants, ending, name = (word.decode() for word in head.groups())
            yield Case(path.stem, section, [want.split("/") for want in wants.split()], ending,
                       name, parts_of(lines[1:]))


class Answers:
    """What comes back on a connection: `statuses`, and `ended` once nothing more can come."""

    def __init__(self, connection, is_head):
        self.connection, self.statuses, self.ended, self.buffer = connection, [], False, b""
        self.is_head = is_head

    def receive(self):
        try:
            piece = self.connection.recv(65536)
        except ConnectionError:
            piece = b""
        self.ended = not piece
        self.buffer += piece

    def next(self):
        """Waits for one more, or the end. Raises TimeoutError."""
        while not self.ended and not self.take():
            self.receive()

    def linger(self):
        """Gives the server a moment to close, or to say too much."""
        self.connection.settimeout(MOMENT)
        try:
            self.next()
        except TimeoutError:
            pass
        self.connection.settimeout(PATIENCE)

    def take(self):
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        status = head.split(b" ", 2)[1].decode()
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        empty = status[0] == "1" or status in ("204", "304") or (
            self.is_head and not self.statuses)
        size = int(length[1]) if length and not empty else 0
        if len(rest) < size:
            return False
        if rest[:size].startswith(b"HTTP/"):
            self.statuses.append("twice")
        self.statuses.append(status)
        self.buffer = rest[size:]
        return True


def send(answers, parts, pieces):
    """Sends the parts, the longest of them in the given pieces."""
    longest = max((part for part in parts if isinstance(part, bytes)), key=len)
    for part in parts:
        if part == "wait":
            answers.next()
        elif part == "end":
            answers.connection.shutdown(socket.SHUT_WR)
        else:
            for piece in pieces(part) if part is longest else [part]:
                answers.connection.sendall(piece)


def converse(server, case, pieces):
    """The statuses that come back, and whether the connection is kept. Raises TimeoutError."""
    first = next(part for part in case.parts if isinstance(part, bytes))
    with server.connect() as connection:
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = Answers(connection, first.startswith(b"HEAD"))
        try:
            send(answers, case.parts, pieces)
            while len(answers.statuses) < len(case.wants) and not answers.ended:
                answers.next()
            if case.ending == "close":
                answers.linger()
            if not answers.ended:
                connection.sendall(PROBE)
                answers.next()
        except ConnectionError:
            pass  # it was closed while we were sending; what it said may still be there
        while not answers.ended and len(answers.statuses) <= len(case.wants):
            answers.next()
        if answers.buffer:
            answers.statuses.append("?")  # something that is no answer
        return answers.statuses, not answers.ended


def judge(case, statuses, kept):
    """The kind of failure and its description; None where there is none."""
    wants = case.wants
    said = f"{' '.join(statuses) or '-'}, {'kept' if kept else 'closed'}"
    extra = statuses[len(wants):]
    if kept and extra == ["200"]:
        extra = []  # the probe's
    if "twice" in statuses:
        return TWICE, said
    if extra:
        return SMUGGLED, said
    got = statuses[:len(wants)] or ["-"]
    if len(got) != len(wants) or any(one not in want for one, want in zip(got, wants)):
        return OTHER, said
    if case.ending != "any" and kept != (case.ending == "keep"):
        return OTHER, said
    return None


def deliveries(case):
    """The ways to send its longest part: each a name and a function from bytes to pieces."""
    size = max(len(part) for part in case.parts if isinstance(part, bytes))
    yield "whole", lambda data: [data]
    for place in sorted({size * i // (CUTS + 1) for i in range(1, CUTS + 1)} - {0}):
        yield f"cut at {place}", lambda data, place=place: [data[:place], data[place:]]
    if size <= SINGLE_MAX:
        yield "by bytes", lambda data: [data[i:i + 1] for i in range(len(data))]


def attempt(server, case, how, pieces):
    try:
        found = judge(case, *converse(server, case, pieces))
    except TimeoutError:
        found = HANGS, f"nothing more for {PATIENCE} s"
    return case, how, found


def run_all(server, cases, uncut=False):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(attempt, server, case, how, pieces)
                for case in cases for how, pieces in deliveries(case) if not (uncut and "cut" in how)]
        return [job.result() for job in jobs]


def run_encrypted(command, cases):
    """TLS has no way to end one side only, as a few cases do."""
    with tempfile.TemporaryDirectory() as folder, TlsServer(command, folder) as server:
        return run_all(server, [case for case in cases if "end" not in case.parts], uncut=True)


def report(results):
    """Prints the table, and each case that fails once for each way it fails. Gives the cases that fail by
    kind."""
    failing = {kind: {} for kind in KINDS}
    for case, how, found in results:
        if found is not None:
            failing[found[0]].setdefault(case.name, []).append((case, how, found[1]))
    print(f"{'requests':14}{'cases':>7}{'sent':>7}" + "".join(f"{kind:>16}" for kind in KINDS))
    for file in dict.fromkeys(case.file for case, *_ in results):
        own = [case for case, *_ in results if case.file == file]
        counts = "".join(f"{sum(of[0][0].file == file for of in failing[kind].values()):16}" for kind in KINDS)
        print(f"{file:14}{len({case.name for case in own}):7}{len(own):7}{counts}")
    for kind in KINDS:
        for name, of in failing[kind].items():
            case, how, said = of[0]
            print(f"{kind}: {name} ({case.file}, RFC {case.section}; {how}, {len(of)} of its ways): {said}; "
                  f"wanted {' '.join('/'.join(want) for want in case.wants)} {case.ending}")
    return failing


def count(failing):
    return ", ".join(f"{len(of)} {kind}" for kind, of in failing.items())


def main():
    bare = sys.argv[1] == "--bare"
    command = sys.argv[2:] if bare else [sys.argv[1], "--model", sys.argv[2]]
    cases = list(read_cases())
    if len({(case.file, case.name) for case in cases}) != len(cases):
        raise Failure("two cases have the same name")
    with Server(command, stop_seconds=60) as server:
        failing = report(run_all(server, cases))
        what = server.output().split(" on ")[0] if bare else "wire"
    if not bare:
        for kind, of in report(run_encrypted(command, cases)).items():
            failing[kind] |= of
    found = sorted({name for of in failing.values() for name in of})
    if found and not bare:
        raise Failure(f"these fail: {', '.join(found)}")
    print(f"{what}: {len(cases)} requests; {count(failing)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"wire: {failure}")
