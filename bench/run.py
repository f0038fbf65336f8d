"""`make bench` calls this file; the benchmark is the package around it (`python -m bench --help`)."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

# This folder is not on the path, so that no module in it can stand in for one of the standard library's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

if __name__ == "__main__":
    runpy.run_module("bench", run_name="__main__")
