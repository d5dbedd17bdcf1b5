"""digit predict, with the weights that are shipped and real digits."""
import json
import struct
import unittest
import zlib

from tool import DIGITS, ToolTest, run

PNGS = [DIGITS / f"{digit}.png" for digit in range(10)]


class Predict(ToolTest):
    def test_every_digit(self):
        said = self.ok("predict", *PNGS).splitlines()
        self.assertEqual(len(said), 10)
        for digit, line in enumerate(said):
            self.assertRegex(line, rf"^{PNGS[digit]}: {digit} \(\d+\.\d%\)$")

    def test_json(self):
        for digit, line in enumerate(self.ok("predict", "--json", *PNGS).splitlines()):
            answer = json.loads(line)
            self.assertEqual(list(answer), ["file", "prediction", "confidence", "probabilities"])
            self.assertEqual(answer["file"], str(PNGS[digit]))
            self.assertEqual(answer["prediction"], digit)
            self.assertEqual(answer["confidence"], answer["probabilities"][digit])
            self.assertEqual(len(answer["probabilities"]), 10)
            self.assertAlmostEqual(sum(answer["probabilities"]), 1, delta=1e-5)
            self.assertTrue(all(p >= 0 for p in answer["probabilities"]))

    def test_probabilities_are_whole_float32(self):
        for p in json.loads(self.ok("predict", "--json", PNGS[4]))["probabilities"]:
            as_float = struct.unpack("f", struct.pack("f", p))[0]
            self.assertEqual(float(f"{as_float:.9g}"), p)

    def test_standard_input(self):
        said = self.ok("predict", "-", stdin=PNGS[7].read_bytes())
        self.assertRegex(said, r"^-: 7 \(\d+\.\d%\)\n$")

    def test_odd_names_are_json(self):
        name = self.folder / 'a "b"\n\\.png'
        name.write_bytes(PNGS[3].read_bytes())
        self.assertEqual(json.loads(self.ok("predict", "--json", name))["file"], str(name))

    def test_goes_on_after_a_bad_file(self):
        bad = self.folder / "bad.png"
        bad.write_bytes(PNGS[0].read_bytes()[:60])
        done = run("predict", PNGS[1], bad, "no/such.png", PNGS[2])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            [line.split(" ")[1] for line in done.stdout.decode().splitlines()], ["1", "2"]
        )
        said = done.stderr.decode().splitlines()
        self.assertEqual(len(said), 2, said)
        self.assertIn("bad.png", said[0])
        self.assertIn("no/such.png", said[1])

    def test_says_why_not(self):
        empty = self.folder / "empty.png"
        empty.write_bytes(b"")
        self.fails(1, "empty.png", "predict", empty)
        text = self.folder / "text.png"
        text.write_bytes(b"this is no picture")
        self.fails(1, "text.png", "predict", text)
        self.fails(1, "-: ", "predict", "-", stdin=b"no picture")

    def test_standard_input_ends_somewhere(self):
        larger = PNGS[7].read_bytes() + bytes(200000)  # what follows a picture is no matter
        self.assertIn("-: 7", self.ok("predict", "-", stdin=larger))
        self.fails(1, "-: it is longer than a picture may be", "predict", "-", stdin=bytes(65 << 20))

    def test_blank_picture(self):
        def chunk(kind, body):
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        blank = self.folder / "blank.png"
        blank.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * 40) * 40))
            + chunk(b"IEND", b"")
        )
        self.fails(1, "blank.png", "predict", blank)

    def test_device(self):
        self.fails(1, "there is no device 'abacus'; there is: auto, cpu, cuda", "predict",
                   "--engine", "torch", "--device", "abacus", PNGS[0])


if __name__ == "__main__":
    unittest.main()
