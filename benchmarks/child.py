"""One subject in a fresh process: ``python -m benchmarks.child NAME SIZE [--peers]``.

Rows go to standard output as lines of JSON behind the word ``row``.
"""

from __future__ import annotations

import json
import sys

from benchmarks.measure import rows
from benchmarks.subjects import SUBJECTS


def main(name: str, size: str, with_peers: bool) -> None:
    """Measure and print."""
    for row in rows(SUBJECTS[name], "full" if size == "full" else "tiny", with_peers=with_peers):
        print("row", json.dumps(row.to_json()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--peers" in sys.argv[3:])
