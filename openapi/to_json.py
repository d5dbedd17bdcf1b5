"""Turns openapi.yaml into JSON: to_json.py FROM TO."""

import json
import re
import sys

import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2 with the JSON schema (section 10.2). PyYAML's own is 1.1, where `no` is false, 1e-9
    is text, 010 is eight and 2026-11-22 is no text."""

    yaml_implicit_resolvers = {}


for tag, form, firsts in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9]*)", list("-0123456789")),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", list("-0123456789")),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{form})\\Z"), firsts)


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        document = yaml.load(file, Loader)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


main()
