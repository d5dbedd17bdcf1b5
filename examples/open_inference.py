"""The same by the Open Inference Protocol, with NVIDIA's client: pip install tritonclient[http].

usage: open_inference.py HOST:PORT FILE...        open_inference.py 127.0.0.1:8080 seven.png one.png
"""

import sys

import numpy
import tritonclient.http as triton


def main():
    server, *files = sys.argv[1:]
    pictures = []
    for file in files:
        with open(file, "rb") as picture:
            pictures.append(picture.read())
    tensor = triton.InferInput("image", [len(files)], "BYTES")
    tensor.set_data_from_numpy(numpy.array(pictures, dtype=object))
    answer = triton.InferenceServerClient(server).infer("cnn_mnist", [tensor])
    for file, digit in zip(files, answer.as_numpy("prediction")):
        print(f"{file}: {digit}")


main()
