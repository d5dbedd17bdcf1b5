"""The site's files over HTTP: site.py DIGITD MODEL.

Every file that a page of the site names is there, with its type, its fields of security and a form
for every client; what a client has already is not sent again.
"""

import gzip
import re
import sys

from support import Failure, Server, read_response

PAGES = ("/", "/docs")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
         ".json": "application/json", ".yaml": "application/yaml"}
FIELDS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}
# Of the page with all that it loads, compressed: it is to stay small.
PAGE_MAX = 24 * 1024


def ask(connection, target, method="GET", **fields):
    lines = [f"{method} {target} HTTP/1.1", "Host: test"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return read_response(connection, method)


def expect(what, found, wanted):
    if found != wanted:
        raise Failure(f"{what} is {found!r}, not {wanted!r}")


def check_fields(target, headers):
    for name, value in FIELDS.items():
        expect(f"{target}: {name}", headers[name], value)
    policy = headers["Content-Security-Policy"]
    if "default-src 'none'" not in policy or "unsafe" in policy:
        raise Failure(f"{target}: the policy is not strict: {policy}")


def check_codings(connection, target, plain):
    """Each coding holds the same file under a tag of its own, and a tag brings a 304."""
    tags = set()
    for accepted, coding in (("gzip, deflate", "gzip"), ("br;q=0, gzip;q=0.1", "gzip"), ("zstd, gzip", "gzip"),
                             ("gzip;q=0", None)):
        response = ask(connection, target, Accept_Encoding=accepted)
        if coding or plain.headers["Content-Encoding"] is None:
            expect(f"{target} for '{accepted}'", response.headers["Content-Encoding"], coding)
        if coding:
            expect(f"{target} in {coding}", gzip.decompress(response.body), body_of(plain))
        tags.add(response.headers["ETag"])
    expect(f"{target}: the number of its tags", len(tags), 1 if coding_of(plain) else 2)
    again = ask(connection, target, If_None_Match="*")
    expect(f"{target} for any tag", (again.status, again.body), (304, b""))
    for tag in tags:
        again = ask(connection, target, If_None_Match=f'"other", W/{tag}')
        expect(f"{target} for {tag}", (again.status, again.body), (304, b""))
        check_fields(target, again.headers)


def coding_of(response):
    return response.headers["Content-Encoding"]


def body_of(response):
    return gzip.decompress(response.body) if coding_of(response) == "gzip" else response.body


def check_file(connection, target):
    """Gives the file, and how many bytes a browser reads for it."""
    plain = ask(connection, target)
    expect(f"{target}: the status", plain.status, 200)
    suffix = re.search(r"\.\w+$", target)
    wanted = TYPES[suffix.group()] if suffix else "text/html"
    expect(f"{target}: its type", plain.headers["Content-Type"].split(";")[0], wanted)
    check_fields(target, plain.headers)
    head = ask(connection, target, "HEAD")
    expect(f"HEAD {target}", (head.status, head.headers["ETag"]), (200, plain.headers["ETag"]))
    if suffix is None or suffix.group() != ".png":
        check_codings(connection, target, plain)
    return body_of(plain), len(ask(connection, target, Accept_Encoding="gzip, br").body)


def check_page(connection, page):
    """Checks a page and what it names. Gives the bytes of all of it."""
    body, total = check_file(connection, page)
    named = {f"/{name}" for name in re.findall(r'(?:src|href)="((?:web|docs)/[^"]+\.\w+)"', body.decode())}
    if page == "/":
        named.add("/web/digits.png")
    for target in sorted(named):
        total += check_file(connection, target)[1]
    print(f"{page}: {len(named) + 1} files, {total} bytes as a browser reads them")
    return total


def main():
    digitd, model = sys.argv[1:]
    with Server([digitd, "--model", model]) as server, server.connect() as connection:
        sizes = {page: check_page(connection, page) for page in PAGES}
        if sizes["/"] > PAGE_MAX:
            raise Failure(f"the page has {sizes['/']} bytes; at most {PAGE_MAX}")
        for target in ("/openapi.yaml", "/openapi.json"):
            check_file(connection, target)
        refused = ask(connection, "/", "DELETE")
        expect("DELETE /", (refused.status, refused.headers["Allow"]), (405, "GET, HEAD, OPTIONS"))
        expect("OPTIONS /docs", ask(connection, "/docs", "OPTIONS").status, 204)
        for old, new in (("/docs/", "../docs"), ("/index.html", "./"), ("/favicon.ico", "web/icon.svg")):
            moved = ask(connection, old)
            expect(old, (moved.status, moved.headers["Location"]), (308, new))
        for target in ("/web", "/web/", "/web/index.html", "/web/../web/app.js", "/docs/nothing.js"):
            expect(target, ask(connection, target).status, 404)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
