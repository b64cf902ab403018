"""`make opensearch`: a node (or --nodes N) in the foreground until Ctrl-C, or until the process --owner ends."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from tests.opensearch.cluster import HEAP, ClusterFailed, cluster
from tests.opensearch.guard import wait_for_end


def main() -> None:
    """Start, say where, wait, stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.opensearch", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--port", type=int, help="of the first node; otherwise a free one")
    parser.add_argument("--heap", default=HEAP, help="of each node (default %(default)s)")
    parser.add_argument("--owner", type=int, help="number of the process to end with")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if given.owner:
        threading.Thread(target=end_with, args=(given.owner,), daemon=True).start()
    try:
        with cluster(given.nodes, heap=given.heap, port=given.port) as made:
            if given.json:
                sys.stdout.write(json.dumps({"url": made.url, "urls": made.urls, "logs": str(made.folder)}) + "\n")
            else:
                sys.stdout.write(f"OpenSearch is up: {' '.join(made.urls)}\nCtrl-C stops it and removes its data.\n")
            sys.stdout.flush()  # whoever waits for it may read through a pipe
            signal.pause()
    except KeyboardInterrupt:
        pass
    except ClusterFailed as error:
        sys.exit(str(error))


def end_with(pid: int) -> None:
    """Stop this process when that one ends."""
    wait_for_end(pid)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
