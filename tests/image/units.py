"""The units and the server pass with Debian 13's libraries, in the image's own test stage.

    units.py
"""

import sys

import container
from container import Failure


def main():
    container.require()
    print(f"units: {container.build('test')}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"units: {failure}")
