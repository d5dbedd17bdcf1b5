"""Files that the lab writes, read again: pictures by the library's own decoder, the rest by Python's."""
import html.parser
import os
import re
import subprocess
import urllib.parse
import xml.etree.ElementTree


def png(path):
    """(width, height, rows of grey bytes)."""
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n", path
    head, pixels = subprocess.check_output([os.environ["PICTURE_DUMP"], path]).split(b"\n", 1)
    width, height = map(int, head.split())
    assert len(pixels) == width * height, path
    return width, height, [pixels[y * width : (y + 1) * width] for y in range(height)]


def svg(text):
    """(width, height, all its texts) of an SVG."""
    root = xml.etree.ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg", root.tag
    texts = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
    return float(root.get("width")), float(root.get("height")), texts


class Page(html.parser.HTMLParser):
    """A page's tags, checked to be closed in order; and the SVGs in its pictures."""

    EMPTY = {"meta", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.pictures, self.tags, self.words = [], [], set(), []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in self.EMPTY:
            self.open.append(tag)
        attributes = dict(attributes)
        if tag == "img":
            assert attributes["alt"], attributes
            kind, data = attributes["src"].split(",", 1)
            assert kind == "data:image/svg+xml", kind
            assert re.fullmatch(r"[-A-Za-z0-9._~!$()*+,;=@%]+", data)
            self.pictures.append(urllib.parse.unquote(data))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, words):
        self.words.append(words)
