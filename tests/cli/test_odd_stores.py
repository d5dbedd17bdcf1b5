"""digit with a NameNode that answers as Hadoop 2 does, and as none should: what is meant is done, and of all else one
line says what was wrong; nothing is left here in part. The real ones are in tests/hdfs."""
import http.server
import json
import os
import sys
import threading
import unittest
import urllib.parse

from tool import SOURCE, ToolTest

sys.path.insert(0, str(SOURCE / "tests"))
import preparing  # noqa: E402

PREFIX = "/webhdfs/v1"
MISSING = 404, json.dumps({"RemoteException": {"exception": "FileNotFoundException", "message": "no"}})
DONE = 200, '{"boolean": true}'


class Question:
    def __init__(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.op, self.path, self.query = query["op"], urllib.parse.unquote(url.path).removeprefix(PREFIX), query
        self.name = self.path.rsplit("/", 1)[-1]
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


class Node(http.server.BaseHTTPRequestHandler):
    """NameNode and DataNode. `answer` is a function of a Question: a status, a body and perhaps more fields; None
    closes the connection."""

    def answer(self):
        self.server.before(self)
        question = Question(self)
        self.server.asked.append(question)
        answer = self.server.answer(question)
        if answer is None:
            self.close_connection = True
            return
        status, body, *fields = answer
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        for name, value in fields[0].items() if fields else ():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def status(content=b"", **more):
    of = {"type": "FILE", "length": len(content), "modificationTime": 1, "fileId": 7, **more}
    return 200, json.dumps({"FileStatus": of})


def page(names, remaining=0, **more):
    files = [{"type": "FILE", "length": 1, "modificationTime": 1, "pathSuffix": name, **more} for name in names]
    return 200, json.dumps({"DirectoryListing": {"partialListing": {"FileStatuses": {"FileStatus": files}},
                                                 "remainingEntries": remaining}})


class Hadoop2:
    """Files in memory. It does not know `noredirect`, and sends clients on by a header, with 307."""

    def __init__(self, server):
        self.server, self.files = server, {}

    def __call__(self, q):
        if q.op in ("OPEN", "CREATE") and "there" not in q.query:
            rest = urllib.parse.urlencode({**q.query, "there": "1"})
            return 307, "", {"Location": f"http://127.0.0.1:{self.server.server_port}{PREFIX}/?{rest}"}
        return getattr(self, q.op)(q)

    def CREATE(self, q):
        self.files[q.path] = q.body
        return 201, ""

    def OPEN(self, q):
        return 200, self.files[q.path]

    def LISTSTATUS_BATCH(self, q):
        return page([path.removeprefix(f"{q.path}/") for path in self.files if path.startswith(f"{q.path}/")])

    def GETFILESTATUS(self, q):
        if any(path.startswith(f"{q.path}/") for path in self.files):
            return status(type="DIRECTORY")
        return status(self.files[q.path]) if q.path in self.files else MISSING

    def RENAME(self, q):
        self.files[q.query["destination"]] = self.files.pop(q.path)
        return 200, ""

    def DELETE(self, q):
        return DONE if self.files.pop(q.path, None) is not None else (200, '{"boolean": false}')


class OddStores(ToolTest):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Node)
        self.server.asked, self.server.before = [], lambda handler: None
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(self.server.shutdown)
        self.url = f"webhdfs://127.0.0.1:{self.server.server_port}"
        self.there = f"http://127.0.0.1:{self.server.server_port}{PREFIX}/?op=OPEN&there=1"
        self.file = self.folder / "file"

    def says(self, text, answer, *words, code=1):
        """The command says so, and here is no more than before."""
        self.server.answer = answer
        before = sorted(self.folder.rglob("*"))
        self.fails(code, text, *words)
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def fetch(self, text, answer, *words, code=1):
        self.says(text, answer, "fetch", "--quiet", "--attempts", "1", *words, f"{self.url}/a", self.file, code=code)

    def publish(self, text, code=3, **answers):
        """To a store that is Hadoop2 but for some answers, each a function of the Question and the store."""
        sent, store = self.folder / "sent", Hadoop2(self.server)
        sent.write_bytes(b"content")
        self.says(text, lambda q: answers[q.op](q, store) if q.op in answers else store(q), "publish", "--quiet",
                  "--attempts", "1", sent, f"{self.url}/f/a", code=code)

    def of_file(self, content, location=None, told=None):
        """A file of that content, whose reader is sent on so; it is told of as if it were another."""
        location = location or (200, json.dumps({"Location": self.there}))

        def answer(q):
            if q.op == "GETFILESTATUS":
                return status(content if told is None else told)
            return (200, content) if "there" in q.query else location
        return answer

    def test_redirects_by_header(self):
        self.server.answer = store = Hadoop2(self.server)
        sent = self.folder / "sent"
        sent.write_bytes(bytes(range(256)) * 1000)
        self.ok("publish", "--quiet", sent, f"{self.url}/f/a")
        self.assertEqual(store.files, {"/f/a": sent.read_bytes()})
        self.ok("fetch", "--quiet", f"{self.url}/f/a", self.file)
        self.assertEqual(self.file.read_bytes(), sent.read_bytes())

    def test_data_sets(self):
        self.server.answer = store = Hadoop2(self.server)
        local = self.folder / "data"
        store.files = {f"/data/{path.name}": path.read_bytes() for path in preparing.make_mnist(local).iterdir()}
        for folder in f"{self.url}/data", f"{self.url}/data/":
            self.assertEqual(self.ok("records", folder), self.ok("records", local))
        self.fails(1, "no temporary folder can be made for the data", "records", folder, env={"TMPDIR": "/nowhere"})
        store.files.pop("/data/t10k-labels-idx1-ubyte")
        self.fails(1, "t10k-labels-idx1-ubyte", "records", folder, env={"TMPDIR": str(self.folder)})
        self.assertEqual([path.name for path in self.folder.iterdir()], ["data"])

    def test_redirects_that_are_none(self):
        long = self.there + 40000 * "a"
        for text, location in (
                ("HTTP 307", (307, "")),
                ("HTTP 307", (307, "", {"Location": ""})),
                ("HTTP 307", (307, "", {"Location": long})),
                ("HTTP 302", (302, "", {"Location": self.there})),
                ("is not http://", (307, "", {"Location": self.there.replace("http:", "https:")})),
                ("without a proper host", (307, "", {"Location": f"http://a_b!{PREFIX}/?there=1"})),
                ("not to WebHDFS there", (307, "", {"Location": self.there.replace(PREFIX, "/other")})),
                ("there is no Location", (200, '{"Location": 7}')),
                ("there is no Location", (200, json.dumps({"Location": long}))),
                ("there is no Location", (200, "no JSON")),
                ("that do not belong", (200, json.dumps({"Location": self.there + "&a=<"})))):
            with self.subTest(text, location=location[1:]):
                self.fetch(text, self.of_file(b"content", location))
        self.fetch("none of the redirect hosts", self.of_file(b"content"), "--redirect-hosts", "127.0.0.1:1,other,::,")
        self.fetch("cut off", lambda q: status(b"content") if q.op == "GETFILESTATUS" else None, code=3)

    def test_files_that_change(self):
        longer = b"content that is longer"
        self.fetch("of the 22 bytes of '/a' only 7 came", self.of_file(b"content", told=longer), code=3)
        self.fetch("became longer while it was fetched", self.of_file(b"content", told=b"con"), code=3)
        self.fetch("is a folder", lambda q: status(type="DIRECTORY"))

    def test_answers_that_are_none(self):
        for text, answer in (("proper FileStatus", status(length=-1)), ("proper FileStatus", status(fileId=-1)),
                             ("proper FileStatus", status(type=7)), ("proper FileStatus", (200, "[]")),
                             ("proper FileStatus", (200, "")), ("more than 8388608 bytes", (200, (9 << 20) * b" ")),
                             ("HTTP 403 and does not say why", (403, (9 << 20) * b" ")),
                             ("wants to know who asks", (401, "")), ("there is no '/a'", MISSING)):
            with self.subTest(text):
                self.fetch(text, lambda q, answer=answer: answer)
        self.fetch("HTTP 500", lambda q: (500, '{"RemoteException": {"exception": 1}}'), code=3)
        long = 200 * "\u00e9"
        for start in "", "a":  # a message that is cut in a character, or behind one
            reason = {"RemoteException": {"exception": "IOException", "message": start + long}}
            self.fetch("IOException: " + start + "\u00e9", lambda q, reason=reason: (403, json.dumps(reason)))

    def test_uploads_that_come_to_nothing(self):
        def other_content(q, store):
            store.files[q.path] = b"tnetnoc"
            return store(q)

        self.publish("only 3 arrived", GETFILESTATUS=lambda q, store: status(b"con") if ".tmp" in q.name else MISSING)
        self.publish("is not what was sent", OPEN=other_content)
        self.publish("HTTP 200", code=1, CREATE=lambda q, store: (200, "") if "there" in q.query else store(q))
        self.publish("there is no '/f/", code=1, RENAME=lambda q, store: MISSING)
        self.publish("there is no Location", code=1, CREATE=lambda q, store: (200, "{}"))
        # That what was sent in vain cannot be removed either changes nothing.
        for answer in (200, '{"boolean": 1}'), (403, ""):
            self.publish("HTTP 200", code=1, DELETE=lambda q, store, answer=answer: answer,
                         CREATE=lambda q, store: (200, "") if "there" in q.query else store(q))

    def test_a_file_that_becomes_shorter(self):
        sent = self.folder / "sent"
        sent.write_bytes(bytes(64 << 20))  # more than is under way at once
        self.server.before = lambda handler: "there=1" in handler.path and os.truncate(sent, 1 << 20)
        self.server.answer = Hadoop2(self.server)
        said = self.fails(1, "became shorter while it was sent", "publish", "--quiet", "--attempts", "1", sent,
                          f"{self.url}/f/a")
        self.assertIn("not published", said)

    def test_a_rename_whose_answer_is_lost(self):
        store = Hadoop2(self.server)

        def answer(q):
            if q.op == "RENAME" and q.path not in store.files:
                return MISSING
            done = store(q)
            return None if q.op == "RENAME" else done

        self.server.answer = answer
        sent = self.folder / "sent"
        sent.write_bytes(b"content")
        self.ok("publish", "--quiet", "--attempts", "2", sent, f"{self.url}/f/a")
        self.assertEqual(store.files, {"/f/a": b"content"})

    def test_lists_that_are_none(self):
        def listing(answer):
            return lambda q: status(type="DIRECTORY") if q.op == "GETFILESTATUS" else answer(q)

        def records(text, answer):
            self.says(text, answer, "records", "--attempts", "1", f"{self.url}/prepared")

        records("is a file and not a folder", lambda q: status())
        records("does not end", listing(lambda q: page([], 1)))
        for name in "", ".", "..", "a/b", "a\nb", "\x7f", 256 * "a", 7:
            with self.subTest(name):
                records("is not one that a file can have", listing(lambda q, name=name: page([name])))
        for answer in (page([], -1), page(["a"], length=-1), (200, '{"DirectoryListing": 1}'),
                       (200, page([])[1].replace("[]", "{}"))):
            records("there is no proper", listing(lambda q, answer=answer: answer))
        # Page by page: the next begins behind the last name.
        records("has neither MNIST's",
                listing(lambda q: page(["b"]) if q.query.get("startAfter") == "a \u00e9" else page(["a \u00e9"], 1)))
        self.assertEqual([q.query.get("startAfter") for q in self.server.asked[-2:]], [None, "a \u00e9"])

    def test_tokens(self):
        token = self.folder / "token"
        for content in b"", b"\n", b"a b\n", b"a\nb\n", b"\xff\n", b"a\0":
            token.write_bytes(content)
            self.fetch("holds no delegation token", Hadoop2(self.server), "--token-file", token)
        self.fetch("nowhere", Hadoop2(self.server), "--token-file", self.folder / "nowhere")
        self.fetch("too long", Hadoop2(self.server), "--user", 400 * "\u00e9")
        self.assertEqual(self.server.asked, [])
        token.write_bytes(b"a_-=\r\n")
        self.fetch("there is no '/a'", Hadoop2(self.server), "--token-file", token)
        self.assertEqual(self.server.asked[-1].query.get("delegation"), "a_-=")
        self.fetch("wants to know who asks", lambda q: (401, "", {"WWW-Authenticate": "Negotiate"}), "--negotiate")
        self.assertNotIn("user.name", self.server.asked[-1].query)

    def test_without_its_plug_in(self):
        alone = self.alone()
        words = ("fetch", f"{self.url}/a", self.file)
        self.fails(1, "digit_store_hdfs.so was not found", *words, program=alone)
        other = self.folder / "lib" / "digit" / "digit_store_hdfs.so"
        other.parent.mkdir(parents=True)
        other.write_text("no plug-in")
        self.fails(1, "digit_store_hdfs.so", *words, program=alone)


if __name__ == "__main__":
    unittest.main()
