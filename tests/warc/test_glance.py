"""The fast lane says nothing of a record but that it is right: whatever is changed, the slow way finds the same."""

import pytest
from damage import DAMAGE, EDIT, change, edited
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from umecrawl.warc.glance import Glance
from umecrawl.warc.verify import Verification


@pytest.fixture
def archive(tmp_path, make, writing, the_warc):
    """Return an archive of one WARC with all kinds of records, most in forms seen before, and the WARC."""
    with writing(tmp_path) as writer:
        for number in range(12):
            url = f"http://blog.example/{number % 5}"
            writer.append(make.exchange(url, b"<p>%d</p>" % (number % 3) * 50, fields=(b'ETag: "v1"',), day=number))
            writer.append(make.chunked(f"http://blog.example/chunked/{number % 2}", day=number))
        writer.append(make.not_modified("http://blog.example/1", b'ETag: "v1"', day=20))
        writer.append(make.failure(request=b"GET / HTTP/1.1\r\n\r\n"))
        writer.skip(make.skipped())
    return tmp_path, the_warc(tmp_path)


def check(root, *paths):
    """Return all findings and what was learned of each file."""
    with Verification(root, paths, explain=True) as verification:
        findings = list(verification.findings())
        told = [(one.path, one.sha256, one.records, one.own, one.whole) for one in verification.inspections]
    return findings, told


def slowly(root, *paths):
    """Return the same, with each record read with care."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Glance, "look", lambda *_: None)
        return check(root, *paths)


def test_most_records_are_found_right_at_a_glance(archive, monkeypatch):
    """Else nothing here would be tested."""
    root, warc = archive
    looks = []
    real = Glance.look

    def watched(self, *member):
        looks.append(real(self, *member))
        return looks[-1]

    monkeypatch.setattr(Glance, "look", watched)
    assert check(root, warc) == slowly(root, warc)
    assert looks.count(None) < len(looks) / 3


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EDIT, min_size=1, max_size=3), st.booleans())
def test_edited_records_give_the_same_findings_both_ways(archive, edits, whole):
    """Fields, values, blocks, digests: in the archive with manifest and CDXJ, and alone."""
    root, warc = archive
    before = warc.read_bytes()
    warc.write_bytes(edited(before, edits))
    try:
        paths = [] if whole else [warc]
        assert check(root, *paths) == slowly(root, *paths)
    finally:
        warc.write_bytes(before)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DAMAGE, min_size=1, max_size=3), st.booleans())
def test_damaged_octets_give_the_same_findings_both_ways(archive, damages, whole):
    """Bits, stretches and members."""
    root, warc = archive
    data = before = warc.read_bytes()
    for kind, place, other in damages:
        data = change(data, kind, place, other)
    warc.write_bytes(data)
    try:
        paths = [] if whole else [warc]
        assert check(root, *paths) == slowly(root, *paths)
    finally:
        warc.write_bytes(before)
