"""digit publish and digit fetch with this machine's own files; HDFS is for tests/hdfs."""
import unittest

from tool import WEIGHTS, ToolTest, run

CARD = WEIGHTS.with_suffix(".json")


class Publish(ToolTest):
    def names(self, folder):
        return sorted(path.name for path in (self.folder / folder).iterdir())

    def test_a_model_goes_with_its_card(self):
        said = self.ok("publish", WEIGHTS, self.folder / "a/m.pth", f"file://{self.folder}/b/", "--quiet")
        self.assertEqual(said, f"{self.folder}/a/m.pth: published\nfile://{self.folder}/b/: published\n")
        self.assertEqual(self.names("a"), ["m.json", "m.pth"])
        self.assertEqual(self.names("b"), [CARD.name, WEIGHTS.name])
        self.ok("fetch", self.folder / "a/m.pth", self.folder / "c/back.pth", "--quiet")
        self.assertEqual(self.names("c"), ["back.json", "back.pth"])
        self.assertEqual((self.folder / "c/back.pth").read_bytes(), WEIGHTS.read_bytes())
        self.assertEqual((self.folder / "c/back.json").read_bytes(), CARD.read_bytes())

    def test_other_files_go_alone(self):
        self.ok("publish", CARD, f"{self.folder}/a/")
        self.ok("fetch", self.folder / "a" / CARD.name, self.folder / "back")
        self.assertEqual(self.names("a"), [CARD.name])
        self.assertEqual((self.folder / "back").read_bytes(), CARD.read_bytes())

    def test_each_url_is_tried(self):
        (self.folder / "file").write_text("no folder")
        done = run("publish", CARD, self.folder / "file/x", self.folder / "x")
        said = done.stderr.decode()
        self.assertEqual(done.returncode, 1, said)
        self.assertIn(f"{self.folder}/file/x: not published: cannot write", said)
        self.assertEqual(said.count("\n"), 1, said)
        self.assertEqual((self.folder / "x").read_bytes(), CARD.read_bytes())

    def test_a_store_that_is_down_has_a_status_of_its_own(self):
        url = "webhdfs://127.0.0.1:1/m.json"
        done = run("publish", CARD, url, "--attempts", "1")
        said = done.stderr.decode()
        if "HDFS needs libcurl" in said:
            self.skipTest("libcurl was not there when this was built")
        self.assertEqual(done.returncode, 3, said)
        self.assertIn(f"{url}: not published: the NameNode 127.0.0.1:1 cannot be reached", said)
        self.fails(3, "cannot be reached", "fetch", url, self.folder / "x", "--attempts", "1")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_says_what_is_wrong(self):
        self.fails(2, "a URL is missing after 'x'", "publish", "x")
        self.fails(2, "name one URL and one PATH", "fetch", "x")
        self.fails(2, "--attempts is '0'", "publish", "--attempts", "0", "x", "y")
        self.fails(1, "'ftp' is no store", "publish", CARD, "ftp://x/y")
        self.fails(1, "No such file", "publish", self.folder / "none", self.folder / "x")
        self.fails(1, "must end in NAME.pth", "publish", WEIGHTS, self.folder / "x")
        self.fails(1, "No such file", "fetch", self.folder / "none.pth", self.folder / "x.pth")
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
