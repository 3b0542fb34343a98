"""What another extractor would change: captures that the index knows are read anew and compared with what it holds."""

from collections import Counter
from pathlib import Path

from umecrawl.extract import EXTRACTOR
from umecrawl.index.engine import Index
from umecrawl.model.capture import Capture
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.indexing import readable_pages
from umecrawl.query.readings import changes, reading_of, sampled_readings
from umecrawl.query.rows import ComparisonRow, Counts
from umecrawl.warc.reader import WarcArchive


def compare_with_index(
    root: Path, index: Index, *, pool: ExtractionPool[Capture], sample: int, seed: int
) -> ComparisonRow:
    """Read a sample of captures with the extractor at hand and tell field by field what the index has otherwise.

    The sample is the same for the same seed. Nothing is written. A capture whose record is damaged or gone is named
    in `damage`.
    """
    with index.connect() as connection:
        held = {reading.capture.id: reading for reading in sampled_readings(connection, sample, seed)}
    damage: list[str] = []
    pages = readable_pages(WarcArchive(root), (reading.capture for reading in held.values()), damage)
    found = [
        change
        for capture, extraction in pool.extract(pages)
        for change in changes(held[capture.id], reading_of(capture, extraction))
    ]
    fields = Counter(change.field for change in found)
    extractors = Counter(reading.extractor for reading in held.values())
    return ComparisonRow(
        extractor=EXTRACTOR,
        extractors=Counts(tuple(sorted(extractors.items()))),
        sampled=len(held),
        changed=len({change.capture for change in found}),
        fields=Counts(tuple(sorted(fields.items()))),
        damage=tuple(damage),
        changes=tuple(found),
    )
