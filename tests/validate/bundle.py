#!/usr/bin/env python3
"""Asks independent validators about bundles: bundle.py BUNDLE.zip ...

Exit status 0 if all of them pass, 1 if one fails, 2 if a validator could not run. See README.md beside this file.
"""

import email.message
import io
import json
import logging
import pathlib
import sys
import tempfile
import urllib.request
import zipfile

import bagit
import prov.model
import requests
import yaml

CONTEXTS = pathlib.Path(__file__).resolve().parent / "contexts"
PROFILES = ("provenance-run-crate-0.5", "ro-crate-1.2")
ANSWERS = {
    "https://w3id.org/ro/crate/1.1/context": "1.1.jsonld",
    "https://w3id.org/ro/crate/1.2/context": "1.2.jsonld",
    "https://w3id.org/ro/terms/workflow-run/context": "wfrun.jsonld",
}


def answer(url):
    """The stored body for an address; an error for any other, so that no validation depends on the network."""
    if url not in ANSWERS:
        raise ConnectionError(f"validation asked for {url}, which is not among the stored contexts")
    return (CONTEXTS / ANSWERS[url]).read_bytes()


class Stored(io.BytesIO):
    """What urllib gets for an answer."""

    def __init__(self, url):
        super().__init__(answer(url))
        self.url, self.status, self.code = url, 200, 200
        self.headers = email.message.Message()
        self.headers["Content-Type"] = "application/ld+json"

    def geturl(self):
        return self.url

    def info(self):
        return self.headers


def opened(_self, request, *_args, **_kwargs):
    return Stored(request if isinstance(request, str) else request.full_url)


def requested(_self, _method, url, *_args, **_kwargs):
    response = requests.Response()
    response.status_code, response._content, response.url = 200, answer(url), url
    response.headers["Content-Type"] = "application/ld+json"
    return response


urllib.request.OpenerDirector.open, requests.Session.request = opened, requested

from rocrate_validator import services  # noqa: E402  (after the answers are in place)
from rocrate_validator.models import Severity, ValidationSettings  # noqa: E402


def check_bag(bag):
    """bagit: structure, completeness, digests. A bag with files to be fetched is not complete, and said to be so."""
    if (bag / "fetch.txt").exists():
        yield "bagit: not complete before fetch.txt is fetched"
        return
    try:
        bagit.Bag(str(bag)).validate()
    except bagit.BagError as error:
        yield f"bagit: {error}"


def check_crate(root):
    """roc-validator: what the profiles require."""
    for profile in PROFILES:
        settings = ValidationSettings(
            rocrate_uri=str(root), profile_identifier=profile, requirement_severity=Severity.REQUIRED
        )
        result = services.validate(settings)
        issues = [f"{i.check.identifier}: {i.message}".replace("\n", " ") for i in result.get_issues()]
        if not result.passed() and not issues:
            issues = ["fails without saying why"]
        yield from (f"roc-validator {profile}: {issue}" for issue in issues)


def check_prov(path):
    """prov: it can be read, and what is written of that says the same."""
    document = prov.model.ProvDocument.deserialize(str(path), format="json")
    again = prov.model.ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
    if document != again:
        yield "prov: it is not the same when it is read again"
    for kind in (prov.model.ProvEntity, prov.model.ProvActivity, prov.model.ProvAgent):
        if not list(document.get_records(kind)):
            yield f"prov: it has no {kind.__name__}"


def check_texts(root):
    """The draft of codecheck.yml is YAML whose files are there; the data package's resources are, too."""
    codecheck = yaml.safe_load((root / "codecheck.yml").read_text(encoding="utf-8"))
    for item in codecheck["manifest"]:
        if not (root / item["file"]).is_file():
            yield f"codecheck.yml: there is no {item['file']}"
    package = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        path = resource["path"]
        if "://" not in path and (root / path).stat().st_size != resource["bytes"]:
            yield f"datapackage.json: {path} has another length"


def check(archive):
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as bundle:
            bundle.extractall(folder)
        (bag,) = pathlib.Path(folder).iterdir()
        root = bag / "data"
        yield from check_bag(bag)
        yield from check_crate(root)
        yield from check_prov(root / "build" / bag.name / "provenance" / "prov.json")
        yield from check_texts(root)


def main(archives):
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    failed = False
    for archive in archives:
        problems = list(check(archive))
        failed |= bool(problems)
        print(archive, "FAILS" if problems else "passes")
        for problem in problems:
            print("  -", problem)
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1:]))
    except Exception as error:  # a validator itself broke
        print("could not validate:", type(error).__name__, error)
        sys.exit(2)
