"""Make the samples in this folder anew: each tool crawls the sample sites of `fixtures/` (see README.md).

    python tests/warc/foreign/make.py NAME PYTHON

`NAME` is a function below, `PYTHON` the interpreter of an environment in which its tool is installed.
"""

import os
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from umecrawl.pipeline.samples import SampleSites

HERE = Path(__file__).parent
BLOG = "http://blogg.bladet.example/annaberg/"
POST = f"{BLOG}2026/05/04/mitt-forsta-sommarjobb/"
ASKED = [BLOG, POST, POST.rstrip("/"), f"{BLOG}2026/04/20/sa-laser-du-en-kommunbudget/", f"{BLOG}inte-har?q=1", POST]
# Names of the sample sites lead to the server on loopback; nothing else is looked up.
RESOLVER = """
import os, socket
_SITES, _PORT = "192.0.2.77", int(os.environ["SAMPLES_PORT"])
_getaddrinfo, _gethostbyname = socket.getaddrinfo, socket.gethostbyname
def _is_sample(host):
    return (host.decode() if isinstance(host, bytes) else host or "").endswith(".example")
def getaddrinfo(host, port, *rest, **more):
    return _getaddrinfo(_SITES if _is_sample(host) else host, port, *rest, **more)
def gethostbyname(host):
    return _SITES if _is_sample(host) else _gethostbyname(host)
socket.getaddrinfo, socket.gethostbyname = getaddrinfo, gethostbyname
class Socket(socket.socket):
    def connect(self, address):
        return super().connect(("127.0.0.1", _PORT) if address[0] == _SITES else address)
    def connect_ex(self, address):
        return super().connect_ex(("127.0.0.1", _PORT) if address[0] == _SITES else address)
socket.socket = Socket
"""


@contextmanager
def sites() -> Iterator[int]:
    """Serve the sample sites and give the port for http."""
    with SampleSites() as served:
        yield next(int(one.rsplit(":", 1)[1]) for one in served.connect_to if one.startswith("blogg.bladet.example:80"))


@contextmanager
def proxy(port: int) -> Iterator[int]:
    """Pass what a client asks of a proxy on to the sample sites, for tools that cannot be told where a name leads."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            head = re.sub(rb"^(\w+) http://[^/ ]+", rb"\1 ", head).replace(b"Keep-Alive", b"close")
            connection = HTTPConnection("127.0.0.1", port)
            connection.connect()
            connection.sock.sendall(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            while part := connection.sock.recv(65536):
                self.wfile.write(part)
            connection.close()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def run(folder: Path, port: int, *command: str, more: str = "", **environment: str) -> None:
    """Run a tool in a folder, with the names of the sample sites leading to the server."""
    (folder / "sitecustomize.py").write_text(RESOLVER + more, encoding="utf-8")
    variables = {"SAMPLES_PORT": str(port), "PYTHONPATH": str(folder), "HOME": str(folder), "PATH": os.environ["PATH"]}
    subprocess.run(command, cwd=folder, check=False, env=variables | environment, timeout=120)


def keep(name: str, file: Path) -> None:
    """Keep a file under its sample's name."""
    (HERE / name).write_bytes(file.read_bytes())
    sys.stdout.write(f"{name}: {file.stat().st_size} octets\n")


def wget(_: str) -> None:
    """GNU Wget: WARC/1.0, brackets around URIs, log and manifest behind the captures."""
    with sites() as port, proxy(port) as through, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = ["wget", "-e", "use_proxy=on", "-e", f"http_proxy=http://127.0.0.1:{through}", "-e", "robots=off"]
        command += ["--warc-file=wget", "--warc-header=operator: Exempelarkivet", "-O", "out", "--no-verbose", *ASKED]
        run(folder, port, *command)
        keep("wget.warc.gz", folder / "wget.warc.gz")


