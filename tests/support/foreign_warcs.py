"""WARC files as tools write them that cannot be run here, put together by hand from what is known of each."""

import gzip
import itertools

import zstandard

PAGE = b"<!doctype html><title>Torget</title><p>Ett stycke om torget.</p>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
DATE = "2024-05-06T07:08:09Z"


def record(version: str, *fields: tuple[str, str], block: bytes = b"", line: str = "\r\n") -> bytes:
    """Return a record; Content-Length is put last unless it is among the fields."""
    lines = [f"WARC/{version}", *(f"{name}: {value}" for name, value in fields)]
    if not any(name.lower() == "content-length" for name, _ in fields):
        lines.append(f"Content-Length: {len(block)}")
    return line.join([*lines, "", ""]).encode("utf-8", "surrogateescape") + block + line.encode() * 2


def urn(number: int) -> str:
    """Return a record id."""
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"


def identity(number: int) -> str:
    """Return what we call the record of that number."""
    return urn(number)[10:-1]


def response(number: int, url: str, *more: tuple[str, str], version: str = "1.0", block: bytes = HEAD + PAGE) -> bytes:
    """Return a response record."""
    fields = [("WARC-Type", "response"), ("WARC-Target-URI", url), ("WARC-Date", DATE), ("WARC-Record-ID", urn(number))]
    return record(version, *fields, *more, ("Content-Type", "application/http; msgtype=response"), block=block)


