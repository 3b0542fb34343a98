"""What is found out about interfaces is kept in the WARC and told again, to the index and to the next run."""

from datetime import UTC, datetime

import pytest

from umecrawl.model.capture import Capture
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Audit, Interface, Place, Reading, Standing
from umecrawl.model.urls import normalize
from umecrawl.warc.discoveries import read_discoveries
from umecrawl.warc.interfaces import past_readings
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.records import RecordFormatError

NOW = datetime(2024, 5, 1, 12, 30, 0, 250, tzinfo=UTC)
PLACE = normalize("https://a.example/sitemap.xml")
READING = Reading(Interface.SITEMAP, Standing.LYING, 3, newest=NOW, detail='säger "nu" = alltid')


def test_findings_of_a_run_are_read_as_they_were_written(tmp_path, writing):
    """Places and audits, with their readings, in their order."""
    found = (
        Place("r", "källa", PLACE, NOW, READING),
        Audit("r", "källa", "links", "sitemap", 2, (PLACE, normalize("https://a.example/å"))),
        Place("r", "källa", PLACE, NOW, Reading(Interface.REST, Standing.OFF, total=0, pages=10**12, index=True)),
    )
    with writing(tmp_path) as writer:
        writer.discovered(found)
        writer.discovered(())
    events = [event for _, event in WarcArchive(tmp_path).events({})]
    assert tuple(event for event in events if isinstance(event, Place | Audit)) == found


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"reading": "rest offered"}', b'{"run": 1}', b"\xff"])
def test_a_line_that_cannot_be_read_is_said_so(line):
    """Damage is told, not passed over."""
    with pytest.raises(RecordFormatError, match="discovered"):
        read_discoveries(line)


def test_what_an_answer_names_and_is_comes_back_with_the_capture(tmp_path, make, writing):
    """Links with the times that were stated; the next run finds the reading in the CDXJ line, the links behind it."""
    links = (
        Outlink(normalize("https://a.example/1"), Hop.MANIFEST, NOW),
        Outlink(normalize("https://a.example/2"), Hop.MANIFEST),
    )
    with writing(tmp_path) as writer:
        written = writer.append(make.exchange(PLACE), links, READING)
    archive = WarcArchive(tmp_path)
    (read,) = [event for _, event in archive.events({}) if isinstance(event, Capture)]
    assert (read, read.outlinks, read.reading) == (written, links, READING)
    (past,) = past_readings(tmp_path, {read.source})
    assert (past.url, past.at, past.reading) == (PLACE, read.captured_at, READING)
    assert archive.links(past.record) == links
    assert list(past_readings(tmp_path, {"another"})) == []