def warcio(python: str) -> None:
    """Run `capture_http` of warcio, in WARC 1.0 and 1.1."""
    script = """
import sys
from warcio.capture_http import capture_http
import requests
for version in ("1.0", "1.1"):
    with capture_http(f"warcio-{version}.warc.gz", warc_version=version):
        for url in sys.argv[1:]:
            requests.get(url, allow_redirects=False)
"""
    with sites() as port, tempfile.TemporaryDirectory() as name:
        run(Path(name), port, python, "-c", script, *ASKED)
        for version in ("1.0", "1.1"):
            keep(f"warcio-{version}.warc.gz", Path(name) / f"warcio-{version}.warc.gz")


def warcprox(python: str) -> None:
    """warcprox: deduplicated, with a record that a client had it write."""
    script = """
import glob, subprocess, sys, time, requests, socket, os
port = 18273
start = "from warcprox import main, warcproxy; warcproxy.WarcProxyHandler.allow_localhost = True; main.main()"
server = subprocess.Popen([sys.executable, "-c", start, "-p", str(port), "-z", "-d", "w", "--dedup-min-text-size", "1"])
for _ in range(100):
    try:
        socket.create_connection(("127.0.0.1", port)).close(); break
    except OSError: time.sleep(0.1)
through = {"http": f"http://127.0.0.1:{port}"}
for url in sys.argv[1:]:
    print(requests.get(url, proxies=through, allow_redirects=False)); time.sleep(1.2)
requests.request("WARCPROX_WRITE_RECORD", "http://blogg.bladet.example/annaberg/note", data=b"en anteckning",
    headers={"Content-Type": "text/plain", "WARC-Type": "metadata", "Content-Length": "12"}, proxies=through)
time.sleep(1); server.terminate(); server.wait()
"""
    with sites() as port, tempfile.TemporaryDirectory() as name:
        run(Path(name), port, python, "-c", script, *ASKED)
        keep("warcprox.warc.gz", max(Path(name, "w").glob("*.warc.gz*"), key=lambda file: file.stat().st_size))


def scrapy_webarchive(python: str) -> None:
    """scrapy-webarchive: a WACZ."""
    _scrapy(
        python,
        {
            "EXTENSIONS": {"scrapy_webarchive.extensions.WaczExporter": 543},
            "SW_EXPORT_URI": "./out/out.wacz",
        },
        "out/*.wacz",
        "scrapy-webarchive.wacz",
    )


def scrapy_warcio(python: str) -> None:
    """scrapy-warcio: WARC/1.0 with microseconds and without digests."""
    settings = {"DOWNLOADER_MIDDLEWARES": {"sitecustomize.WarcioDownloaderMiddleware": 543}}
    middleware = """
class WarcioDownloaderMiddleware:  # as scrapy-warcio's README has it
    def __init__(self):
        import scrapy_warcio
        self.warcio = scrapy_warcio.ScrapyWarcIo()
    def process_request(self, request, spider):
        import scrapy_warcio
        request.meta["WARC-Date"] = scrapy_warcio.warc_date()
    def process_response(self, request, response, spider):
        self.warcio.write(response, request)
        return response
"""
    _scrapy(python, settings, "*.warc.gz", "scrapy-warcio.warc.gz", middleware)


def _scrapy(python: str, settings: dict[str, object], pattern: str, target: str, more: str = "") -> None:
    script = f"""
import sys, scrapy
from scrapy.crawler import CrawlerProcess
class Blog(scrapy.Spider):
    name = "blog"
    handle_httpstatus_all = True
    async def start(self):
        for one in self.start_requests(): yield one
    def start_requests(self):
        for url in sys.argv[1:]:
            yield scrapy.Request(url, dont_filter=True)
    def parse(self, response): pass
process = CrawlerProcess({settings!r} | {{"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 1}})
process.crawl(Blog)
process.start()
"""
    yml = """
max_warc_size: 500000000
collection: blog
description: samples
operator: Exempelarkivet
robots: obey
user_agent: umecrawl samples
warc_prefix: blog
warc_dest: .
warc_spec: http://example.invalid/
"""
    with sites() as port, tempfile.TemporaryDirectory() as name:
        Path(name, "w.yml").write_text(yml, encoding="utf-8")
        run(Path(name), port, python, "-c", script, *ASKED, more=more, SCRAPY_WARCIO_SETTINGS="w.yml")
        for file in sorted(Path(name).glob(pattern)):
            keep(target, file)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:] or [""])
