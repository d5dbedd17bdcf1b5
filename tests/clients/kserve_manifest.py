"""Holds manifests against the types of KServe's own SDK: kserve_manifest.py FILE, YAML of many documents.

Every key must be one that the type has, every value of its key's type, and what a type requires there."""

import re
import sys

import kserve
import yaml
from kubernetes import client

PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object}


def check(kind, value, place):
    if value is None:
        sys.exit(f"kserve: {place} has no value")
    if found := re.fullmatch(r"[Ll]ist\[(.*)]", kind):
        check_plain(list, value, place)
        for number, item in enumerate(value):
            check(found.group(1), item, f"{place}[{number}]")
    elif found := re.fullmatch(r"[Dd]ict[([]str, (.*)[])]", kind):
        check_plain(dict, value, place)
        for key, item in value.items():
            check(found.group(1), item, f"{place}.{key}")
    elif kind in PLAIN:
        check_plain(PLAIN[kind], value, place)
    else:
        check_object(getattr(kserve, kind, None) or getattr(client, kind), value, place)


def check_plain(kind, value, place):
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        sys.exit(f"kserve: {place} is {value!r}")


def check_object(kind, value, place):
    check_plain(dict, value, place)
    keys = {key: name for name, key in kind.attribute_map.items()}
    for key, item in value.items():
        if key not in keys:
            sys.exit(f"kserve: {place} has no key {key}")
        check(kind.openapi_types[keys[key]], item, f"{place}.{key}")
    try:
        kind(**{keys[key]: item for key, item in value.items()})
    except ValueError as error:
        sys.exit(f"kserve: {place}: {error}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        for document in yaml.safe_load_all(file):
            version = document["apiVersion"].removeprefix("serving.kserve.io/").capitalize()
            check(version + document["kind"], document, document["kind"])


main()
