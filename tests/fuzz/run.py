"""Fuzz a target for hours with atheris: `PYTHONPATH=tests python -m fuzz.run response --seconds 3600`.

Needs `pip install atheris`. Ends with exit code 0 when nothing was found; a finding is written as `crash-…`,
`timeout-…` or `oom-…`, to be given to the target again: `PYTHONPATH=tests python -m fuzz.run response crash-…`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["umecrawl"]):
    from fuzz.targets import TARGETS, seeds

MEGABYTES = 1024  # of memory, as the acceptance of issue 3 allows
SECONDS = 20  # of the clock for one input; longer counts as a hang


def main() -> None:
    """Run one target on its seeds and what libFuzzer makes of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument(
        "--hang", type=int, default=SECONDS, help="seconds for one input; more for a machine that is shared"
    )
    parser.add_argument("--corpus", type=Path, help="folder that keeps what was found interesting")
    parser.add_argument("inputs", nargs="*", help="files to run once instead of fuzzing")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        corpus = args.corpus or Path(scratch)
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(args.target)):
            (corpus / f"seed-{number}").write_bytes(seed)
        options = [
            f"-max_total_time={args.seconds}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-timeout={args.hang}",
            "-max_len=65536",
        ]
        atheris.Setup([sys.argv[0], *options, *(args.inputs or [str(corpus)])], TARGETS[args.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
