"""Repair: what can be mended is, without losing an octet; the rest is left as it is."""

import pytest

from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.files import manifest_path
from umecrawl.warc.repair import repair
from umecrawl.warc.verify import Severity, verify

URL = "http://blog.example/"


@pytest.fixture
def warc(tmp_path, make, writing, the_warc):
    """Return a sealed WARC of three captures, and the captures."""
    with writing(tmp_path) as writer:
        captures = [writer.append(make.exchange(f"{URL}{n}", make.page + b"%d" % n)) for n in range(3)]
    return the_warc(tmp_path), captures


def errors(root) -> list[str]:
    """Return the rules that are broken, notes left out."""
    return [finding.rule for finding in verify(root=root) if finding.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-7], lambda data: data + b"\0" * 999, lambda data: data + data[:9]]
)
def test_a_bad_end_is_cut_and_kept(tmp_path, warc, damage):
    """The file is whole again, the octets lie beside it, and the old checksum is remembered."""
    path, _ = warc
    data = damage(path.read_bytes())
    path.write_bytes(data)
    old = manifest_path(tmp_path, path.name).read_bytes()
    (done,) = repair(tmp_path)
    (sidecar,) = path.parent.glob("*.cut-*")
    assert path.read_bytes() + sidecar.read_bytes() == data
    assert (done.kept, done.cut) == (path.stat().st_size, sidecar.stat().st_size)
    assert errors(tmp_path) == []
    (before,) = (tmp_path / "manifest").glob("*.before-*")
    assert before.read_bytes() == old
    assert repair(tmp_path) == []


def test_damage_within_a_file_is_left_for_a_copy(tmp_path, warc):
    """Whole records stand behind it, so nothing is cut and nothing is blessed."""
    path, captures = warc
    data = bytearray(path.read_bytes())
    data[captures[1].record.offset + 30] ^= 0xFF
    path.write_bytes(data)
    assert repair(tmp_path) == []
    assert path.read_bytes() == data
    assert set(errors(tmp_path)) >= {"gzip-member", "manifest"}


def test_a_changed_file_gets_no_new_checksum(tmp_path, warc):
    """A checksum that disagrees stays a finding, though every record is sound."""
    path, _ = warc
    manifest = manifest_path(tmp_path, path.name)
    manifest.write_text("0" * 64 + manifest.read_text()[64:])
    assert repair(tmp_path) == []
    assert errors(tmp_path) == ["manifest"]


@pytest.mark.parametrize("lines", [None, b"", b"zzz\n"])
def test_a_cdxj_that_does_not_agree_is_written_anew(tmp_path, warc, lines):
    """It is derived, so it can be."""
    path, _ = warc
    target = cdxj_path(tmp_path, path.name)
    right = target.read_bytes()
    if lines is None:
        target.unlink()
    else:
        target.write_bytes(lines)
    assert len(repair(tmp_path)) == 1
    assert target.read_bytes() == right
    assert errors(tmp_path) == []


def test_a_file_without_a_whole_record_is_put_aside(tmp_path, warc):
    """Its octets are kept, it is no WARC any more."""
    path, _ = warc
    path.write_bytes(path.read_bytes()[:20])
    assert len(repair(tmp_path)) == 1
    assert [p.name for p in path.parent.iterdir()] == [f"{path.name}.cut-0"]
    assert errors(tmp_path) == []
