"""The replies of the fixture list, each with the defect of other tools that it would have caught, and their server."""

import gzip
from collections import Counter
from collections.abc import Mapping, Sequence

import brotli
import zstandard
from servers.torture import Case, End, TortureServer, chunked, head

SITE = "torture.example"
MAX_BYTES = 200_000
TIMEOUT = 2  # seconds


def article(subject: str, chrome: str = "") -> bytes:
    """Return a page with an article of its own words; `chrome` stands beside it."""
    words = " ".join(f"Mening {n} om {subject} i Exempelköping skrevs för provet." for n in range(30))
    return (
        f'<!doctype html><html lang="sv"><head><meta charset="utf-8"><title>{subject}</title></head><body>'
        f"<nav>{chrome}</nav><article><h1>{subject}</h1><p>{words}</p></article></body></html>"
    ).encode()


def whole(name: str, body: bytes, *fields: str | bytes, status: str = "200 OK", kind: str = "") -> Case:
    """Return an answer with Content-Length."""
    kind = kind or "text/html; charset=utf-8"
    lines = (f"Content-Type: {kind}", *fields, f"Content-Length: {len(body)}")
    return Case(name, head(*lines, status=status), body)


def coded(name: str, body: bytes, size: int, *fields: str, **chunking: bytes) -> Case:
    """Return a chunked answer; the body is as given, whatever content coding `fields` name."""
    lines = ("Content-Type: text/html; charset=utf-8", "Transfer-Encoding: chunked", *fields)
    return Case(name, head(*lines), chunked(body, size, **chunking))


def moved(name: str, to: str | bytes, status: str = "301 Moved Permanently") -> Case:
    """Return a redirect."""
    location = to if isinstance(to, bytes) else to.encode()
    return Case(name, head(b"Location: " + location, "Content-Length: 0", status=status))


PAGE = article("torget")
SAME = article("samma sak")
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 8 + b"\n%%EOF\n"
ODD = head(
    "X-wEiRd-CaSe:  two  spaces ", "Set-Cookie: a=1; Path=/", "set-cookie: b=2", b"X-Title: Ume\xe5",
    "X-Long: one", "\ttwo", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(PAGE)}",
    status="200 ",
)  # fmt: skip
CHALLENGE = (
    b"<!doctype html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'></script>"
    b"<p>Checking your browser before accessing torture.example.</p>"
)
THOUSAND = head("Content-Type: text/html", "Content-Length: 1000")
ETAG = 'ETag: "v1"'
NOT_MODIFIED = Case("stale", head(ETAG, status="304 Not Modified"))

