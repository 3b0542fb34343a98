"""What hostile bytes must never do to a parser: a target takes any bytes and raises only when a promise is broken."""

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import zstandard
from servers.torture import CASES

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.fetch.wire import MAX_EXCESS, MAX_HEAD, Framer, FramingError
from umecrawl.model.capture import Capture
from umecrawl.model.message import MAX_DECODED, decode_content, entity_of, framing, parse_head
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.members import deflated
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recovery import recover
from umecrawl.warc.verify import verify
from umecrawl.warc.volumes import volumes_of

METHODS = ("GET", "HEAD", "POST")
LIMITS = (0, 0, 10, 4096)

GOLDEN = (Path(__file__).parent.parent / "warc" / "golden.warc").read_bytes()


def response(data: bytes) -> None:
    """Read bytes as an answer to a request: no byte is lost, cuts change nothing, and only `FramingError` is raised."""
    if len(data) < 3:
        return
    method, limit, size = METHODS[data[0] % len(METHODS)], LIMITS[data[1] % len(LIMITS)], data[2] % 64 or 1 << 20
    wire = data[3:]
    whole, pieces = Framer(method, max_body=limit), Framer(method, max_body=limit)
    told = _fed(whole, [wire]), _fed(pieces, [wire[n : n + size] for n in range(0, len(wire), size)])
    assert told[0] == told[1], "the error depends on how the bytes were cut"
    assert (whole.head, whole.body, whole.truncated) == (pieces.head, pieces.body, pieces.truncated)
    head = whole.parsed
    if head is None:
        assert wire.startswith(whole.partial) or len(wire) > MAX_HEAD
        return
    if not limit:
        kept = whole.interim + whole.head + whole.body + whole.excess
        assert kept == wire or (len(whole.excess) == MAX_EXCESS and wire.startswith(kept))
    entity = entity_of(head, whole.body)
    assert whole.entity == entity
    assert len(entity) <= len(whole.body)
    assert framing(head).count("/") >= 1
    assert len(decode_content(entity, head.joined("content-encoding"))) <= MAX_DECODED + (1 << 20)
    parse_head(wire)


def _fed(framer: Framer, pieces: list[bytes]) -> str | None:
    try:
        for piece in pieces:
            framer.feed(piece)
        framer.finish()
    except FramingError as error:
        return error.message.partition(":")[0]
    return None


def warc(data: bytes) -> None:
    """Put bytes into an archive as a WARC: reading, verifying and recovering it tell of damage and nothing else."""
    if not data:
        return
    suffix, made = MODES[data[0] % len(MODES)]
    name, content = f"fuzz-20260101000000-00000-host.warc{suffix}", made(data[1:])
    with tempfile.TemporaryDirectory(dir=_fast()) as folder:
        root = Path(folder)
        path = root / "warc" / "fuzz" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        archive = WarcArchive(root)
        _read(archive)
        for finding in verify((), root=root):
            assert finding.message
        with ArchiveLock(root):
            recover(root)
        kept = sum(file.stat().st_size for file in path.parent.iterdir())
        assert kept >= len(content), "recovery lost octets"
        _read(WarcArchive(root))
        for warc_file in path.parent.iterdir():
            if ".cut-" not in warc_file.name:
                _look_up(warc_file)


def wacz(data: bytes) -> None:
    """Put bytes into an archive as a WACZ: verifying and reading it tell of damage and nothing else."""
    with tempfile.TemporaryDirectory(dir=_fast()) as folder:
        root = Path(folder)
        path = root / "warc" / "fuzz.wacz"
        path.parent.mkdir()
        path.write_bytes(data)
        for finding in verify((), root=root):
            assert finding.message
        with ArchiveLock(root):
            recover(root)
        assert path.read_bytes() == data, "recovery changed a file of others"
        _read(WarcArchive(root))
        try:
            volumes_of(path)
        except DamageError:
            return
        _look_up(path)


def _read(archive: WarcArchive) -> None:
    for name in archive.names():
        try:
            for _, event in archive.read(name):
                if isinstance(event, Capture):
                    _read_capture(archive, event)
        except DamageError:
            continue


