"""What pages say of when they were published, taken for comparing."""

from datetime import UTC, date, datetime

import pytest

from umecrawl.query.reuse import article_text
from umecrawl.query.rows import VersionRow


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2026-02-27T08:00:00Z", datetime(2026, 2, 27, 8, tzinfo=UTC)),
        ("2026-02-27T08:00:00", date(2026, 2, 27)),
        ("2026-02-27", date(2026, 2, 27)),
        ("i går", None),
        (None, None),
    ],
)
def test_what_a_page_says_is_taken_as_far_as_it_can_be_read(stated, moment):
    """A time with its zone is a moment, one without is a day, and what is no time is none."""
    fields = dict.fromkeys(VersionRow.__dataclass_fields__)
    taken = article_text(VersionRow(**(fields | {"published_at": stated}))).published
    assert taken == moment
    assert type(taken) is type(moment)
