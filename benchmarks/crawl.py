"""CPU per page, pages per second and memory of a crawl, beside wget and bare Scrapy, on one loopback site.

    uv run python benchmarks/crawl.py [--pages 2000] [--rounds 3] [--no-gzip]

Every tool crawls the same generated site (mean page 48 KB, about 40 links) from one server process, in turn, in
several rounds. CPU is user + system time of the tool's whole process tree, start-up included; "start-up" is the
same tool on a site of one page, and "net" is what is left per page without it. Ratios are medians of the ratios
within a round. wget asks for no compression and has one connection; the others ask for gzip and have sixteen.
"""

import argparse
import asyncio
import gzip
import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

# fmt: off
WORDS = [
    "kommunen", "skolan", "budget", "trygghet", "omsorg", "förslag", "nämnden", "majoriteten", "satsning", "området",
    "invånare", "politiken", "beslutet", "fullmäktige", "arbete", "framtid", "ansvar", "resurser", "välfärd",
]
# fmt: on


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one tool: seconds of CPU and wall time, peak memory in MB, pages the server saw."""

    cpu: float
    wall: float
    memory: float
    pages: int


def page(number: int, pages: int, rng: random.Random) -> bytes:
    links = sorted({(number + step) % pages for step in (1, 2, 3)} | {rng.randrange(pages) for _ in range(38)})
    navigation = "".join(f'<li><a href="/p/{n}.html">Sida {n}</a></li>' for n in links)
    paragraphs = "".join(
        f"<p>{' '.join(rng.choices(WORDS, k=rng.randrange(60, 140)))}.</p>" for _ in range(rng.randrange(35, 75))
    )
    return (
        f'<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>Sida {number}</title></head>'
        f"<body><ul>{navigation}</ul><article><h1>Sida {number}</h1>{paragraphs}</article></body></html>"
    ).encode()


def serve(pages: int, use_gzip: bool, ready: Connection) -> None:
    rng = random.Random(7)
    plain: dict[bytes, bytes] = {}
    packed: dict[bytes, bytes] = {}

    def answer(body: bytes, *extra: str) -> bytes:
        head = ["HTTP/1.1 200 OK", "Server: bench", "Content-Type: text/html; charset=utf-8", *extra]
        return ("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""])).encode() + body

    for number in range(pages):
        body = page(number, pages, rng)
        path = f"/p/{number}.html".encode()
        plain[path] = answer(body)
        packed[path] = answer(gzip.compress(body, 6, mtime=0), "Content-Encoding: gzip")
    plain[b"/"], packed[b"/"] = plain[b"/p/0.html"], packed[b"/p/0.html"]
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    seen = 0

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport
            self.buffer = b""

        def data_received(self, data: bytes) -> None:
            nonlocal seen
            self.buffer += data
            while b"\r\n\r\n" in self.buffer:
                head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
                path = head.split(b" ", 2)[1]
                if path == b"/__seen__":
                    self.transport.write(f"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{seen:09d}".encode())
                    seen = 0
                    continue
                answers = packed if use_gzip and b"gzip" in head.lower() else plain
                seen += path in plain
                self.transport.write(answers.get(path, missing))

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=200)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


SCRAPY = """
import sys
from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.linkextractors import LinkExtractor

class Bare(Spider):
    name = "bare"
    start_urls = [sys.argv[1]]
    links = LinkExtractor()
    def parse(self, response):
        for link in self.links.extract_links(response):
            yield response.follow(link)

process = AsyncCrawlerProcess({
    "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_DELAY": 0, "REMOTE_CONTROL_ENABLED": False,
})
process.crawl(Bare)
process.start()
"""

CONFIGURATION = """
[collection]
name = "bench"
title = "Benchmark"
operator = "benchmark"
contact = "https://archive.example/"
[politeness]
delay = "0s"
connections_per_host = 16
[[source]]
name = "site"
seeds = ["http://127.0.0.1:{port}/"]
scope = "host"
"""


def command(tool: str, port: int, folder: Path) -> list[str]:
    url = f"http://127.0.0.1:{port}/"
    if tool == "wget":
        return [
            "wget",
            "-q",
            "--recursive",
            "--level=inf",
            f"--warc-file={folder / 'wget'}",
            f"--directory-prefix={folder}",
            url,
        ]
    if tool == "scrapy":
        (folder / "bare.py").write_text(SCRAPY)
        return [sys.executable, str(folder / "bare.py"), url]
    archive = folder / "archive"
    archive.mkdir()
    (archive / "umecrawl.toml").write_text(CONFIGURATION.format(port=port))
    return [sys.executable, "-m", "umecrawl", "-q", "crawl", "--no-index", "--archive", str(archive)]


def seen_by(port: int) -> int:
    import urllib.request  # noqa: PLC0415

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/__seen__") as answer:
        return int(answer.read())


def measure(tool: str, port: int) -> Run:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = command(tool, port, folder)
        seen_by(port)
        started = time.monotonic()
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder)
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        if process.returncode not in (0, 8):
            sys.exit(f"{tool} ended with {process.returncode}: {errors.decode(errors='replace')[-2000:]}")
        return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, seen_by(port))


def start_server(pages: int, use_gzip: bool) -> tuple[multiprocessing.Process, int]:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(pages, use_gzip, theirs), daemon=True)
    server.start()
    return server, ours.recv()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-gzip", action="store_true", help="the server sends nothing compressed")
    options = parser.parse_args()
    tools = [tool for tool in ("wget", "scrapy", "umecrawl") if tool != "wget" or shutil.which("wget")]
    tiny, tiny_port = start_server(1, not options.no_gzip)
    server, port = start_server(options.pages, not options.no_gzip)
    start_up = {tool: min(measure(tool, tiny_port).cpu for _ in range(2)) for tool in tools}
    runs: dict[str, list[Run]] = {tool: [] for tool in tools}
    for _ in range(options.rounds):
        for tool in random.sample(tools, len(tools)):
            runs[tool].append(measure(tool, port))
    tiny.kill()
    server.kill()
    coding = "off" if options.no_gzip else "on"
    print(f"{options.pages} pages, {options.rounds} rounds, gzip {coding}; CPU in seconds per 1000 pages")
    columns = ("tool", "CPU min", "median", "start-up", "net", "to wget", "net to wget", "pages/s", "MB", "pages")
    print("".join(f"{name:>12}" for name in columns))
    for tool in tools:
        rounds, one_page = runs[tool], start_up[tool]
        whole, net = per_1000(rounds, 0), per_1000(rounds, one_page)
        figures = [min(whole), statistics.median(whole), one_page, statistics.median(net)]
        if "wget" in tools:
            figures.append(ratio(whole, per_1000(runs["wget"], 0)))
            figures.append(ratio(net, per_1000(runs["wget"], start_up["wget"])))
        else:
            figures += [float("nan")] * 2
        speed = statistics.median(run.pages / run.wall for run in rounds)
        memory, seen = max(run.memory for run in rounds), min(run.pages for run in rounds)
        print(f"{tool:>12}" + "".join(f"{f:>12.2f}" for f in figures) + f"{speed:>12.0f}{memory:>12.0f}{seen:>12}")


def per_1000(runs: list[Run], start_up: float) -> list[float]:
    return [1000 * (run.cpu - start_up) / run.pages for run in runs]


def ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
