"""Which digits are on these pictures? Python's own library is enough.

usage: predict.py SERVER FILE...        predict.py http://127.0.0.1:8080 seven.png one.png
"""

import base64
import json
import sys
import urllib.error
import urllib.request


def predict(server, files):
    images = []
    for file in files:
        with open(file, "rb") as picture:
            images.append(base64.b64encode(picture.read()).decode())
    request = urllib.request.Request(
        f"{server}/predict",
        data=json.dumps({"images": images}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["predictions"]


def main():
    server, *files = sys.argv[1:]
    try:
        for file, found in zip(files, predict(server, files)):
            print(f"{file}: {found['prediction']} ({found['confidence']:.1%})")
    except urllib.error.HTTPError as error:
        sys.exit(json.load(error)["detail"])
    except OSError as error:
        sys.exit(f"{server}: {error}")


main()