def _look_up(path: Path) -> None:
    with contextlib.closing(WarcFiles([path])) as files:
        for capture in files.captures():
            assert files.find(capture.url, capture.captured_at) is not None
            try:
                files.payload(capture)
                files.head(capture)
            except (DamageError, NotFoundError):
                continue


def _read_capture(archive: WarcArchive, capture: Capture) -> None:
    try:
        archive.payload(capture)
        archive.payload_head(capture)
        archive.request(capture)
    except (DamageError, NotFoundError):
        pass


def _changed(data: bytes) -> bytes:
    """Make a sound file with the octets changed that the data name, each record packed by itself."""
    changed = bytearray(GOLDEN)
    for n in range(0, len(data) - 2, 3):
        changed[int.from_bytes(data[n : n + 2]) % len(changed)] = data[n + 2]
    return b"".join(map(deflated, split_records(bytes(changed))))


def split_records(octets: bytes) -> list[bytes]:
    """Return the records of a plain WARC of ours."""
    first, *rest = octets.removesuffix(b"\r\n\r\n").split(b"\r\n\r\nWARC/1.1")
    return [record + b"\r\n\r\n" for record in (first, *(b"WARC/1.1" + one for one in rest))]


# Suffix of the file's name, and what becomes of the bytes: as they are, or packed in each of the ways there are.
MODES: Sequence[tuple[str, Callable[[bytes], bytes]]] = (
    (".gz.open", bytes),
    (".gz", bytes),
    (".gz", lambda data: b"".join(deflated(part) for part in data.split(b"\0\0"))),
    ("", bytes),
    (".zst", bytes),
    (".gz", deflated),
    (".gz", _changed),
)


def _fast() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def seeds(name: str) -> list[bytes]:
    """Return inputs that reach deep into a target."""
    if name == "response":
        small = [case for case in CASES if len(case.raw) < 8192]
        return [bytes([METHODS.index(case.method) if case.method in METHODS else 0, 0, 5]) + case.raw for case in small]
    if name == "wacz":
        return [_package(zipfile.ZIP_STORED), _package(zipfile.ZIP_DEFLATED)]
    apart = GOLDEN.replace(b"\r\n\r\nWARC/1.1", b"\r\n\r\n\0\0WARC/1.1")
    packed = zstandard.compress(GOLDEN)
    foreign = GOLDEN.replace(b"WARC/1.1", b"WARC/1.0").replace(b"umecrawl", b"wget")
    return [
        b"\2" + apart, b"\6", b"\1" + deflated(GOLDEN), b"\3" + foreign, b"\3" + GOLDEN, b"\4" + packed,
        b"\5" + foreign,
    ]  # fmt: skip


def _package(method: int) -> bytes:
    """Return a small WACZ that is as it should be, but for its method of packing."""
    line = b'example,blog)/ 20260131120000 {"url": "http://blog.example/", "filename": "a.warc.gz"}\n'
    page = b'{"url": "http://blog.example/", "ts": "2026-01-31T12:00:00Z"}\n'
    files = {
        "archive/a-20260101000000-00000-host.warc.gz": b"".join(map(deflated, split_records(GOLDEN))),
        "indexes/index.cdx": line,
        "pages/pages.jsonl": b'{"format": "json-pages-1.0"}\n' + page,
    }
    resources = [
        {
            "name": Path(path).name,
            "path": path,
            "hash": f"sha256:{hashlib.sha256(octets).hexdigest()}",
            "bytes": len(octets),
        }
        for path, octets in files.items()
    ]
    files["datapackage.json"] = json.dumps({"wacz_version": "1.1.1", "resources": resources}).encode()
    digest = hashlib.sha256(files["datapackage.json"]).hexdigest()
    files["datapackage-digest.json"] = json.dumps({"path": "datapackage.json", "hash": f"sha256:{digest}"}).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as package:
        for path, octets in files.items():
            package.writestr(zipfile.ZipInfo(path), octets, method)
    return target.getvalue()


TARGETS: dict[str, Callable[[bytes], None]] = {"response": response, "warc": warc, "wacz": wacz}
