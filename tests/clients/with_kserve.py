"""KServe's client, as it comes from PyPI, against a real digitd: with_kserve.py HOST:PORT DIGITS."""

import asyncio
import base64
import sys
from pathlib import Path

import httpx
import numpy
from kserve import InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import InferInput, InferRequest, RequestedOutput
from PIL import Image

MODEL = "cnn_mnist"
WANTED = list(range(10))


def check(condition, what):
    if not condition:
        sys.exit(f"kserve: {what}")


async def refused(call, *words):
    try:
        await call
    except httpx.HTTPStatusError as error:
        missing = [word for word in words if word not in str(error)]
        check(not missing, f"the error '{error}' does not say {missing}")
        return
    check(False, f"nothing is wrong, where '{words[0]}' should be")


def request(array, datatype, binary=False, outputs=None):
    made = InferInput("image", list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return InferRequest(MODEL, [made], request_id="an id", request_outputs=outputs)


async def check_v2(url, pixels):
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        check(await client.is_server_live(url), "not live")
        check(await client.is_server_ready(url), "not ready")
        check(await client.is_model_ready(url, MODEL), "the model is not ready")
        check(not await client.is_model_ready(url, "other"), "another model is ready")
        floats = (pixels / 255).astype(numpy.float32)
        for array, datatype in (pixels, "UINT8"), (floats.reshape(10, 1, 28, 28), "FP32"):
            for binary in True, False:
                outputs = [RequestedOutput("prediction", {"binary_data": binary}),
                           RequestedOutput("probabilities", {"binary_data": binary})]
                answer = await client.infer(url, request(array, datatype, binary, outputs),
                                            model_name=MODEL)
                check(answer.id == "an id", "the id does not come back")
                got = {output.name: output.as_numpy() for output in answer.outputs}
                check(got["prediction"].tolist() == WANTED, f"{datatype} {binary}: {got}")
                check(got["probabilities"].shape == (10, 10), "the shape of the probabilities")
        await refused(client.infer(url, request(floats * 2, "FP32", True), model_name=MODEL),
                      "a pixel is from 0", "422")
        await refused(client.infer(url, request(floats, "FP32"), model_name="other"), "404")


async def check_v1(url, files, pixels):
    async with InferenceRESTClient(RESTConfig(protocol="v1")) as client:
        check(await client.is_model_ready(url, MODEL), "V1: the model is not ready")
        pictures = [{"b64": base64.b64encode(file.read_bytes()).decode()} for file in files]
        rows = (pixels / 255).tolist()
        for words in {"instances": pictures}, {"inputs": pictures}, {"instances": rows}:
            answer = await client.infer(url, words, model_name=MODEL)
            rows_out = answer["outputs" if "inputs" in words else "predictions"]
            check([row.index(max(row)) for row in rows_out] == WANTED, f"V1: {list(words)}")
        await refused(client.infer(url, {"instances": []}, model_name=MODEL), "instances is empty")
        await refused(client.infer(url, {"instances": pictures}, model_name="other"), "404")


async def main():
    address, digits = sys.argv[1:]
    files = [Path(digits) / f"{digit}.png" for digit in range(10)]
    pixels = numpy.stack([numpy.array(Image.open(file).convert("L")) for file in files])
    await check_v2(f"http://{address}", pixels)
    await check_v1(f"http://{address}", files, pixels)


asyncio.run(main())
