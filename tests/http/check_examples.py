"""Whether every example in an OpenAPI document fits the schema that it stands beside. Runs in the
virtual environment of contract.py: check_examples.py DOCUMENT."""

import sys

import yaml
from jsonschema import Draft202012Validator


def resolve(document, node):
    while "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def examples(document, node, place=""):
    """Every (place, schema, example) below a node."""
    if isinstance(node, list):
        for i, child in enumerate(node):
            yield from examples(document, child, f"{place}/{i}")
        return
    if not isinstance(node, dict):
        return
    if "schema" in node:
        if "example" in node:
            yield f"{place}/example", node["schema"], node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{place}/{name}", node["schema"], resolve(document, example)["value"]
    elif isinstance(node.get("examples"), list):
        for i, example in enumerate(node["examples"]):
            yield f"{place}/examples/{i}", node, example
    for name, child in node.items():
        if name not in ("example", "examples", "value"):
            yield from examples(document, child, f"{place}/{name}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        document = yaml.safe_load(file)
    count = wrong = 0
    for place, schema, example in examples(document, document):
        count += 1
        # Beside the components, so that the schema's references lead somewhere.
        whole = {"components": document["components"], "allOf": [schema]}
        for error in Draft202012Validator(whole).iter_errors(example):
            wrong += 1
            print(f"{place}: {error.json_path}: {error.message[:200]}")
    print(f"{count} examples, {wrong} do not fit")
    return wrong > 0 or count == 0


sys.exit(main())
