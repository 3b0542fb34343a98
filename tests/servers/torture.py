"""A server on loopback that answers as the worst of the web does, and remembers each byte it read and wrote.

`CASES` says of each answer what is sent, how the connection ends, and what an exact recorder must make of it.
`TortureServer` serves them under `/<name>` in threads of its own, plain or over TLS, so that it suits any client:

    with TortureServer() as server:
        fetch(f"http://127.0.0.1:{server.port}/chunked")
        server.served[-1].request, server.served[-1].response
"""

import contextlib
import gzip
import re
import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Self

import brotli
import trustme
import zstandard

from umecrawl.model.capture import FailureKind, Truncation

PAGE = (
    "<!doctype html><title>Torget</title>" + "<p>Frågan om torget på Västerslätt är inte avgjord.</p>" * 40
).encode()
_CHUNK = 17


class End(Enum):
    """What the server does with the connection once the answer is out."""

    KEEP = auto()
    CLOSE = auto()
    ABRUPT = auto()  # over TLS: without close_notify
    RESET = auto()
    HANG = auto()  # sends nothing more and waits for the client to go
    STALE = auto()  # closes when the next request comes
    LATE = auto()  # sends what nobody asked for when the next request comes, and closes
    RUBBISH = auto()  # sends what nobody asked for, and keeps the connection


@dataclass(frozen=True, slots=True)
class Case:
    """An answer in its parts, and what has to become of it.

    `entity` is the body without transfer coding (None: the body); `recorded` the body as far as it must be recorded
    (None: all); `failure` is set where no final head is sent; `max_body` and `timeout` are limits the client sets.
    """

    name: str
    head: bytes = b""
    body: bytes = b""
    interim: bytes = b""
    excess: bytes = b""
    end: End = End.KEEP
    status: int = 200
    entity: bytes | None = None
    recorded: bytes | None = None
    truncated: Truncation | None = None
    failure: FailureKind | None = None
    method: str = "GET"
    drip: bool = False
    max_body: int = 0
    timeout: float = 10.0

    @property
    def raw(self) -> bytes:
        """All that is sent."""
        return self.interim + self.head + self.body + self.excess


@dataclass(frozen=True, slots=True)
class Served:
    """One request as read and the answer as written; `connection` counts the connections of the server."""

    connection: int
    request: bytes
    response: bytes

    @property
    def target(self) -> str:
        """The target of the request line."""
        return self.request.split(b" ", 2)[1].decode("latin-1")


def head(*lines: str | bytes, status: str = "200 OK") -> bytes:
    """Return a response head of a status line and field lines, with CRLF and the empty line."""
    fields = [line.encode("latin-1") if isinstance(line, str) else line for line in lines]
    return b"\r\n".join([b"HTTP/1.1 " + status.encode("latin-1"), *fields, b"", b""])


