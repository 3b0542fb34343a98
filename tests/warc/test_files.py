"""The files of an archive: lock, names, sealing, and what a crash leaves."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from umecrawl.errors import ArchiveInUseError, NotFoundError
from umecrawl.model.capture import Capture
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.files import find_volume, list_warcs
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recovery import recover
from umecrawl.warc.verify import Severity, verify

HERE = str(Path(__file__).parent)


def captures(root) -> list[Capture]:
    """Return every capture an archive tells of."""
    return [event for _, event in WarcArchive(root).events({}) if isinstance(event, Capture)]


def errors(root) -> list[str]:
    """Return what `verify` finds, notes left out."""
    return [finding.message for finding in verify(root=root) if finding.severity is not Severity.NOTE]


@pytest.fixture
def unfinished(tmp_path, make, writing, the_warc):
    """Return the octets of an `.open` file as a killed process leaves it, its name, and where exchanges end."""
    ends = []
    with writing(tmp_path / "source") as writer:
        for number in range(3):
            writer.append(make.exchange(f"http://blog.example/{number}", make.page + bytes([number])))
            ends.append(the_warc(tmp_path / "source").stat().st_size)
    path = the_warc(tmp_path / "source")
    return path.read_bytes(), path.name, ends


def left(root, name: str, data: bytes):
    """Put an `.open` file into an archive."""
    path = root / "warc" / "umea" / f"{name}.open"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_sealed_files_have_checksum_and_cdxj(tmp_path, make, writing, the_warc):
    """`sha256sum -c` agrees, in the archive's root."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange())
    name = the_warc(tmp_path).name
    manifest = tmp_path / "manifest" / f"{name}.sha256"
    assert (tmp_path / "cdxj" / name.replace(".warc.gz", ".cdxj")).exists()
    subprocess.run(["sha256sum", "-c", manifest], cwd=tmp_path, check=True, capture_output=True)


def test_the_lock_names_who_holds_it(tmp_path):
    """A second process is told pid and time of the first, and gets the lock when that one ends."""
    code = textwrap.dedent("""
        import sys
        from pathlib import Path
        from umecrawl.warc.lock import ArchiveLock
        with ArchiveLock(Path(sys.argv[1])):
            print("locked", flush=True)
            sys.stdin.read()
    """)
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(ArchiveInUseError, match=rf"by process {holder.pid} since 20\d\d-") as told:
            ArchiveLock(tmp_path).acquire()
        assert told.value.exit_code == 7
        holder.send_signal(signal.SIGKILL)
    with ArchiveLock(tmp_path), pytest.raises(ArchiveInUseError):
        ArchiveLock(tmp_path).acquire()
    with ArchiveLock(tmp_path):
        pass


def test_every_cut_of_the_last_exchange_is_recovered(tmp_path, unfinished, the_warc):
    """Wherever the process died, whole exchanges stay, the rest lies beside them, and nothing is lost."""
    data, name, ends = unfinished
    for cut in sorted({*range(ends[1] + 1, len(data), 97), ends[1] + 1, ends[1] + 10, len(data) - 4, len(data) - 1}):
        root = tmp_path / str(cut)
        left(root, name, data[:cut])
        (done,) = recover(root)
        path = root / "warc" / "umea" / name
        assert path.read_bytes() == data[: ends[1]]
        assert path.with_name(f"{name}.cut-{ends[1]}").read_bytes() == data[ends[1] : cut]
        assert (done.kept, done.cut) == (ends[1], cut - ends[1])
        assert len(captures(root)) == 2
        assert errors(root) == []
        subprocess.run(["gzip", "-t", path], check=True)


def test_a_whole_file_is_only_closed(tmp_path, unfinished):
    """A process that died between two exchanges leaves nothing to cut."""
    data, name, _ = unfinished
    left(tmp_path, name, data)
    (done,) = recover(tmp_path)
    assert (done.path.name, done.cut) == (name, 0)
    assert done.path.read_bytes() == data
    assert errors(tmp_path) == []
    assert recover(tmp_path) == []


def test_nul_octets_at_the_end_are_cut(tmp_path, unfinished):
    """What a power cut leaves behind the last write goes to the sidecar."""
    data, name, _ = unfinished
    left(tmp_path, name, data + b"\0" * 4096)
    (done,) = recover(tmp_path)
    assert "NUL" in done.detail
    assert done.path.read_bytes() == data
    assert errors(tmp_path) == []


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b\x08", b"\0" * 100])
def test_a_file_without_a_whole_record_is_put_aside(tmp_path, data):
    """It gives no WARC; its octets, if any, are kept."""
    path = left(tmp_path, "umea-20260131120000-00000-crawler.warc.gz", data)
    (done,) = recover(tmp_path)
    assert done.detail
    assert list_warcs(tmp_path) == ()
    sidecars = list(path.parent.iterdir())
    assert [sidecar.read_bytes() for sidecar in sidecars] == ([data] if data else [])


