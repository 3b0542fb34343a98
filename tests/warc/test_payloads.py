"""The store of known payloads: made from the CDXJ files, and never a truth of its own."""

import sqlite3

import pytest

from umecrawl.errors import ArchiveInUseError
from umecrawl.warc.cdxj import read_cdxj
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.reader import WarcArchive

URL = "http://blog.example/a"


@pytest.fixture
def known(tmp_path, make, writing):
    """Return a capture of an archive, and a function that asks a fresh store for its payload."""
    with writing(tmp_path) as writer:
        capture = writer.append(make.exchange(URL))

    def ask():
        with PayloadStore(tmp_path) as store:
            return store.find(capture.payload_digest, capture.framing)

    return capture, ask


def test_a_payload_is_found_with_its_response(tmp_path, known):
    """Record, URL, date, size and place are those of the capture."""
    capture, ask = known
    found = ask()
    assert (found.record_id, found.url, found.captured_at) == (capture.id, capture.url, capture.captured_at)
    assert (found.size, found.warc, found.offset) == (capture.size, capture.record.warc, capture.record.offset)
    assert (found.digest, found.framing) == (capture.payload_digest, capture.framing)


def test_other_framing_is_another_payload(tmp_path, known):
    """Equal octets under another coding are not found."""
    capture, _ = known
    with PayloadStore(tmp_path) as store:
        assert store.find(capture.payload_digest, "chunked/") is None
        assert store.find("sha1:QMRXGKXZDXVVVVXEMVYCZK5RZC5WZB5G", capture.framing) is None


@pytest.mark.parametrize("damage", ["missing", "garbage", "truncated", "other edition", "no tables"])
def test_a_store_that_is_not_right_is_made_anew(tmp_path, known, damage):
    """Whatever happened to the file, the answers come from the CDXJ files."""
    capture, ask = known
    path = tmp_path / "runs" / "payloads.sqlite"
    match damage:
        case "missing":
            path.unlink()
        case "garbage":
            path.write_bytes(b"not a database at all " * 500)
        case "truncated":
            path.write_bytes(path.read_bytes()[:5000])
        case "other edition":
            database = sqlite3.connect(path)
            database.execute("PRAGMA user_version = 99")
            database.close()
        case _:
            database = sqlite3.connect(path)
            database.execute("DROP TABLE payloads")
            database.close()
    assert ask().record_id == capture.id


def test_what_was_not_sealed_is_forgotten(tmp_path, make, writing, known):
    """A store closed before its WARC was sealed knows nothing of that WARC."""
    capture, _ = known
    store = PayloadStore(tmp_path)
    with writing(tmp_path / "other") as writer:
        other = writer.append(make.exchange(f"{URL}2", b"2" * 900))
    from_file = next(iter(_entries(tmp_path / "other")))
    store.add(from_file)
    assert store.find(other.payload_digest, other.framing) is not None
    store.close()
    with PayloadStore(tmp_path) as store:
        assert store.find(other.payload_digest, other.framing) is None
        assert store.find(capture.payload_digest, capture.framing) is not None


def test_a_warc_that_was_taken_away_is_forgotten(tmp_path, known):
    """Nothing refers to a record that is not there any more."""
    capture, ask = known
    assert ask() is not None
    WarcArchive(tmp_path).path(capture.record.warc).unlink()
    assert ask() is None


def test_a_second_writer_is_refused(tmp_path, known):
    """Two processes cannot add at once; the second is told so."""
    (entry,) = _entries(tmp_path)
    with PayloadStore(tmp_path) as first, PayloadStore(tmp_path) as second:
        first.add(entry)
        with pytest.raises(ArchiveInUseError, match="another process"):
            second.add(entry)


def _entries(root):
    (path,) = (root / "cdxj").iterdir()
    return list(read_cdxj(path))
