"""Every block of a crawl of the torture server against what the server read and wrote; and proof that this can fail."""

import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from servers.torture import CASES, Case, Certificates, End, TortureServer, head
from warcio.archiveiterator import ArchiveIterator

HOST = "torture.example"
# Those that hold a connection until the client gives up take seconds each, and a host that fails too often in a row
# is left alone. Octets behind an answer may meet the next request, which is then asked twice and kept once, with a
# note. tests/fetch has all of them.
APART = {End.HANG, End.LATE, End.RUBBISH}
QUICK = [case for case in CASES if case.method == "GET" and case.end not in APART and case.failure is None]
LINKS = "".join(f'<a href="/{case.name}?from=index&n=1">{case.name}</a> ' for case in QUICK).encode()
INDEX = Case("", head("Content-Type: text/html", f"Content-Length: {len(LINKS)}"), LINKS)
CONFIGURATION = """
[collection]
name = "fidelity"
operator = "Test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "1s"

[[source]]
name = "torture"
seeds = ["{scheme}://torture.example/"]
"""


def crawl(root: Path, scheme: str, *program: str) -> TortureServer:
    """Crawl the torture server into an archive."""
    root.mkdir()
    (root / "umecrawl.toml").write_text(CONFIGURATION.format(scheme=scheme), encoding="utf-8")
    tls = Certificates().server_context() if scheme == "https" else None
    with TortureServer([INDEX, *QUICK], tls=tls) as server:
        reach = ["--connect-to", f"{HOST}:{443 if tls else 80}:127.0.0.1:{server.port}", "--insecure"]
        subprocess.run(
            [sys.executable, "-m", *program, "crawl", *reach, "--no-index", "--archive", str(root), "-q"],
            check=True,
            capture_output=True,
            cwd=Path(__file__).parent.parent,  # for `chain.broken`
        )
    return server


def unfaithful(root: Path, scheme: str, server: TortureServer) -> list[str]:
    """Return the URLs whose records are not what the server read and wrote, read by warcio and not by us."""
    kept = defaultdict(lambda: defaultdict(list))
    for warc in sorted((root / "warc").rglob("*.warc.gz")):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                url = record.rec_headers.get_header("WARC-Target-URI")
                kept[url][record.rec_type].append(record.raw_stream.read())
    by_name = {case.name: case for case in QUICK} | {"": INDEX}
    served = defaultdict(list)
    for exchange in server.served:
        served[exchange.target].append(exchange.request)
    wrong = []
    for target, requests in served.items():
        url = f"{scheme}://{HOST}{target}"
        case = by_name.get(target.partition("?")[0].strip("/"))
        if case is None:  # robots.txt
            continue
        body = case.body if case.recorded is None else case.recorded
        answers = [case.head + body] * len(requests)
        blocks = kept[url]["response"]
        heads = [case.head] * len(kept[url]["revisit"])
        if case.status == 304:
            heads = kept[url]["revisit"]
        if sorted(requests) != sorted(kept[url]["request"]):
            wrong.append(f"request {url}")
        if blocks + kept[url]["revisit"] != answers[: len(blocks)] + heads or len(answers) != len(blocks) + len(heads):
            wrong.append(f"response {url}")
    return wrong


CRAWLS = {
    "http": ("http", "umecrawl"),
    "https": ("https", "umecrawl"),
    "case": ("http", "chain.broken", "case"),
    "dechunk": ("http", "chain.broken", "dechunk"),
    "query": ("http", "chain.broken", "query"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return for each crawl how much was served and what is unfaithful; side by side, for they mostly wait."""
    folder = tmp_path_factory.mktemp("fidelity")

    def run(name: str) -> tuple[int, list[str]]:
        scheme, *program = CRAWLS[name]
        root = folder / name
        server = crawl(root, scheme, *program)
        return len(server.served), unfaithful(root, scheme, server)

    with ThreadPoolExecutor(len(CRAWLS)) as threads:
        return dict(zip(CRAWLS, threads.map(run, CRAWLS), strict=True))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_block_is_byte_equal(found, scheme):
    """100 % of the request and response blocks, on http and on https."""
    served, wrong = found[scheme]
    assert served > len(QUICK)
    assert [] == wrong


@pytest.mark.parametrize("fault", ["case", "dechunk", "query"])
def test_a_broken_handler_is_found_out(found, fault):
    """The comparison fails for each of the faults that other tools have."""
    assert [] != found[fault][1]
