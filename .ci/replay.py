"""Replay every capture of an archive in pywb and compare what it serves with what the server sent.

    python .ci/replay.py ARCHIVE PYWB_BIN_DIRECTORY [WACZ]

With a WACZ that was exported from the archive, its WARC files are replayed in place of the archive's, and every
capture that its index lists.
Run by the environment that has umecrawl; pywb lives in one of its own, for it pins what umecrawl does not.
"""

import gzip
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import umecrawl
from umecrawl.model.message import decode_content, parse_head
from umecrawl.query.rows import CaptureRow

NOT_MODIFIED = 304


class _Stay(urllib.request.HTTPRedirectHandler):
    """Gives redirects back instead of following them."""

    def redirect_request(self, *_: object) -> None:
        return None


def served(opener: urllib.request.OpenerDirector, url: str) -> tuple[int, bytes]:
    """Return status and decoded body of what the replay answers."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity"})
    try:
        answer = opener.open(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        try:
            body = answer.read()
        except http.client.IncompleteRead as cut:  # as the capture was
            body = cut.partial
        return answer.status, decode_content(body, answer.headers.get("Content-Encoding") or "")


def wait_for(port: int, seconds: float = 60) -> None:
    """Return as soon as something listens on a port of loopback; OSError when nothing does in time."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def listed(wacz: Path) -> set[str]:
    """Return the ids of the captures in the index of a WACZ."""
    with zipfile.ZipFile(wacz) as package:
        lines = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
    return {json.loads(line.split(" ", 2)[2])["id"] for line in lines}


def expected(archive: umecrawl.Archive, row: CaptureRow) -> tuple[int, bytes]:
    """Return status and decoded body that a capture stands for: a 304 shows the page that it confirms."""
    coding = parse_head(archive.head(row.id)).joined("content-encoding")
    return 200 if row.status == NOT_MODIFIED else row.status, decode_content(archive.read(row.id), coding)


def known_fault(archive: umecrawl.Archive, row: CaptureRow, got: tuple[int, bytes]) -> str:
    """Return the fault of pywb 2.10 (and the warcio in it) that explains an answer; empty when none does.

    It gives a zstd body as it is stored without saying so, and leaves the trailers of a chunked body in it.
    """
    entity = archive.read(row.id)
    coding = parse_head(archive.head(row.id)).joined("content-encoding")
    if coding == "zstd" and got == (row.status, entity):
        return "zstd bodies not decoded"
    if got[0] == row.status and got[1].startswith(entity + b"0\r\n"):
        return "trailers left in the body"
    return ""


def misled(opener: urllib.request.OpenerDirector, timemap: str, mementos: dict[str, set[str]]) -> Iterator[str]:
    """Yield the TimeMaps that name a moment twice, or lack one.

    Two captures within a second are one moment; slash, `www.` and case of a URL share a TimeMap.
    """
    for url, moments in mementos.items():
        lines = served(opener, timemap + url)[1].decode().splitlines()
        told = [line.split(" ")[1] for line in lines if line]
        if len(set(told)) != len(told) or not moments <= set(told):
            yield f"TimeMap of {url}: {told} for {sorted(moments)}"


def main() -> None:
    """Start pywb on the archive's WARCs and ask for each capture by its time."""
    root, binaries, *exported = (Path(argument).resolve() for argument in sys.argv[1:])
    wacz = exported[0] if exported else None
    chosen = listed(wacz) if wacz is not None else None
    opener = urllib.request.build_opener(_Stay)
    results: Counter[str] = Counter()
    wrong: list[str] = []
    mementos: dict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        manager = [str(binaries / "wb-manager")]
        subprocess.run([*manager, "init", "demo"], cwd=folder, check=True, capture_output=True)
        source = root / "warc"
        if wacz is not None:
            with zipfile.ZipFile(wacz) as package:
                package.extractall(Path(folder) / "wacz")
            source = Path(folder) / "wacz" / "archive"
        warcs = sorted(str(path) for path in source.rglob("*.warc.gz"))
        subprocess.run([*manager, "add", "demo", *warcs], cwd=folder, check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        wayback = subprocess.Popen(
            [str(binaries / "wayback"), "-b", "127.0.0.1", "-p", str(port)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(port)
            with umecrawl.open(root) as archive:
                for row in archive.captures():
                    if chosen is not None and row.id not in chosen:
                        continue
                    replay = f"http://127.0.0.1:{port}/demo/{row.captured_at:%Y%m%d%H%M%S}id_/{row.url}"
                    results[row.record_type] += 1
                    got = served(opener, replay)
                    if got != expected(archive, row):
                        fault = known_fault(archive, row, got)
                        results[fault] += bool(fault)
                        wrong += [] if fault else [f"{row.record_type} {row.status} {row.url}"]
                    mementos[row.url].add(f"{row.captured_at:%Y%m%d%H%M%S}")
            wrong += misled(opener, f"http://127.0.0.1:{port}/demo/timemap/cdxj/", mementos)
        finally:
            wayback.kill()
            wayback.wait()
    print(
        f"pywb replayed {results['response']} responses and {results['revisit']} revisits, {len(wrong)} of them wrong"
    )
    kinds = {"response", "revisit"}
    for fault, count in results.items():
        if fault and fault not in kinds:
            print(f"  not counted, for pywb does so: {fault} ({count})")
    print("\n".join(wrong))
    total = results["response"] + results["revisit"]
    if chosen is not None and total != len(chosen):
        sys.exit(f"the index of the WACZ lists {len(chosen)} captures, the archive has {total} of them")
    sys.exit(1 if wrong or not results["revisit"] else 0)


if __name__ == "__main__":
    main()