def heritrix() -> bytes:
    """Return a file of Heritrix 3: DNS first, request and metadata behind the response, revisits with three fields."""
    info = b"software: Heritrix/3.4.0 http://crawler.archive.org\r\nip: 192.0.2.7\r\nhostname: crawler.example\r\n"
    info += b"format: WARC File Format 1.0\r\nisPartOf: umea\r\noperator: Exempelarkivet\r\nrobots: classic\r\n"
    info += b"http-header-user-agent: Mozilla/5.0 (compatible; heritrix/3.4.0 +http://archive.example/)\r\n"
    info += b"http-header-from: archive@archive.example\r\ndescription: Partierna\r\n"
    records = [
        record(
            "1.0",
            ("WARC-Type", "warcinfo"),
            ("WARC-Date", DATE),
            ("WARC-Filename", "UMEA-20240506070809123-00000-7~crawler~8443.warc.gz"),
            ("WARC-Record-ID", urn(1)),
            ("Content-Type", "application/warc-fields"),
            block=info,
        ),
        record(
            "1.0",
            ("WARC-Type", "response"),
            ("WARC-Target-URI", "dns:blog.example"),
            ("WARC-Date", DATE),
            ("WARC-IP-Address", "192.0.2.53"),
            ("WARC-Record-ID", urn(2)),
            ("Content-Type", "text/dns"),
            block=b"20240506070809\nblog.example.\t3600\tIN\tA\t192.0.2.1\n",
        ),
    ]
    for number, (url, via, hops) in enumerate(
        [("http://blog.example/", "", ""), ("http://blog.example/a", "http://blog.example/", "L")], 1
    ):
        records.append(response(10 * number, url, ("WARC-IP-Address", "192.0.2.1")))
        records.append(_beside("request", 10 * number + 1, 10 * number, url, b"GET / HTTP/1.0\r\n\r\n"))
        said = f"via: {via}\r\nhopsFromSeed: {hops}\r\n" if via else "seed: \r\n"
        records.append(
            _beside("metadata", 10 * number + 2, 10 * number, url, f"{said}fetchTimeMs: 4{number}\r\n".encode())
        )
    records.append(
        record(
            "1.0",
            ("WARC-Type", "revisit"),
            ("WARC-Target-URI", "http://blog.example/b"),
            ("WARC-Date", "2024-05-06T07:09:00Z"),
            ("WARC-Payload-Digest", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"),
            ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
            ("WARC-Truncated", "length"),
            ("WARC-Refers-To-Target-URI", "http://blog.example/a"),
            ("WARC-Refers-To-Date", DATE),
            ("WARC-Refers-To", urn(20)),
            ("WARC-Record-ID", urn(30)),
            ("Content-Type", "application/http; msgtype=response"),
            block=HEAD,
        )
    )
    records.append(_beside("metadata", 31, 30, "http://blog.example/b", b"hopsFromSeed: LL\r\nfetchTimeMs: 9\r\n"))
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def browsertrix() -> bytes:
    """Return a file of Browsertrix: WARC/1.1, rebuilt heads, text and page info as resources beside the captures."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nx-orig-content-encoding: br\r\n"
    head += b"x-orig-transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n"
    page = "https://blog.example/a"
    records = [
        record(
            "1.1",
            ("WARC-Filename", "rec-20240506070809.warc.gz"),
            ("WARC-Date", "2024-05-06T07:08:09.123Z"),
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", urn(1)),
            ("Content-Type", "application/warc-fields"),
            block=b"software: Browsertrix-Crawler 1.5.0 (with warcio.js 2.4.3)\r\nformat: WARC File Format 1.1\r\n",
        ),
        response(2, page, ("WARC-Page-ID", "p1"), ("WARC-Resource-Type", "document"), version="1.1", block=head + PAGE),
        _beside("request", 3, 2, page, b"GET /a HTTP/1.1\r\n\r\n", version="1.1"),
        _resource(4, f"urn:pageinfo:{page}", "application/json", b'{"pageid":"p1"}'),
        _resource(5, f"urn:text:{page}", "text/plain", b"Ett stycke om torget."),
        _resource(6, "https://blog.example/bild.svg", "image/svg+xml", b"<svg/>"),
        record(
            "1.1",
            ("WARC-Type", "revisit"),
            ("WARC-Target-URI", "https://blog.example/kopia"),
            ("WARC-Date", "2024-05-06T07:10:09.500Z"),
            ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
            ("WARC-Refers-To-Target-URI", page),
            ("WARC-Refers-To-Date", DATE),
            ("WARC-Record-ID", urn(7)),
            ("WARC-Payload-Digest", "sha256:00"),
            ("Content-Type", "application/http; msgtype=response"),
            block=head,
        ),
    ]
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def wpull() -> bytes:
    """Return a file of wpull: the request first, a revisit that gives its original's id alone, the log at the end."""
    request = _beside("request", 2, 3, "http://blog.example/", b"GET / HTTP/1.1\r\n\r\n")
    revisit = record(
        "1.0",
        ("WARC-Type", "revisit"),
        ("WARC-Target-URI", "http://blog.example/kopia"),
        ("WARC-Date", DATE),
        ("WARC-Refers-To", urn(3)),
        ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
        ("WARC-Truncated", "length"),
        ("WARC-Record-ID", urn(5)),
        ("Content-Type", "application/http;msgtype=response"),
        block=HEAD,
    )
    info = record(
        "1.0",
        ("WARC-Type", "warcinfo"),
        ("WARC-Date", DATE),
        ("WARC-Record-ID", urn(1)),
        ("Content-Type", "application/warc-fields"),
        block=b"Software: Wpull/2.0.1 Python/3.6.9\r\nformat: WARC File Format 1.0\r\n",
    )
    log = _resource(9, "urn:X-wpull:log", "text/plain", b"INFO Hej.", version="1.0")
    records = [info, request, response(3, "http://blog.example/"), revisit, log]
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def packings(data: bytes) -> dict[str, bytes]:
    """Return the records of a gzip WARC in every packing, by the ends of file names."""
    plain = gzip.decompress(data)
    records = [b"WARC/1." + part for part in plain.split(b"WARC/1.")[1:]]
    trained = zstandard.ZstdCompressionDict(b"".join(records)[:4096], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    # The proposal wants a real dictionary; a raw one of some octets serves as well for frames without its id.
    with_dictionary = zstandard.ZstdCompressor(dict_data=trained, write_checksum=True)
    frames = b"".join(with_dictionary.compress(one) for one in records)
    skippable = [trained.as_bytes(), zstandard.compress(trained.as_bytes())]
    first, packed = (b"\x5d\x2a\x4d\x18" + len(one).to_bytes(4, "little") + one for one in skippable)
    thirds = [plain[at : at + 333] for at in range(0, len(plain), 333)]
    pairs = [b"".join(pair) for pair in itertools.zip_longest(records[::2], records[1::2], fillvalue=b"")]
    return {
        "members.warc.gz": b"".join(map(gzip.compress, records)),
        "one-member.warc.gz": gzip.compress(plain),
        "pairs.warc.gz": b"".join(map(gzip.compress, pairs)),
        "blocks.warc.gz": b"".join(map(gzip.compress, thirds)),
        "plain.warc": plain,
        "frames.warc.zst": b"".join(map(zstandard.compress, records)),
        "one-frame.warc.zst": zstandard.compress(plain),
        "dictionary.warc.zst": first + frames,
        "packed-dictionary.warc.zst": packed + frames,
    }


def _beside(kind: str, number: int, capture: int, url: str, block: bytes, *, version: str = "1.0") -> bytes:
    content = "application/http; msgtype=request" if kind == "request" else "application/warc-fields"
    return record(
        version,
        ("WARC-Type", kind),
        ("WARC-Target-URI", url),
        ("WARC-Date", DATE),
        ("WARC-Concurrent-To", urn(capture)),
        ("WARC-Record-ID", urn(number)),
        ("Content-Type", content),
        block=block,
    )


def _resource(number: int, url: str, mime: str, block: bytes, version: str = "1.1") -> bytes:
    return record(
        version,
        ("WARC-Type", "resource"),
        ("WARC-Target-URI", url),
        ("WARC-Date", DATE),
        ("WARC-Record-ID", urn(number)),
        ("Content-Type", mime),
        block=block,
    )
