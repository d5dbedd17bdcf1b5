"""Sends every request in tests/cases to a real digitd and compares what comes back.

    run_cases.py DIGITD MODEL [CASES...]

A case is a folder with two files, and perhaps a third:

request.http    the method and the target; header fields; an empty line; the body. `Host` and
                `Content-Length` are added where they are not there. A body with `Transfer-Encoding:
                chunked` is sent in chunks, one with `Expect: 100-continue` only when the server
                asks for it.
response.http   the status; header fields that must be there; an empty line; the body. `*` stands for
                any text, in a JSON body for any value, and as a member's name for any further
                members. Without a body here there must be none there.
flags           further flags for a server of the case's own.

A body of the form `< FILE` is that file's content, found in the case's folder, in tests/pictures or
from the repository's root. In a request's body ${base64 FILE} is that file in base64, and
${repeat N TEXT} is TEXT, N times. In a target, ${version} is that of the model that is served.
"""

import base64
import difflib
import json
import re
import socket
import sys
import traceback
from pathlib import Path

from support import Failure, Server, read_response, request

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"

PROBLEM_MEMBERS = {"type", "title", "status", "detail", "error"}


class Message:
    """A request.http or a response.http: a first line, header fields, a body."""

    def __init__(self, path):
        head, _, body = path.read_bytes().partition(b"\n\n")
        lines = head.decode().splitlines()
        self.first = lines[0]
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        self.body = self._body(path.parent, body.removesuffix(b"\n"))

    @staticmethod
    def _body(folder, body):
        def find(name):
            for place in (folder, ROOT / "tests" / "pictures", ROOT):
                if (place / name).is_file():
                    return (place / name).read_bytes()
            raise Failure(f"there is no file {name}")

        def expand(match):
            command, *words = match.group(1).decode().split(" ", 2)
            if command == "repeat":
                return words[1].encode() * int(words[0])
            return base64.b64encode(find(words[0]))

        if body.startswith(b"< "):
            return find(body[2:].decode())
        return re.sub(rb"\$\{((?:base64|repeat) [^}]+)\}", expand, body)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def chunked(body):
    parts = [body[i:i + 100] for i in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


def send(server, message):
    """Sends a request. When it was answered and the connection stays open, what follows on it must
    be answered as well: neither side has lost count of the body."""
    method = message.first.split(" ")[0]
    headers = list(message.headers)
    body = message.body
    if message.header("Host") is None:
        headers.insert(0, ("Host", "test"))
    if (message.header("Transfer-Encoding") or "").lower() == "chunked":
        body = chunked(body)
    elif message.header("Content-Length") is None and (body or method == "POST"):
        headers.append(("Content-Length", str(len(body))))
    version = "" if " HTTP/" in message.first else " HTTP/1.1"
    head = "".join(f"{line}\r\n" for line in
                   [message.first.replace("${version}", server.version or "") + version, *(f"{k}: {v}" for k, v in headers), ""])
    with server.connect() as connection:
        connection.sendall(head.encode())
        if message.header("Expect") and not connection.recv(64, socket.MSG_PEEK).startswith(
                b"HTTP/1.1 100 "):
            body = b""  # refused; there is no need to send it
        try:
            connection.sendall(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # answered before all was sent
        response = read_response(connection, method)
        if response is None:
            raise Failure("the connection was closed without an answer")
        if response.headers.get("Connection", "").lower() != "close":
            after = request(connection, "GET", "/livez")
            if after.status != 200 or b'"ok"' not in after.body:
                raise Failure(f"the next request on the connection gets {after.status} {after.body}")
    return response


def text_matches(pattern, text):
    first, *middle = pattern.split("*")
    if not middle:
        return pattern == text
    last = middle.pop()
    at = len(first)
    for part in middle:  # the earliest place is as good as any
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return text.startswith(first) and text.endswith(last) and len(text) - len(last) >= at


def matches(pattern, value):
    if isinstance(pattern, str):
        return pattern == "*" or isinstance(value, str) and text_matches(pattern, value)
    if isinstance(pattern, dict):
        if not isinstance(value, dict) or ("*" not in pattern and pattern.keys() != value.keys()):
            return False
        return all(k in value and matches(p, value[k]) for k, p in pattern.items() if k != "*")
    if isinstance(pattern, list):
        return (isinstance(value, list) and len(pattern) == len(value)
                and all(map(matches, pattern, value)))
    return type(pattern) is type(value) and pattern == value


def body_matches(pattern, body):
    try:
        return matches(json.loads(pattern), json.loads(body))
    except ValueError:
        pass
    try:
        return text_matches(pattern.decode(), body.decode())
    except UnicodeDecodeError:
        return pattern == body


def filled(pattern, value):
    """The pattern with all that matches replaced by the value, so that a diff shows the rest."""
    if matches(pattern, value):
        return value
    if isinstance(pattern, dict) and isinstance(value, dict):
        shown = {k: filled(p, value.get(k)) for k, p in pattern.items() if k != "*"}
        return {**value, **shown} if "*" in pattern else shown
    if isinstance(pattern, list) and isinstance(value, list) and len(pattern) == len(value):
        return list(map(filled, pattern, value))
    return pattern


def check_problem(response):
    """What holds for every problem document, whatever the case says."""
    problem = json.loads(response.body)
    if problem.keys() != PROBLEM_MEMBERS:
        raise Failure(f"a problem document has the members {sorted(problem)}")
    if problem["status"] != response.status or problem["error"] != problem["detail"]:
        raise Failure(f"the problem document contradicts itself: {response.body.decode()}")
    if "\n" in problem["detail"] or not problem["detail"] or not problem["title"]:
        raise Failure(f"the problem document has no line of text: {response.body.decode()}")


def show(status, headers, body):
    if not isinstance(body, bytes):
        body = json.dumps(body, indent=2, ensure_ascii=False)
    else:
        body = body.decode(errors="backslashreplace")
    return [status, *(f"{k}: {v}" for k, v in headers), "", *body.splitlines()]


def difference(expected, response):
    names = {name.lower() for name, _ in expected.headers}
    headers = [(k, v) for k, v in response.headers.items() if k.lower() in names]
    want, got = expected.body, response.body
    try:
        want, got = json.loads(want), json.loads(got)
        want = filled(want, got)
    except ValueError:
        pass
    return "\n".join(difflib.unified_diff(
        show(expected.first, sorted(expected.headers), want),
        show(str(response.status), sorted(headers), got),
        "expected", "got", lineterm="", n=100))


def run(server, folder):
    expected = Message(folder / "response.http")
    response = send(server, Message(folder / "request.http"))
    good = str(response.status) == expected.first and all(
        text_matches(value, response.headers.get(name, "")) and name in response.headers
        for name, value in expected.headers)
    if not good or not body_matches(expected.body, response.body):
        raise Failure(difference(expected, response))
    if response.headers.get("Content-Type") == "application/problem+json" and response.body:
        check_problem(response)


def find_cases(names):
    folders = sorted(path.parent for path in CASES.glob("*/*/request.http"))
    if names:
        folders = [f for f in folders
                   if any(str(f.relative_to(CASES)).startswith(name) for name in names)]
    if not folders:
        raise Failure("there is no such case")
    return folders


def flags_of(folder):
    path = folder / "flags"
    return tuple(path.read_text().split()) if path.exists() else ()


def main():
    digitd, model, *names = sys.argv[1:]
    by_flags = {}
    for folder in find_cases(names):
        by_flags.setdefault(flags_of(folder), []).append(folder)
    failed = count = 0
    for flags, folders in by_flags.items():
        with Server([digitd, "--model", model], flags) as server:
            for folder in folders:
                count += 1
                try:
                    run(server, folder)
                except Exception as error:
                    failed += 1
                    why = error if isinstance(error, Failure) else traceback.format_exc()
                    print(f"FAILED {folder.relative_to(CASES)}\n{why}\n")
    print(f"{count} cases, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