# What each path answers, the n-th request the n-th answer, and the last one for ever.
TURNS: Mapping[str, Sequence[Case]] = {
    "/length": [whole("length", article("längden"))],
    "/sizes": [coded("sizes", article("bitarna"), 17), coded("sizes", article("bitarna"), 1000)],
    "/framing": [coded("framing", article("ramen"), 17), whole("framing", article("ramen"))],
    "/packed": [coded("packed", gzip.compress(article("packningen"), mtime=0), 50, "Content-Encoding: gzip")],
    "/extension": [coded("extension", article("tillägget"), 100, extension=b";a=b;c")],
    "/trailers": [coded("trailers", article("släpet"), 100, trailers=b"X-Sum: 1\r\n")],
    "/odd": [Case("odd", ODD, PAGE)],
    "/latin1": [
        whole("latin1", article("Ume\u00e5").decode().replace('<meta charset="utf-8">', "").encode("latin-1"),
              kind="text/html; charset=iso-8859-1")
    ],
    "/mislabelled": [whole("mislabelled", article("räksmörgåsen"), kind="text/html; charset=iso-8859-1")],
    "/bom": [whole("bom", b"\xef\xbb\xbf" + article("märket"), kind="text/html")],
    "/empty": [whole("empty", b"")],
    "/nothing": [Case("nothing", head(status="204 No Content"))],
    "/image.png": [whole("image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, kind="image/png")],
    "/paper.pdf": [whole("paper", PDF, kind="application/pdf")],
    "/q?a=1&b=2": [whole("q", article("frågan"))],
    "/%C3%B6?x=%E5": [whole("o", article("ön"))],
    "/with%20space": [whole("space", article("mellanrummet"))],
    "/fragment": [whole("fragment", article("stycket"))],
    "/first": [moved("first", "/second")],
    "/second": [moved("second", "/third", "302 Found")],
    "/third": [whole("third", article("den tredje"))],
    "/loop": [moved("loop", "/pool")],
    "/pool": [moved("pool", "/loop")],
    "/away": [moved("away", "http://elsewhere.example/there")],
    "/moved-latin1": [moved("moved-latin1", b"/Ume\xe5")],
    "/Ume%E5": [whole("umea", article("staden"))],
    "/stale": [whole("stale", article("den gamla"), ETAG), NOT_MODIFIED],
    "/missing": [whole("missing", b"<h1>Inte h\xc3\xa4r</h1>", status="404 Not Found")],
    "/gone": [whole("gone", b"", status="410 Gone")],
    "/challenge": [whole("challenge", CHALLENGE, status="403 Forbidden")],
    "/patience": [whole("patience", b"later", "Retry-After: 1", status="429 Too Many Requests"),
                  whole("patience", article("tålamodet"))],
    "/busy": [*[whole("busy", b"busy", status="503 Service Unavailable")] * 3, whole("busy", article("trängseln"))],
    "/old": [Case("old", b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n", article("det gamla"), end=End.CLOSE)],
    "/short": [Case("short", THOUSAND, b"only 14 octets", end=End.CLOSE)],
    "/stall": [Case("stall", THOUSAND, b"half of it", end=End.HANG)],
    "/huge": [whole("huge", article("det stora") + b"<!--" + b"x" * MAX_BYTES + b"-->")],
    "/continue": [Case("continue", head("Content-Length: 5"), b"hello", interim=head(status="100 Continue"))],
    "/hints": [Case("hints", head("Content-Length: 5"), b"hello", interim=head(status="103 Early Hints"))],
    "/brotli": [whole("brotli", brotli.compress(article("brödet")), "Content-Encoding: br")],
    "/zstd": [whole("zstd", zstandard.compress(article("zonen")), "Content-Encoding: zstd")],
    "/same": [whole("same", SAME)],
    "/same?again=1": [whole("same", SAME)],
    "/unchanged": [whole("unchanged", article("det oförändrade"))],
    "/frame": [whole("frame", article("texten", "ett")), whole("frame", article("texten", "två helt andra ord"))],
}  # fmt: skip

ELSEWHERE = ("http://refused.example/", "https://badtls.example/", "http://name.invalid/")
INDEX = whole(
    "index",
    b"<!doctype html><title>Rader</title>"
    + "".join(f'<a href="{path}">{path}</a> ' for path in TURNS if path not in {"/second", "/third", "/pool"}).encode()
    + b'<a href="/fragment#part">part</a> <a href="/with space">space</a>'
    + "".join(f'<img src="{url}pixel.png">' for url in ELSEWHERE).encode(),
)
ROBOTS = whole("robots", b"User-agent: *\nDisallow: /forbidden\n", kind="text/plain")
HOSTS: Mapping[str, Mapping[str, Sequence[Case]]] = {
    SITE: {"/": [INDEX], "/robots.txt": [ROBOTS], **TURNS},
    "robots404.example": {"/": [whole("index", article("utan regler"))]},
    "robots5xx.example": {
        "/": [whole("index", article("stängt"))],
        "/robots.txt": [whole("robots", b"", status="500 Internal Server Error")],
    },
    "robotsmoved.example": {
        "/": [whole("index", article("flyttade regler") + b'<a href="/hidden">x</a>')],
        "/robots.txt": [moved("robots", "/rules.txt")],
        "/rules.txt": [whole("rules", b"User-agent: *\nDisallow: /hidden\n", kind="text/plain")],
    },
    "robotsdelay.example": {
        "/": [whole("index", article("i lugn takt"))],
        "/robots.txt": [whole("robots", b"User-agent: *\nCrawl-delay: 7\n", kind="text/plain")],
    },
    "robotsstall.example": {
        "/": [whole("index", article("väntan"))],
        "/robots.txt": [Case("robots", b"HTTP/1.1 200 OK\r\n", end=End.HANG)],
    },
}
_MISSING = whole("missing", b"unknown", status="404 Not Found")


class RowServer(TortureServer):
    """Answers the rows of the fixture list by host, path and how often the path was asked before."""

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        super().__init__(())
        self._asked: Counter[tuple[str, str]] = Counter()

    def case_of(self, request: bytes) -> Case:
        """Return the answer whose turn it is."""
        target = request.split(b" ", 2)[1].decode("latin-1")
        place = (host_of(request), target)
        turns = HOSTS.get(place[0], {}).get(target, (_MISSING,))
        turn = self._asked[place]
        self._asked[place] += 1
        return turns[min(turn, len(turns) - 1)]


def host_of(request: bytes) -> str:
    """Return the host that a request names, without port."""
    line = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"host:"))
    return line[5:].strip().decode("ascii").partition(":")[0]
