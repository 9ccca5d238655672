"""Reads an EDI file with a library of others: edi.py PEER FILE. Prints seconds and peak memory in KiB."""
import resource
import sys
import time


def pyx12(path):
    import pyx12.x12file
    return sum(1 for _ in pyx12.x12file.X12Reader(path))


def pydifact(path):
    from pydifact.segmentcollection import Interchange
    with open(path, encoding="iso-8859-1") as file:
        return len(Interchange.from_str(file.read()).segments)


peer, path = sys.argv[1:]
started = time.perf_counter()
assert {"pyx12": pyx12, "pydifact": pydifact}[peer](path), "nothing was read"
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
