"""A software bill of materials: all files of an image, whose they are, in which version, and on what
terms (SPDX 2.3, https://spdx.github.io/spdx-spec/v2.3).

Debian's packages are asked for theirs; their copyright files are put into the image beside it.
"""

import hashlib
import json
import re
import shutil
import subprocess
import time
import uuid
from pathlib import Path

import licences

SOURCE = Path(__file__).resolve().parents[2]
PLACE = "usr/share/digit/sbom.spdx.json"

# What is compiled in, and so is no file of its own.
COMPILED_IN = ["libb64-dev", "libstb-dev"]


def identifier(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", "-".join(words)).strip("-")


def owner(path):
    """The Debian package of a file; its database may know the file by its place before /usr."""
    for place in (str(path), str(path).removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True,
                               check=False)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(",")[0]
    raise SystemExit(f"sbom: {path} is of no package")


def copyright_file(package):
    return Path("/usr/share/doc", package, "copyright")


def debian_package(name, root):
    fields = "${Package}\t${Version}\t${source:Package}\t${source:Version}\t${Architecture}"
    package, version, source, source_version, architecture = subprocess.run(
        ["dpkg-query", "--show", f"--showformat={fields}", name], capture_output=True, text=True,
        check=True).stdout.split("\t")
    terms = copyright_file(package)
    target = root / terms.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(terms, target)
    return {
        "SPDXID": identifier("Package", package),
        "name": package,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "sourceInfo": f"built by Debian from the source package {source} {source_version}",
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licences.declared(package, terms.read_text(encoding="utf-8")),
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/debian/{package}@{version}?arch={architecture}",
        }],
    }


def own_package():
    version = re.search(r"^project\(digitd VERSION ([0-9.]+)",
                        (SOURCE / "CMakeLists.txt").read_text(), re.M)[1]
    return {
        "SPDXID": identifier("Package", "digitd"),
        "name": "digitd",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "MIT",
        "licenseDeclared": "MIT",
        "copyrightText": re.search(r"^Copyright.*$", (SOURCE / "LICENSE").read_text(), re.M)[0],
    }


def swagger_ui():
    version = re.search(r"^NPM=swagger-ui-dist@(\S+)",
                        (SOURCE / "server/docs/fetch.sh").read_text(), re.M)[1]
    return {
        "SPDXID": identifier("Package", "swagger-ui-dist"),
        "name": "swagger-ui-dist",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:npm/swagger-ui-dist@{version}",
        }],
    }


def file_entry(path, root):
    content = path.read_bytes()
    place = "/" + str(path.relative_to(root))
    return {
        "SPDXID": identifier("File", place),
        "fileName": "." + place,
        "checksums": [{"algorithm": name, "checksumValue": hashlib.new(name, content).hexdigest()}
                      for name in ("SHA1", "SHA256")],
        "licenseConcluded": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def extracted(packages):
    """The texts of the licences that SPDX has no name for."""
    texts = {}
    for package in packages:
        for name in licences.references(package["licenseDeclared"]):
            texts.setdefault(name, copyright_file(package["name"]).read_text(encoding="utf-8"))
    return [{"licenseId": name, "extractedText": text} for name, text in sorted(texts.items())]


def related(one, how, other):
    return {"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other}


def write(root, origins, architecture, seconds):
    """Describes what is under `root` so far; `origins` names the Debian file behind each of those
    that are not our own."""
    owners = {path: owner(origin) for path, origin in origins.items()
              if origin.name != "ca-certificates.crt"}
    owners |= {path: "ca-certificates" for path, origin in origins.items() if path not in owners}
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    compiled_in = [f"{name}:{architecture}" for name in COMPILED_IN]
    ours, page = own_package(), swagger_ui()
    debian = {name: debian_package(name, root)
              for name in sorted({*owners.values(), *compiled_in})}
    entries = [file_entry(path, root) for path in files]
    relations = [related("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"]),
                 related(ours["SPDXID"], "CONTAINS", page["SPDXID"])]
    for path, entry in zip(files, entries):
        holder = debian[owners[path]] if path in owners else ours
        relations.append(related(entry["SPDXID"], "GENERATED_FROM", holder["SPDXID"]))
    for name, package in debian.items():
        how = "STATIC_LINK" if name in compiled_in else "DEPENDS_ON"
        relations.append(related(ours["SPDXID"], how, package["SPDXID"]))
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"digitd-{ours['versionInfo']}-{architecture}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)),
            "creators": ["Tool: digitd-docker-root-sbom"],
        },
        "packages": [ours, page, *debian.values()],
        "files": entries,
        "relationships": relations,
        "hasExtractedLicensingInfos": extracted(debian.values()),
    }
    digest = json.dumps(document, sort_keys=True)
    document["documentNamespace"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}"
    target = root / PLACE
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
