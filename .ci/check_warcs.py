"""Check WARC files, and those in WACZ files, with gzip, FastWARC and warcio, whose known false alarm is matched.

    python .ci/check_warcs.py FILE...

warcio takes the payload digest of a response over its chunks, the standard over the entity (webrecorder/warcio#74);
so it must blame exactly the responses that came in chunks, for their payload digest alone, and nothing else.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

_BLAMED = re.compile(r"offset \d+ WARC-Record-ID (\S+) ")


def chunked_in(warc: Path) -> set[str]:
    """Return the ids of the responses that came in chunks."""
    found = set()
    with warc.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response" and record.http_headers.get_header("Transfer-Encoding"):
                found.add(record.rec_headers.get_header("WARC-Record-ID"))
    return found


def wrong_with(warc: Path) -> list[str]:
    """Return what the tools find, but for the false alarm."""
    wrong = []
    tools = Path(sys.executable).parent
    for command in (["gzip", "-t"], [str(tools / "fastwarc"), "check"]):
        done = subprocess.run([*command, str(warc)], capture_output=True, text=True, check=False)
        if done.returncode:
            wrong.append(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    done = subprocess.run([str(tools / "warcio"), "check", str(warc)], capture_output=True, text=True, check=False)
    blamed, chunked = set(_BLAMED.findall(done.stdout)), chunked_in(warc)
    wrong += [f"warcio blames {record}, which did not come in chunks" for record in sorted(blamed - chunked)]
    wrong += [f"warcio does not blame {record}, which came in chunks" for record in sorted(chunked - blamed)]
    wrong += [line for line in done.stdout.splitlines() if "failed" in line and "payload digest failed" not in line]
    return wrong + done.stderr.splitlines()


def main() -> None:
    """Check every file and say what was found."""
    results: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in map(Path, sys.argv[1:]):
            warcs = [path]
            if path.suffix == ".wacz":
                target = Path(folder) / path.name
                with zipfile.ZipFile(path) as package:
                    package.extractall(target)
                warcs = sorted((target / "archive").iterdir())
            results |= {f"{path}: {warc.name}": wrong_with(warc) for warc in warcs}
    for name, wrong in results.items():
        print("\n  ".join([f"{name}: {len(wrong)} things wrong", *wrong]))
    sys.exit(1 if any(results.values()) or not results else 0)


if __name__ == "__main__":
    main()
