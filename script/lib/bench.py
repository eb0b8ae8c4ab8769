"""Run the benchmark with the project on the path."""

import sys

from common import ROOT

sys.path.insert(0, str(ROOT))

from benchmarks.main import main

if __name__ == "__main__":
    main()
