"""Prints one label as a 203 or 300 dpi printer would: print.py LABEL.zpl DPI LABEL.png"""

import sys
from pathlib import Path

from zplkit import Options, render

source, dpi, target = sys.argv[1:]
labels = render(Path(source).read_bytes(), Options(profile="zd621", dpi=int(dpi))).labels
if len(labels) != 1:
    sys.exit(f"{len(labels)} labels where one was expected")
Path(target).write_bytes(labels[0].png())
