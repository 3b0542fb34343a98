"""Repair: what can be mended is, without losing an octet; the rest is left as it is."""

import gzip
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from umecrawl.model.capture import Capture
from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.files import manifest_path
from umecrawl.warc.members import deflated
from umecrawl.warc.reader import WarcArchive
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


def test_damage_within_a_file_costs_one_member(tmp_path, warc):
    """All other members are in a file of a new name, octet for octet; the bad one and the original are kept."""
    path, captures = warc
    data = bytearray(path.read_bytes())
    bad = captures[1].record
    data[bad.offset + 30] ^= 0xFF
    path.write_bytes(data)
    (done,) = repair(tmp_path)
    assert done.path.name == path.name.replace(".warc.gz", ".repaired.warc.gz")
    assert not path.exists()
    assert done.path.read_bytes() == data[: bad.offset] + data[bad.offset + bad.length :]
    folder = tmp_path / "damaged"
    assert (folder / path.name).read_bytes() == data
    assert (folder / f"{path.name}.bad-{bad.offset}").read_bytes() == data[bad.offset : bad.offset + bad.length]
    subprocess.run(["sha256sum", "--quiet", "-c", f"{path.name}.sha256"], cwd=folder, check=True)
    archive = WarcArchive(tmp_path)
    left = [event for _, event in archive.events({}) if isinstance(event, Capture)]
    assert [one.id for one in left] == [captures[0].id, captures[2].id]
    assert [archive.payload(one) for one in left] == [archive.payload(one) for one in left]
    assert archive.payload(left[1]).endswith(b"2")
    findings = list(verify(root=tmp_path))
    assert {finding.rule for finding in findings if finding.severity is Severity.ERROR} == set()
    assert {finding.rule for finding in findings} == {"lost", "concurrent-to", "file-name"}
    assert repair(tmp_path) == []


def test_a_repair_that_was_killed_is_done_again(tmp_path, warc):
    """Before the original is moved aside it can be repeated, and gives no second copy."""
    path, captures = warc
    data = bytearray(path.read_bytes())
    data[captures[1].record.offset + 30] ^= 0xFF
    path.write_bytes(data)
    repair(tmp_path)
    (tmp_path / "damaged" / path.name).rename(path)
    repair(tmp_path)
    assert len(list((tmp_path / "warc").rglob("*.warc.gz"))) == 1
    assert "copy" not in errors(tmp_path)
    assert (tmp_path / "damaged" / path.name).read_bytes() == data


def test_a_damaged_first_record_does_not_cost_the_file(tmp_path, warc):
    """Without its warcinfo the file does not say who wrote it, but its captures are there."""
    path, captures = warc
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(data)
    repair(tmp_path)
    left = [event for _, event in WarcArchive(tmp_path).events({}) if isinstance(event, Capture)]
    assert [one.id for one in left] == [one.id for one in captures]
    assert {"warcinfo", "warcinfo-id"} <= set(errors(tmp_path))


def test_records_of_others_are_not_put_aside_for_their_form(tmp_path, warc):
    """A member that is whole is no damage, however its writer ended the record."""
    path, _ = warc
    body = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 2\r\n\r\nab\r\n"
    path.write_bytes(deflated(body) * 3)
    assert [one.detail for one in repair(tmp_path) if "CDXJ" not in one.detail] == []
    assert path.read_bytes() == deflated(body) * 3


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_files_that_are_packed_otherwise_are_left_alone(tmp_path, warc, pack):
    """A plain file, a single gzip member and Zstandard hold no members to cut between."""
    path, _ = warc
    data = pack(gzip.decompress(path.read_bytes()))
    path.write_bytes(data)
    repair(tmp_path)
    assert path.read_bytes() == data
    assert not (tmp_path / "damaged").exists()
    assert not list(path.parent.glob("*.cut-*"))


def test_a_sidecar_that_changes_is_found(tmp_path, warc):
    """What was put aside is watched as well."""
    path, _ = warc
    path.write_bytes(path.read_bytes()[:-7])
    repair(tmp_path)
    (sidecar,) = path.parent.glob("*.cut-*")
    sidecar.write_bytes(sidecar.read_bytes()[::-1])
    assert errors(tmp_path) == ["sidecar"]
    sidecar.unlink()
    assert errors(tmp_path) == ["sidecar"]


def accounted(root, original: bytes) -> bool:
    """Return whether what is kept and what was put aside are the original, each octet once and in its place."""
    (warc,) = (root / "warc").rglob("*.warc.gz") if list((root / "warc").rglob("*.warc.gz")) else (None,)
    kept = warc.read_bytes() if warc else b""
    bad = {int(path.name.rpartition("-")[2]): path.read_bytes() for path in (root / "damaged").glob("*.bad-*")}
    cut = {int(path.name.rpartition("-")[2]): path.read_bytes() for path in (root / "warc").rglob("*.cut-*")}
    assert not (bad and cut)
    position, whole = 0, b""
    for offset in sorted(bad | cut):
        whole += kept[position : position + offset - len(whole)]
        position = len(whole) - sum(len(part) for at, part in (bad | cut).items() if at < offset)
        whole += (bad | cut)[offset]
    return whole + kept[position:] == original


DAMAGES = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.floats(0, 1), st.integers(1, 255)),
        st.tuples(st.just("cut"), st.floats(0, 1), st.just(0)),
        st.tuples(st.just("nuls"), st.floats(0, 1), st.integers(1, 900)),
        st.tuples(st.just("insert"), st.floats(0, 1), st.integers(1, 300)),
        st.tuples(st.just("delete"), st.floats(0, 1), st.integers(1, 300)),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=DAMAGES)
def test_no_octet_is_lost_whatever_was_damaged(tmp_path, warc, damages):
    """Kept file and sidecars are the damaged file, octet for octet; what verify finds then is named losses only."""
    path, _ = warc
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(tmp_path, root, dirs_exist_ok=True)
        target = root / path.relative_to(tmp_path)
        data = bytearray(target.read_bytes())
        for kind, where, size in damages:
            at = int(where * max(len(data) - 1, 0))
            if kind == "flip" and data:
                data[at] ^= size
            elif kind == "cut":
                del data[at:]
            elif kind == "nuls":
                data[at : at + size] = b"\0" * min(size, len(data) - at)
            elif kind == "insert":
                data[at:at] = b"\x1f\x8b\x08" + b"x" * size
            elif kind == "delete":
                del data[at : at + size]
        target.write_bytes(data)
        repair(root)
        assert accounted(root, bytes(data))
        left = {finding.rule for finding in verify(root=root) if finding.severity is Severity.ERROR}
        # A flip in a field of the gzip header that says nothing leaves every record whole.
        assert left <= {"manifest", "empty-file"}
        again = [one for one in repair(root) if one.cut]
        assert again == []


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
