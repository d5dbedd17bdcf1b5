"""The engines that ours are measured against, on the same weights and pictures, on one thread.

    rival.py onnxruntime|torch CARD WEIGHTS IMAGES

It answers the same lines as bench_engine, by the same clock. `onnxruntime` runs the network as one
ONNX graph, optimised as it likes, between bound buffers; `empty` is the same call around next
to nothing: the part of a call that is Python's. `torch` runs it eagerly, operator by operator.
"""

import json
import pickle
import sys
import time
import zipfile

import numpy as np

PICTURES = 128
PASSES_MAX = 256


class StateDict(pickle.Unpickler):
    """Reads the pickle of a .pth that holds tensors of float32 and nothing else."""

    def __init__(self, archive, prefix):
        super().__init__(archive.open(prefix + "data.pkl"))
        self.archive, self.prefix = archive, prefix

    def find_class(self, module, name):
        known = {"OrderedDict": dict, "FloatStorage": "float32", "_rebuild_tensor_v2": self.tensor}
        return known[name]

    def persistent_load(self, pid):
        return np.frombuffer(self.archive.read(f"{self.prefix}data/{pid[2]}"), "<f4")

    @staticmethod
    def tensor(storage, offset, size, stride, *_):
        strides = [4 * step for step in stride]
        return np.lib.stride_tricks.as_strided(storage[offset:], size, strides).copy()


def read_weights(path):
    with zipfile.ZipFile(path) as archive:
        pickled = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        return StateDict(archive, pickled[: -len("data.pkl")]).load()


def read_pictures(path):
    """The same that bench_engine takes."""
    data = np.fromfile(path, np.uint8)
    pixels = data[16:].reshape(-1, 1, 28, 28)
    chosen = pixels[[i * len(pixels) // PICTURES for i in range(PICTURES)]]
    dense = np.random.default_rng(1).random(chosen.shape, np.float32)
    return {"digits": chosen.astype(np.float32) / np.float32(255), "dense": dense}


def onnx_graph(layers, weights):
    """The card's layers as an ONNX model with `pixels` in and `probabilities` out."""
    from onnx import TensorProto, helper, numpy_helper

    forms = {
        "conv2d": ("Conv", lambda layer: {"pads": [layer.get("padding", 0)] * 4}),
        "relu": ("Relu", lambda layer: {}),
        "maxpool2d": (
            "MaxPool",
            lambda layer: {"kernel_shape": [layer["kernel"]] * 2, "strides": [layer["kernel"]] * 2},
        ),
        "flatten": ("Flatten", lambda layer: {}),
        "linear": ("Gemm", lambda layer: {"transB": 1}),
    }
    nodes, at = [], "pixels"
    for i, layer in enumerate(layers):
        if layer["kind"] in forms:
            operator, attributes = forms[layer["kind"]]
            own = (
                [f"{layer['name']}.{part}" for part in ("weight", "bias")]
                if "name" in layer
                else []
            )
            nodes.append(helper.make_node(operator, [at, *own], [f"x{i}"], **attributes(layer)))
            at = f"x{i}"
    nodes.append(helper.make_node("Softmax", [at], ["probabilities"], axis=1))
    return helper.make_model(
        helper.make_graph(
            nodes,
            "network",
            [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 1, 28, 28])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 10])],
            [numpy_helper.from_array(value, name) for name, value in weights.items()],
        ),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
    )


def empty_graph():
    """Each picture's brightest pixel: next to nothing."""
    from onnx import TensorProto, helper

    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1, side, side])
        for name, side in (("pixels", 28), ("probabilities", 1))
    ]
    node = helper.make_node("GlobalMaxPool", ["pixels"], ["probabilities"])
    return helper.make_model(
        helper.make_graph([node], "empty", ends[:1], ends[1:]),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
    )


def onnxruntime_engines(card, weights):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1

    def engine(model, shape):
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

        def bind(pictures):
            """A call that needs no more than to be made: buffers are bound beforehand."""
            out = np.empty((len(pictures), *shape), np.float32)
            binding = session.io_binding()
            for name, array, use in (
                ("pixels", pictures, binding.bind_input),
                ("probabilities", out, binding.bind_output),
            ):
                use(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)
            return (lambda: session.run_with_iobinding(binding)), lambda: out.reshape(len(out), -1)

        return bind

    about = f"ONNX Runtime {onnxruntime.__version__}, PyPI"
    network = onnx_graph(card["network"]["layers"], read_weights(weights))
    return {
        "onnxruntime": (about, engine(network, (10,))),
        "empty": (about + ", next to nothing", engine(empty_graph(), (1, 1, 1))),
    }


def torch_engines(card, weights):
    import torch

    functional = torch.nn.functional
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    weights = {name: torch.from_numpy(value) for name, value in read_weights(weights).items()}
    forms = {
        "conv2d": lambda x, layer, *own: functional.conv2d(
            x, *own, padding=layer.get("padding", 0)
        ),
        "relu": lambda x, layer: functional.relu(x),
        "maxpool2d": lambda x, layer: functional.max_pool2d(x, layer["kernel"]),
        "flatten": lambda x, layer: torch.flatten(x, 1),
        "linear": lambda x, layer, *own: functional.linear(x, *own),
    }
    steps = [
        (
            forms[layer["kind"]],
            layer,
            (
                [weights[f"{layer['name']}.{part}"] for part in ("weight", "bias")]
                if "name" in layer
                else []
            ),
        )
        for layer in card["network"]["layers"]
        if layer["kind"] in forms
    ]

    def bind(pictures):
        pixels, results = torch.from_numpy(pictures), []

        def call():
            x = pixels
            for form, layer, own in steps:
                x = form(x, layer, *own)
            results[:] = [functional.softmax(x, 1)]

        return call, lambda: results[0].numpy()

    return {"eager": (f"PyTorch {torch.__version__}, eager", bind)}


def run(bind, pictures, batch, seconds):
    parts = [
        bind(np.ascontiguousarray(pictures[at : at + batch])) for at in range(0, PICTURES, batch)
    ]
    calls = [call for call, _ in parts]
    for call in calls:
        call()
    us = []
    start = before = time.process_time_ns()
    while not us or (before - start < seconds * 1e9 and len(us) < PASSES_MAX):
        for call in calls:
            call()
        now = time.process_time_ns()
        us.append((now - before) / 1000 / PICTURES)
        before = now
    answers = np.concatenate([result() for _, result in parts]).argmax(axis=1)
    return {"us": us, "answers": "".join(map(str, answers))}


def main():
    backend, card, weights, images = sys.argv[1:]
    with open(card, encoding="utf-8") as file:
        card = json.load(file)
    engines = {"onnxruntime": onnxruntime_engines, "torch": torch_engines}[backend](card, weights)
    pictures = read_pictures(images)
    print(
        json.dumps({"engines": {name: about for name, (about, _) in engines.items()}}), flush=True
    )
    for line in sys.stdin:
        _, engine, batch, kind, seconds = line.split()
        answer = run(engines[engine][1], pictures[kind], int(batch), float(seconds))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