def chunked(body: bytes, size: int = _CHUNK, *, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    """Return a body in chunked transfer coding."""
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    lines = [b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks]
    return b"".join(lines) + b"0" + extension + b"\r\n" + trailers + b"\r\n"


def _length(body: bytes = PAGE, *fields: str | bytes, status: str = "200 OK") -> bytes:
    return head("Content-Type: text/html; charset=utf-8", *fields, f"Content-Length: {len(body)}", status=status)


def _coded(name: str, coding: str, body: bytes) -> Case:
    return Case(name, _length(body, f"Content-Encoding: {coding}"), body)


_TE = head("Content-Type: text/html", "Transfer-Encoding: chunked")
_OPEN = head("Content-Type: text/html", "Connection: close")
_GZIPPED = gzip.compress(PAGE, mtime=0)
_DEFLATE = zlib.compressobj(wbits=-15)
_RAW_DEFLATE = _DEFLATE.compress(PAGE) + _DEFLATE.flush()
_SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
_BIG = bytes(range(256)) * 20_480

CASES = (
    Case("plain", _length(), PAGE),
    Case("empty", _length(b""), b""),
    Case("odd_case", head("X-wEiRd-CaSe:  two  spaces ", "content-TYPE:text/html", "CONTENT-LENGTH:\t5"), b"hello"),
    Case("repeated_fields", _length(PAGE, "Set-Cookie: a=1; Path=/", "X: 1", "Set-Cookie: b=2", "x: 2"), PAGE),
    Case("chunked", _TE, chunked(PAGE), entity=PAGE),
    Case("chunked_large", _TE, chunked(PAGE, 1000), entity=PAGE),
    Case(
        "chunked_capitals",
        head("TRANSFER-ENCODING: Chunked"),
        b"00A\r\n0123456789\r\n000\r\n\r\n",
        entity=b"0123456789",
    ),
    Case("chunked_extension", _TE, chunked(PAGE, 100, extension=b";a=b;c"), entity=PAGE),
    Case("chunked_spaces", _TE, b"5  \r\nhello\r\n0\r\n\r\n", entity=b"hello"),
    Case("chunked_bare_lf", _TE, b"5\nhello\n0\n\n", entity=b"hello"),
    Case("chunked_empty", _TE, b"0\r\n\r\n", entity=b""),
    Case("trailers", _TE, chunked(PAGE, 100, trailers=b"X-Sum: 1\r\nx-other:2\r\n"), entity=PAGE),
    _coded("gzip", "gzip", _GZIPPED),
    _coded("br", "br", brotli.compress(PAGE)),
    _coded("zstd", "zstd", zstandard.ZstdCompressor().compress(PAGE)),
    _coded("deflate", "deflate", zlib.compress(PAGE)),
    _coded("raw_deflate", "deflate", _RAW_DEFLATE),
    Case(
        "chunked_gzip",
        head("Content-Type: text/html", "Content-Encoding: gzip", "Transfer-Encoding: chunked"),
        chunked(_GZIPPED),
        entity=_GZIPPED,
    ),
    Case("head", _length(), method="HEAD"),
    Case("head_chunked", _TE, method="HEAD"),
    Case("no_content", head(status="204 No Content"), status=204),
    Case("not_modified", head('ETag: "1"', "Content-Length: 2000", status="304 Not Modified"), status=304),
    Case("until_close", _OPEN, PAGE, end=End.CLOSE),
    Case("until_close_silent", head("Content-Type: text/html"), PAGE, end=End.CLOSE),
    Case("until_close_abrupt", _OPEN, PAGE, end=End.ABRUPT),
    Case("length_abrupt", _length(PAGE, "Connection: close"), PAGE, end=End.ABRUPT),
    Case("http_1_0", b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n", PAGE, end=End.CLOSE),
    Case("http_1_0_keep", b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\n", b"hello"),
    Case("obs_fold", head("X-Long: one", "\ttwo", " three", "Content-Length: 5"), b"hello"),
    Case("no_reason", b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", b"hello"),
    Case("empty_reason", b"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n", b"hello"),
    Case("bare_lf", b"HTTP/1.1 200 OK\nContent-Length: 5\nX: y\n\n", b"hello"),
    Case("mixed_line_ends", b"HTTP/1.1 200 OK\r\nContent-Length: 5\nX: y\r\n\n", b"hello"),
    Case("control_octets", _length(b"hello", b"X-Bell: a\x07b\x1bc\x7f", b"X-CR: a\rb"), b"hello"),
    Case("nul_octet", _length(b"hello", b"X-Nul: a\0b"), b"hello"),
    Case("latin1_name", _length(b"hello", b"X-Ume\xe5: ja"), b"hello"),
    Case("latin1_value", _length(b"hello", b"X-Title: Ume\xe5", b"Server: V\xc3\xa4sterbotten"), b"hello"),
    Case("line_without_colon", _length(b"hello", "this is no field", ": no name", "<b>"), b"hello"),
    Case("space_before_colon", head("Content-Length : 5", "X \t: y"), b"hello"),
    Case("field_12k", _length(PAGE, "X-Long: " + "a" * 12_000), PAGE),
    Case("field_40k", _length(PAGE, "X-Long: " + "b" * 40_000), PAGE),
    Case("fields_300", _length(PAGE, *(f"X-{n}: {n * n}" for n in range(300))), PAGE),
    Case("length_twice", head("Content-Length: 5", "Content-Length: 5"), b"hello"),
    Case("length_list", head("Content-Length: 5, 5"), b"hello"),
    Case("length_conflict", head("Content-Length: 3", "Content-Length: 5"), b"hello"),
    Case("length_conflict_close", head("Content-Length: 5", "Content-Length: 9"), b"hello", end=End.CLOSE),
    Case("length_nonsense", head("Content-Length: many"), b"hello", end=End.CLOSE),
    Case("length_and_chunked", head("Content-Length: 3", "Transfer-Encoding: chunked"), chunked(PAGE), entity=PAGE),
    Case("identity", head("Transfer-Encoding: identity", "Content-Length: 5"), b"hello"),
    Case("length_too_short", head("Content-Length: 5"), b"hello", excess=b", world"),
    Case("chunked_excess", _TE, chunked(b"hello"), entity=b"hello", excess=b"HTTP/1.1 200 OK\r\n\r\n"),
    Case("no_content_excess", head(status="204 No Content"), excess=b"but yes", status=204),
    Case("length_too_long", _SHORT, PAGE[:900], end=End.CLOSE, truncated=Truncation.DISCONNECT),
    Case("early_close", _SHORT, b"only 14 octets", end=End.ABRUPT, truncated=Truncation.DISCONNECT),
    Case(
        "cut_in_chunk",
        _TE,
        b"5\r\nhello\r\n400\r\nwor",
        end=End.CLOSE,
        entity=b"hellowor",
        truncated=Truncation.DISCONNECT,
    ),
    Case("cut_between_chunks", _TE, b"5\r\nhello\r\n", end=End.CLOSE, entity=b"hello", truncated=Truncation.DISCONNECT),
    Case("cut_behind_last_chunk", _TE, b"5\r\nhello\r\n0\r\n", end=End.CLOSE, entity=b"hello"),
    Case(
        "bad_chunk_size",
        _TE,
        b"5\r\nhello\r\nxyz\r\nworld\r\n0\r\n\r\n",
        entity=b"hello",
        truncated=Truncation.UNSPECIFIED,
    ),
    Case("bad_chunk_end", _TE, b"5\r\nhello!!\r\n0\r\n\r\n", entity=b"hello", truncated=Truncation.UNSPECIFIED),
    Case("reset_in_body", _SHORT, PAGE[:500], end=End.RESET, truncated=Truncation.DISCONNECT),
    Case("reset_until_close", _OPEN, PAGE[:500], end=End.RESET, truncated=Truncation.DISCONNECT),
    Case("reset_at_once", end=End.RESET, failure=FailureKind.DISCONNECT),
    Case("close_at_once", end=End.CLOSE, failure=FailureKind.DISCONNECT),
    Case("cut_in_head", b"HTTP/1.1 200 OK\r\nContent-Le", end=End.CLOSE, failure=FailureKind.DISCONNECT),
    Case("cut_in_status_line", b"HTT", end=End.CLOSE, failure=FailureKind.DISCONNECT),
    Case("interim_only", interim=head(status="103 Early Hints"), end=End.CLOSE, failure=FailureKind.DISCONNECT),
    Case("silence", end=End.HANG, failure=FailureKind.TIMEOUT, timeout=0.1),
    Case("silence_in_head", b"HTTP/1.1 200 OK\r\n", end=End.HANG, failure=FailureKind.TIMEOUT, timeout=0.1),
    Case("silence_in_body", _SHORT, PAGE[:800], end=End.HANG, truncated=Truncation.TIME, timeout=0.1),
    Case("not_http", b"SSH-2.0-OpenSSH_9.2p1\r\n", failure=FailureKind.PROTOCOL),
    Case("http_0_9", b"<html><body>hello</body></html>", end=End.CLOSE, failure=FailureKind.PROTOCOL),
    Case("short_rubbish", b"no\n", end=End.CLOSE, failure=FailureKind.PROTOCOL),
    Case("endless_head", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000, failure=FailureKind.PROTOCOL),
    Case("megabytes", _length(_BIG), _BIG),
    Case("megabytes_chunked", _TE, chunked(_BIG, 60_000), entity=_BIG),
    Case(
        "too_large",
        _length(PAGE),
        PAGE,
        max_body=1000,
        entity=PAGE[:1000],
        recorded=PAGE[:1000],
        truncated=Truncation.LENGTH,
    ),
    Case(
        "too_large_chunked",
        _TE,
        chunked(_BIG, 60_000),
        max_body=70_000,
        entity=_BIG[:69_986],
        recorded=chunked(_BIG, 60_000)[:70_000],
        truncated=Truncation.LENGTH,
    ),
    Case("just_large_enough", _length(PAGE), PAGE, max_body=len(PAGE)),
    Case("drip", _length(b"hello", "X: y"), b"hello", interim=head(status="100 Continue"), drip=True),
    Case("drip_chunked", _TE, chunked(b"hello world, hello", 7), entity=b"hello world, hello", drip=True),
    Case("moved", head("Location: /plain", "Content-Length: 0", status="301 Moved Permanently"), status=301),
    Case("moved_latin1", head(b"Location: /Ume\xe5?q=\xe4", "Content-Length: 0", status="302 Found"), status=302),
    Case("not_found", _length(PAGE, status="404 Not Found"), PAGE, status=404),
    Case("gone", _length(b"", status="410 Gone"), status=410),
    Case("too_many", _length(b"later", "Retry-After: 7", status="429 Too Many Requests"), b"later", status=429),
    Case("error", _length(b"oh", status="500 Internal Server Error"), b"oh", status=500),
    Case("status_999", _length(b"no", status="999 Request denied"), b"no", status=999),
    Case("no_status", b"HTTP/1.1 OK\r\nContent-Length: 5\r\n\r\n", b"hello", status=0),
    Case("switching", head("Upgrade: h2c", status="101 Switching Protocols"), status=101, end=End.CLOSE),
    Case("continue", _length(), PAGE, interim=head(status="100 Continue")),
    Case("early_hints", _length(), PAGE, interim=head("Link: </a.css>; rel=preload", status="103 Early Hints")),
    Case(
        "interim_row",
        _length(),
        PAGE,
        interim=head(status="100 Continue") + head("X: 1", status="102 Processing") + head(status="103 Early Hints"),
    ),
    Case("leading_crlf", _length(), PAGE, interim=b"\r\n\r\n"),
    Case("leading_rubbish", _length(), PAGE, interim=b"\xef\xbb\xbf"),
    Case("lower_http", b"http/1.1 200 ok\r\ncontent-length: 5\r\n\r\n", b"hello"),
    Case("connection_close", _length(PAGE, "Connection: Close"), PAGE, end=End.CLOSE),
    Case("stale", _length(), PAGE, end=End.STALE),
    Case("rubbish_late", _length(b"hello"), b"hello", end=End.LATE),
    Case("rubbish_behind", _length(b"hello"), b"hello", end=End.RUBBISH),
)
BY_NAME = {case.name: case for case in CASES}
assert len(BY_NAME) == len(CASES)

_NOT_FOUND = Case("unknown", _length(b"unknown", status="404 Not Found"), b"unknown", status=404)
_REQUEST_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)
_TLS_HANDSHAKE = b"\x16"
_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass
class Certificates:
    """An authority of the test's own and a certificate for the hosts named."""

    hosts: tuple[str, ...] = ("torture.example", "127.0.0.1")
    authority: trustme.CA = field(default_factory=trustme.CA)

    def server_context(self) -> ssl.SSLContext:
        """Return the context of a server that has the certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*self.hosts).configure_cert(context)
        return context


class TortureServer:
    """Serves cases on a free port of 127.0.0.1, each connection in a thread; a context manager."""

    def __init__(self, cases: Iterable[Case] = CASES, *, tls: ssl.SSLContext | None = None) -> None:
        self.served: list[Served] = []
        self.connections = 0
        self._cases = {case.name: case for case in cases}
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def of(self, name: str) -> list[Served]:
        """Return what was served under a path, in order."""
        return [served for served in self.served if served.target.partition("?")[0] == f"/{name}"]

    def case_of(self, request: bytes) -> Case:
        """Return what a request is answered with: the case its path names, else 404."""
        target = request.split(b" ", 2)[1].decode("latin-1")
        return self._cases.get(target.partition("?")[0].strip("/"), _NOT_FOUND)

    def _start(self, work, *arguments) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with self._lock:
                self._open.add(connection)
            self._start(self._serve, connection, self.connections)

    def _serve(self, raw: socket.socket, number: int) -> None:
        stream: socket.socket = raw
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                stream = self._tls.wrap_socket(raw, server_side=True, suppress_ragged_eofs=True)
            while (request := _read_request(stream)) and self._answer(stream, number, request):
                pass
        except OSError:
            # The client went away or gave up: some cases are about just that.
            pass
        finally:
            with self._lock:
                self._open.discard(raw)
            stream.close()

    def _answer(self, stream: socket.socket, number: int, request: bytes) -> bool:
        """Send a case; return whether the connection stays."""
        case = self.case_of(request)
        self.served.append(Served(number, request, case.raw))
        if case.drip:
            for octet in case.raw:
                stream.sendall(bytes([octet]))
        else:
            stream.sendall(case.raw)
        if case.end is End.RUBBISH:
            stream.sendall(b"rubbish that nobody asked for")
        else:
            _end(stream, case.end)
        return case.end in {End.KEEP, End.RUBBISH}


def _end(stream: socket.socket, end: End) -> None:
    """Do what has to be done before the connection is closed."""
    match end:
        case End.CLOSE if isinstance(stream, ssl.SSLSocket):
            stream.settimeout(2)
            stream.unwrap()
        case End.RESET:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        case End.HANG:
            stream.recv(1)
        case End.STALE:
            _read_request(stream)
        case End.LATE:
            _read_request(stream)
            stream.sendall(b"rubbish that nobody asked for")
        case _:
            pass


def _read_request(stream: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = stream.recv(65_536)
        if not part:
            return b""
        data += part
        if data.startswith(_TLS_HANDSHAKE):
            stream.sendall(head("Connection: close", status="400 Bad Request"))
            return b""
    end = data.index(b"\r\n\r\n") + 4
    length = _REQUEST_LENGTH.search(data[:end])
    while length is not None and len(data) < end + int(length[1]):
        data += stream.recv(65_536)
    return data
