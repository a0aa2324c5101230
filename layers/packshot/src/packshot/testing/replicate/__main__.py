"""Serve the fake on a socket until Ctrl-C."""

import argparse
import contextlib
import sys

from packshot.testing.replicate.server import serve_forever
from packshot.testing.replicate.service import TOKEN


def main() -> int:
    """Say where it stands and what its token is, and serve."""
    parser = argparse.ArgumentParser(prog="python -m packshot.testing.replicate", description=__doc__)
    parser.add_argument("--port", type=int, default=8787)
    parser.add_argument(
        "--latency", type=float, default=1.0, help="seconds that a picture takes (default: 1)"
    )
    options = parser.parse_args()
    sys.stdout.write(f"A fake Replicate at http://127.0.0.1:{options.port}; its token is {TOKEN}.\n")
    with contextlib.suppress(KeyboardInterrupt):
        serve_forever(port=options.port, latency=options.latency)
    return 0


if __name__ == "__main__":
    sys.exit(main())
