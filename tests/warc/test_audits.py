"""The history of checks: what is written, and that a torn line does no harm."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.pipeline.audit import Recording, audit
from umecrawl.pipeline.audit_rows import audit_rows
from umecrawl.warc.audits import Audit, append_audits, audits_path, last_audits, read_audits
from umecrawl.warc.files import sha256_of

AT = datetime(2026, 2, 1, 3, 41, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path, make, writing, the_warc):
    """Return an archive of one sealed WARC, and the WARC."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange())
    return tmp_path, the_warc(tmp_path)


def check(root, *paths, at=AT) -> list[str]:
    """Check an archive without its index and have that recorded; return the rules of what was found."""
    recording = Recording("umecrawl/test", lambda: at)
    return [finding.rule for finding in audit(root, paths, database=None, index=False, recording=recording)]


def test_each_check_adds_a_line_for_each_file(archive):
    """With time, size, checksum, result, software and how long it took."""
    root, warc = archive
    assert check(root) == []
    (line,) = audits_path(root).read_text().splitlines()
    values = json.loads(line)
    assert values.pop("seconds") >= 0
    assert values == {
        "at": "2026-02-01T03:41:00.000000Z",
        "file": warc.name,
        "size": warc.stat().st_size,
        "sha256": sha256_of(warc),
        "ok": True,
        "findings": {},
        "records": 4,
        "software": "umecrawl/test",
    }


def test_damage_is_remembered(archive):
    """The history says since when a file is not what it was, and keeps the checksum it had then."""
    root, warc = archive
    check(root)
    before = sha256_of(warc)
    data = bytearray(warc.read_bytes())
    data[-20] ^= 1
    warc.write_bytes(data)
    check(root, at=AT.replace(month=3))
    first, second = read_audits(root)
    assert (first.ok, first.sha256) == (True, before)
    assert (second.ok, second.sha256) == (False, sha256_of(warc))
    assert set(second.findings) >= {"manifest", "gzip-member"}
    assert last_audits(root) == {warc.name: second}
    assert [row.ok for row in audit_rows(root)] == [False, True]


def test_a_missing_file_is_remembered(archive):
    """A WARC that only its manifest remembers is a line too, and not sound."""
    root, warc = archive
    warc.unlink()
    check(root)
    (one,) = read_audits(root)
    assert (one.file, one.ok, one.size) == (warc.name, False, 0)


def test_nothing_is_recorded_unless_asked(archive):
    """And files outside of the archive are none of its history."""
    root, warc = archive
    assert list(audit(root, database=None, index=False)) == []
    outside = root / "copy" / warc.name
    outside.parent.mkdir()
    outside.write_bytes(warc.read_bytes())
    check(root, outside)
    assert not audits_path(root).exists()


@given(torn=st.binary(min_size=1, max_size=60))
def test_a_torn_line_is_passed_over(tmp_path_factory, torn):
    """What stands before and behind it is read, whatever it holds."""
    root = tmp_path_factory.mktemp("archive")
    one = Audit(AT, "a.warc.gz", 1, "0" * 64, ok=True)
    append_audits(root, [one])
    with audits_path(root).open("ab") as file:
        file.write(torn)
    append_audits(root, [one])
    assert list(read_audits(root)) == [one, one]


def test_an_archive_without_history_has_none(tmp_path):
    """No file, no audits."""
    assert list(read_audits(tmp_path)) == []
    assert last_audits(tmp_path) == {}
