"""How fast files by other tools are read and looked up, and how much memory that takes.

python benchmarks/foreign.py [CAPTURES]
"""

import gzip
import resource
import sys
import tempfile
import time
from pathlib import Path

from umecrawl.model.capture import Capture
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.events import read_events

PAGE = b"<p>En sida om torget.</p>" * 80
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def record(number: int) -> bytes:
    block = HEAD + b"<title>%d</title>" % number + PAGE
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://blog{number % 97}.example/{number}?b=1&a=2\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def main(captures: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        members, one = Path(name, "members.warc.gz"), Path(name, "one.warc.gz")
        with members.open("wb") as target, gzip.open(one, "wb", compresslevel=1) as packed:
            for number in range(captures):
                data = record(number)
                target.write(gzip.compress(data, 1))
                packed.write(data)
        for path in (members, one):
            begun = time.perf_counter()
            found = sum(isinstance(told.event, Capture) for told in read_events(path))
            took = time.perf_counter() - begun
            print(f"{path.name}: {found} captures read in {took:.1f} s, {found / took:.0f} a second")
        begun = time.perf_counter()
        with WarcFiles([members]) as files:
            took = time.perf_counter() - begun
            print(f"WarcFiles: opened in {took:.1f} s, {captures / took:.0f} captures a second")
            begun = time.perf_counter()
            for number in range(0, captures, max(captures // 1000, 1)):
                capture = files.find(f"http://blog{number % 97}.example/{number}?a=2&b=1")
                assert capture is not None
                assert files.payload(capture).startswith(b"<title>")
            print(f"WarcFiles: 1000 look-ups with payload in {time.perf_counter() - begun:.2f} s")
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
