"""One large file checked in sections: the same findings in the same order as in one piece, whatever is damaged."""

import os
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Thread

import pytest
from damage import DAMAGE, RECORD, change
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from umecrawl.warc import sections as cutting
from umecrawl.warc.crew import Crew
from umecrawl.warc.members import deflated
from umecrawl.warc.sections import WHOLE, sections
from umecrawl.warc.verify import Verification


@pytest.fixture
def small(monkeypatch):
    """Let files of some kilobytes count as large."""
    monkeypatch.setattr(cutting, "_LEAST", 3_000)
    monkeypatch.setattr("umecrawl.warc.verify._WORTH_A_PROCESS", 1)


@pytest.fixture
def archive(tmp_path, make, writing, small):
    """Return an archive of one WARC with all kinds of records, and the WARC."""
    with writing(tmp_path) as writer:
        for number in range(45):
            day = number // 10
            writer.append(make.exchange(f"http://blog.example/{number}", b"<p>%d</p>" % number * 50, day=day))
            writer.append(make.chunked(f"http://blog.example/chunked/{number % 7}", day=day))
        writer.append(make.failure(request=b"GET / HTTP/1.1\r\n\r\n"))
        writer.skip(make.skipped())
    (warc,) = tmp_path.rglob("*.warc.gz")
    return tmp_path, warc


class Thrown(Thread):
    """A helper that is a thread, so that what a test has changed holds for it as well."""

    def run(self):
        """Do the work; `SystemExit` stands for a signal that ends a process."""
        with suppress(SystemExit):
            super().run()

    def kill(self):
        """Let it come to its end, which it does once nobody listens."""


def thrown(target, arguments):
    """Start a thread in place of a process, with an end of the pipe of its own."""
    *others, results = arguments
    helper = Thrown(target=target, args=(*others, Connection(os.dup(results.fileno()), readable=False)))
    helper.start()
    return helper


def check(root, *paths, workers=1, explain=True):
    """Return all findings and what was learned of each file."""
    with Verification(root, paths, workers=workers, explain=explain, start=thrown) as verification:
        findings = list(verification.findings())
        told = [(one.path, one.sha256, one.records, one.own, one.whole) for one in verification.inspections]
    return findings, told


def test_a_large_file_is_cut_where_exchanges_begin(archive):
    """Sections follow one another without a gap, and none begins within an exchange."""
    _, warc = archive
    cut = sections(warc, warc.stat().st_size // 4, archived=True)
    assert len(cut) >= 3
    assert cut[0].start == 0
    assert cut[-1].end is None
    assert [one.end for one in cut[:-1]] == [one.start for one in cut[1:]]
    data = warc.read_bytes()
    for one in cut[1:]:
        assert one.own
        assert one.run == "20260131120001-abcd"
        assert data.startswith(deflated(b"")[:10], one.start)


def test_a_sound_file_is_read_once_in_sections(archive, monkeypatch):
    """Nothing makes it be checked in one piece as well; checksum and CDXJ are checked all the same."""
    root, warc = archive
    expected = check(root)
    monkeypatch.setattr("umecrawl.warc.verify.inspect", None)
    assert check(root, workers=4) == expected
    assert expected[1][0][1]
    assert check(root, warc, workers=4) == check(root, warc, workers=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DAMAGE, max_size=3), st.booleans())
def test_sections_find_what_one_piece_does(archive, damages, whole):
    """Findings, their order, and what is told of the file."""
    root, warc = archive
    before = warc.read_bytes()
    data = before
    for kind, place, other in damages:
        data = change(data, kind, place, other)
    warc.write_bytes(data)
    try:
        paths = [] if whole else [warc]
        assert check(root, *paths, workers=4) == check(root, *paths)
    finally:
        warc.write_bytes(before)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DAMAGE, max_size=2))
def test_files_by_others_are_cut_as_well(tmp_path, small, damages):
    """Faults that stand in every record are one finding with their count, also when sections counted them."""
    records = [
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n"
        b"WARC-Date: 2020-01-0%dT00:00:00Z\r\nWARC-Target-URI: <http://blog.example/%d>\r\n"
        b"WARC-Filename: x\r\n%sContent-Type: application/http\r\nContent-Length: 1000\r\n\r\n%s\r\n\r\n"
        % (
            kind,
            number * 2 + (kind == b"request"),
            1 + number // 40,
            number,
            b"WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n" % (number * 2) * (kind == b"request"),
            b"%d" % number * 500,
        )
        for number in range(10, 80)
        for kind in (b"response", b"request")
    ]
    path = tmp_path / "tool-20200101000000-00000-host.warc.gz"
    data = b"".join(map(deflated, records))
    for kind, place, other in damages:
        data = change(data, kind, place, other)
    path.write_bytes(data)
    assert check(tmp_path, path, workers=4) == check(tmp_path, path)
    if not damages:
        assert len(sections(path, path.stat().st_size // 4, archived=False)) > 1
        assert [one.count for one in check(tmp_path, path, workers=4)[0] if one.rule == "forbidden-field"] == [70, 70]


@pytest.mark.parametrize("name", ["a.warc.gz.open", "a.warc.gz"])
def test_what_cannot_be_cut_stays_whole(tmp_path, small, name):
    """A file that is still written, and one without members."""
    path = tmp_path / name
    path.write_bytes(RECORD * 500 if name.endswith("gz") else deflated(RECORD) * 500)
    assert sections(path, path.stat().st_size // 4, archived=False) == (WHOLE,)


def killed(after):
    """Return how to start a helper that is killed once it has claimed so many calls, of which it ends all but one."""

    def start(target, arguments):
        calls, claims, results = arguments

        def stop():
            raise SystemExit

        return thrown(target, (calls[: after - 1] + [stop] * (len(calls) - after + 1), claims, results))

    return start


@pytest.mark.parametrize("after", [1, 2, 4])
def test_work_of_killed_processes_is_done_here(tmp_path, after):
    """Each result is there, in order."""
    calls = [lambda number=number: number for number in range(5)]
    with Crew(killed(after), 2, calls, tmp_path) as crew:
        assert [crew.result(number) for number in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("helpers", [0, 1, 3])
def test_an_error_is_raised_where_its_result_is_asked_for(tmp_path, helpers):
    """Whoever met it; the results before it are there."""
    calls = [lambda number=number: 1 // (3 - number) for number in range(5)]
    with Crew(thrown, helpers, calls, tmp_path) as crew:
        assert [crew.result(number) for number in range(3)] == [0, 0, 1]
        with pytest.raises(ZeroDivisionError):
            crew.result(3)
        assert crew.result(4) == -1


def test_each_call_is_made_once(tmp_path):
    """However many share them."""
    made = []
    calls = [lambda number=number: made.append(number) for number in range(40)]
    with Crew(thrown, 3, calls, tmp_path) as crew:
        for number in range(40):
            crew.result(number)
    assert sorted(made) == list(range(40))
