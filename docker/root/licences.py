"""A Debian copyright file's licences as SPDX licence expressions.

Most of those files have the form of DEP-5 (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/),
whose short names are nearly SPDX's. What has no name there becomes a LicenseRef with its whole text.
"""

import re

# Short names that SPDX writes otherwise. Endings of versions are told apart below.
NAMES = {
    "expat": "MIT", "mit": "MIT", "zlib": "Zlib", "isc": "ISC", "curl": "curl", "apache-2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause", "bsd3": "BSD-3-Clause",
    "bsd-4-clause": "BSD-4-Clause", "openldap-2.8": "OLDAP-2.8", "bsl-1.0": "BSL-1.0", "mpl-2.0": "MPL-2.0",
    "cc0-1.0": "CC0-1.0", "artistic": "Artistic-1.0-Perl", "bsd-variant": "bzip2-1.0.6",
}
GNU = re.compile(r"^(A?GPL|LGPL|GFDL)-(\d)(?:\.(\d))?(\+?)$", re.I)

# Packages whose copyright file has another form, by the beginning of their names.
OTHERS = {
    "libzip": "BSD-3-Clause", "libgnutls": "LGPL-2.1-or-later", "libc6": "LGPL-2.1-or-later",
    "libkrb5": "MIT", "libgssapi": "MIT", "libk5crypto": "MIT", "libtasn1": "LGPL-2.1-or-later",
    "librtmp": "LGPL-2.1-or-later", "ca-certificates": "MPL-2.0",
}
LICENCE_REF = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


def reference(name):
    return "LicenseRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-")


def one(name):
    gnu = GNU.match(name)
    if gnu:
        ending = "or-later" if gnu[4] else "only"
        return f"{gnu[1].upper()}-{gnu[2]}.{gnu[3] or 0}-{ending}"
    return NAMES.get(name.lower()) or reference(name)


def expression(text):
    text = re.sub(r"\band/or\b", "or", text.replace(",", " and "))
    words = [word.strip() for word in re.split(r"\b(or|and)\b", text)]
    return " ".join(word.upper() if word in ("or", "and") else one(word) for word in words if word)


def stanzas(text):
    return [dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.M))
            for stanza in re.split(r"\n[ \t]*\n(?=\S)", text)]


def declared(package, text):
    for beginning, licence in OTHERS.items():
        if package.startswith(beginning):
            return licence
    if not text.startswith("Format:"):
        return reference(package)
    licences = [(stanza.get("Files"), stanza["License"].split("\n")[0].strip())
                for stanza in stanzas(text) if "Files" in stanza and "License" in stanza]
    main = [licence for files, licence in licences if files.split()[:1] == ["*"]]
    found = dict.fromkeys(expression(licence) for licence in main or [each for _, each in licences])
    if len(found) > 1:
        found = dict.fromkeys(f"({each})" if " OR " in each else each for each in found)
    return " AND ".join(found) or reference(package)


def references(declaration):
    """The names in an expression that SPDX does not know, whose text a document must bring along."""
    return LICENCE_REF.findall(declaration)
