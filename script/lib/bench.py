"""Run the benchmark with the project on the path."""

import sys

from common import ROOT

sys.path.insert(0, str(ROOT))

if __name__ == "__main__":
    if sys.argv[1:2] == ["enumeration"]:
        from benchmarks import enumeration

        enumeration.main(sys.argv[2:])
    else:
        from benchmarks.main import main

        main()
