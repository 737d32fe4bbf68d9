#!/usr/bin/env python3
"""Asks frictionless about data packages: datapackage.py DIR ...

Each DIR holds a datapackage.json and the files that it names. Descriptor, hashes, and every cell of the tables that
frictionless can read are checked. Exit status 0 if all of them are valid, 1 if one is not.
"""

import json
import os
import sys

from frictionless import Package, validate

#: What frictionless reads without further plugins.
READ = {"csv", "tsv"}


def check(folder):
    """Whether the package in a folder is valid; says what is not."""
    with open("datapackage.json") as file:
        descriptor = json.load(file)
    errors = list(Package.metadata_validate(descriptor))
    tables = [r for r in descriptor["resources"] if r["format"] in READ]
    for resource in tables:
        report = validate(dict(descriptor, resources=[resource]), type="package")
        errors += report.flatten(["type", "note"])
        errors += [e for t in report.tasks for e in t.flatten(["type", "note"])] if not report.valid else []
    for error in errors:
        print(f"{folder}: {error}")
    if not errors:
        print(f"{folder}: valid ({len(tables)} of {len(descriptor['resources'])} tables read)")
    return not errors


def main(folders):
    here = os.getcwd()
    valid = True
    for folder in folders:
        os.chdir(os.path.join(here, folder))
        valid &= check(folder)
    return 0 if valid and folders else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
