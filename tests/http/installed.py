"""What `cmake --install` makes stands by itself: moved elsewhere, it serves its own model; and systemd's unit names it.

usage: installed.py CMAKE BUILD
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import support


def main(cmake, build):
    with tempfile.TemporaryDirectory() as folder:
        first, moved = Path(folder, "first"), Path(folder, "moved")
        subprocess.run([cmake, "--install", build, "--prefix", first], check=True,
                       stdout=subprocess.DEVNULL)
        unit = Path(first, "lib", "systemd", "system", "digitd.service").read_text()
        if f"\nExecStart={first}/bin/digitd\n" not in unit:
            sys.exit("installed: the unit does not start what was installed")
        first.rename(moved)
        with support.Server([moved / "bin" / "digitd"]) as server, server.connect() as connection:
            ready = support.request(connection, "GET", "/readyz")
            if ready.status != 200:
                sys.exit(f"installed: /readyz answers {ready.status}")
        said = subprocess.run([moved / "bin" / "digit", "--version"], check=True,
                              capture_output=True, text=True).stdout
    print(f"installed: {said.strip()}, and digitd serves {server.model}")


if __name__ == "__main__":
    main(*sys.argv[1:])
