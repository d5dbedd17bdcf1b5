"""NVIDIA's client, as it comes from PyPI, against a real digitd: with_triton.py HOST:PORT DIGITS."""

import sys
from pathlib import Path

import numpy
import tritonclient.http as triton
from PIL import Image
from tritonclient.utils import InferenceServerException

MODEL = "cnn_mnist"


def check(condition, what):
    if not condition:
        sys.exit(f"tritonclient: {what}")


def refused(call, *words):
    """Whether a call fails with an error that holds these words."""
    try:
        call()
    except InferenceServerException as error:
        missing = [word for word in words if word not in str(error)]
        check(not missing, f"the error '{error}' does not say {missing}")
        return
    check(False, f"nothing is wrong, where '{words[0]}' should be")


def tensor(name, array, datatype, binary=True):
    made = triton.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def check_metadata(client):
    check(client.is_server_live() and client.is_server_ready(), "the server is not ready")
    check(client.is_model_ready(MODEL), "the model is not ready")
    check(not client.is_model_ready("other"), "a model that is not there is ready")
    server = client.get_server_metadata()
    check(server["name"] == "digitd" and "binary_tensor_data" in server["extensions"], server)
    model = client.get_model_metadata(MODEL)
    version = model["versions"][0]
    check(client.is_model_ready(MODEL, version), "its version is not ready")
    check(client.get_model_metadata(MODEL, version) == model, "the version's metadata differ")
    check(not client.is_model_ready(MODEL, "1"), "a version that is not there is ready")
    refused(lambda: client.get_model_metadata("other"), "there is no model 'other'", "cnn_mnist")
    return model


def check_tensors(client, model, pixels):
    """All datatypes and shapes, in JSON and in binary, say the same."""
    wanted = list(range(10))
    name = model["inputs"][0]["name"]
    first = None
    for shape in (-1, 1, 28, 28), (-1, 28, 28, 1), (-1, 28, 28), (-1, 784):
        for array, datatype in (pixels, "UINT8"), ((pixels / 255).astype(numpy.float32), "FP32"):
            for binary in True, False:
                made = tensor(name, array.reshape(shape), datatype, binary)
                outputs = [triton.InferRequestedOutput(o["name"], binary_data=binary)
                           for o in model["outputs"]]
                answer = client.infer(MODEL, [made], outputs=outputs, request_id="an id")
                check(answer.get_response()["id"] == "an id", "the id does not come back")
                got = answer.as_numpy("probabilities")
                first = got if first is None else first
                check(got.shape == (10, 10) and got.dtype == numpy.float32, got.shape)
                check(numpy.allclose(got, first, atol=1e-6), f"{datatype} {shape} {binary} differs")
                check(answer.as_numpy("prediction").tolist() == wanted, f"{datatype}: {answer}")


def check_pictures(client, files):
    name = "any name"
    array = numpy.array([file.read_bytes() for file in files], dtype=object)
    answer = client.infer(MODEL, [tensor(name, array, "BYTES")])  # all outputs, binary
    check(answer.as_numpy("prediction").tolist() == list(range(10)), "pictures as binary data")
    only = [triton.InferRequestedOutput("prediction", binary_data=False)]
    answer = client.infer(MODEL, [tensor(name, array.reshape(10, 1), "BYTES")], outputs=only)
    check(answer.as_numpy("prediction").tolist() == list(range(10)), "one output as JSON")
    check(answer.as_numpy("probabilities") is None, "an output that nobody asked for")


def check_refusals(client):
    zeros = numpy.zeros((1, 784), numpy.float32)
    refused(lambda: client.infer("other", [tensor("x", zeros, "FP32")]), "no model 'other'")
    refused(lambda: client.infer(MODEL, [tensor("x", zeros[:, 1:], "FP32")]), "shape", "[N,784]")
    refused(lambda: client.infer(MODEL, [tensor("x", zeros + 2, "FP32")]), "number 1", "is 2")
    refused(lambda: client.infer(MODEL, [tensor("x", zeros, "FP32")],
                                 outputs=[triton.InferRequestedOutput("digit")]), "'digit'")
    refused(lambda: client.infer(MODEL, [tensor("x", zeros, "FP32")],
                                 request_compression_algorithm="gzip"), "Content-Encoding")
    many = numpy.zeros((65, 784), numpy.uint8)
    refused(lambda: client.infer(MODEL, [tensor("x", many, "UINT8")]), "at most 64")


def check_repository(client, zeros):
    ready = [{"name": MODEL, "state": "READY"}]
    index = client.get_model_repository_index()
    check([{k: m[k] for k in ("name", "state")} for m in index] == ready, index)
    client.load_model(MODEL)
    refused(lambda: client.load_model("other"), "no model 'other'")
    refused(lambda: client.load_model(MODEL, config="{}"), "config")
    client.unload_model(MODEL)
    client.unload_model(MODEL)  # it is so already
    check(not client.is_server_ready() and client.is_server_live(), "ready without a model")
    check(not client.is_model_ready(MODEL), "the model is ready, though unloaded")
    check(client.get_model_repository_index()[0]["state"] == "UNAVAILABLE", "the index")
    refused(lambda: client.infer(MODEL, [zeros]), "unloaded", "/load")
    refused(lambda: client.load_model("other"), "no model 'other'")
    client.load_model(MODEL)
    check(client.is_server_ready() and client.is_model_ready(MODEL), "not ready after the load")
    client.infer(MODEL, [zeros])


def main():
    url, digits = sys.argv[1:]
    files = [Path(digits) / f"{digit}.png" for digit in range(10)]
    pixels = numpy.stack([numpy.array(Image.open(file).convert("L")) for file in files])
    client = triton.InferenceServerClient(url)
    model = check_metadata(client)
    check_tensors(client, model, pixels)
    check_pictures(client, files)
    check_refusals(client)
    check_repository(client, tensor("x", numpy.zeros((1, 784), numpy.uint8), "UINT8"))


main()