def test_a_file_that_is_being_written_is_left_alone(tmp_path, make, writing):
    """Recovery never touches the file of a living writer."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange())
        assert recover(tmp_path) == []
        writer.append(make.exchange(day=1))
    assert len(captures(tmp_path)) == 2


def test_missing_cdxj_and_manifest_are_made_anew(tmp_path, make, writing, the_warc):
    """Both come out as the writer made them."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange(fields=(b'ETag: "v1"',)))
        writer.append(make.exchange(day=1, fields=(b'ETag: "v1"',)))
        writer.append(make.not_modified("http://blog.example/a", b'ETag: "v1"', day=2))
    derived = [*(tmp_path / "cdxj").iterdir(), *(tmp_path / "manifest").iterdir()]
    before = [path.read_bytes() for path in derived]
    for path in derived:
        path.unlink()
    assert len(recover(tmp_path)) == 2
    assert [path.read_bytes() for path in derived] == before


KILLED = """
    import sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from conftest import Make
    from umecrawl.warc.payloads import PayloadStore
    from umecrawl.warc.writer import WarcWriter
    root, make = Path(sys.argv[1]), Make()
    writer = WarcWriter(root, make.run(), payloads=PayloadStore(root), hostname="crawler")
    for number in range(1_000_000):
        capture = writer.append(make.exchange(f"http://blog.example/{number}", make.page + b"%d" % number))
        print(capture.id, flush=True)
"""


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path, make, writing):
    """After SIGKILL every capture that was returned is in the archive, and the next run refers to it."""
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), HERE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        acknowledged = [process.stdout.readline().strip() for _ in range(40)]
        process.kill()
        acknowledged += process.stdout.read().splitlines()[:-1]
    assert len(recover(tmp_path)) == 1
    known = {capture.id for capture in captures(tmp_path)}
    assert set(acknowledged) <= known
    assert errors(tmp_path) == []
    with writing(tmp_path, run=make.run(2)) as writer:
        again = writer.append(make.exchange("http://blog.example/0", make.page + b"0"))
    assert again.refers_to == acknowledged[0]


def test_a_missing_warc_is_told(tmp_path):
    """The error names the folder and the file."""
    with pytest.raises(NotFoundError, match=r"no file x\.warc\.gz"):
        find_volume(tmp_path, "x.warc.gz")


def test_folders_that_are_links_are_read_each_once(tmp_path, make, writing, the_warc):
    """A collection may lie on another disk; a link that leads back is no way round for ever."""
    root, elsewhere = tmp_path / "archive", tmp_path / "elsewhere"
    with writing(root) as writer:
        capture = writer.append(make.exchange())
    name, folder = the_warc(root).name, the_warc(root).parent
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(root / "warc")
    assert [one.id for one in captures(root)] == [capture.id]
    assert find_volume(root, name).path == list_warcs(root)[0]
    assert not errors(root)


@pytest.mark.parametrize("name", [b"latin\xe5.warc.gz", b"a\nb.warc.gz", b"\x1b[2J.wacz"])
def test_a_file_whose_name_is_no_text_is_named_and_holds_nothing_up(tmp_path, make, writing, the_warc, name):
    """No index, CDXJ or manifest can hold such a name; the other files are read."""
    with writing(tmp_path) as writer:
        capture = writer.append(make.exchange())
    warc = the_warc(tmp_path)
    (warc.parent / os.fsdecode(name)).write_bytes(warc.read_bytes())
    archive = WarcArchive(tmp_path)
    assert [one.id for one in captures(tmp_path)] == [capture.id]
    assert [error for error in archive.unreadable() if "the name of the file" in error]
    assert [one.rule for one in verify(root=tmp_path) if one.severity is Severity.ERROR] == ["file-name"]


def test_a_file_outside_the_archive_may_have_any_name(tmp_path, make, writing, the_warc):
    """It is read under a name that is text."""
    with writing(tmp_path) as writer:
        capture = writer.append(make.exchange())
    odd = the_warc(tmp_path).rename(tmp_path / os.fsdecode(b"latin\xe5\n.warc.gz"))
    with WarcFiles([odd]) as files:
        (found,) = files.captures()
        assert (found.id, found.record.warc) == (capture.id, "latin\ufffd\ufffd.warc.gz")
        assert files.payload(found)
