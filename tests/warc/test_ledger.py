"""The ledger answers as a plain comparison of all rows would, however they are put down and shared out."""

from collections import defaultdict
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.warc import leaves as gathering
from umecrawl.warc import ledger as questions
from umecrawl.warc.leaves import Kind, Leaves, all_different
from umecrawl.warc.ledger import About, Ledger

IDS = st.sampled_from([b"urn:uuid:%d" % number for number in range(8)]) | st.none()
ABOUT = st.tuples(*[st.sampled_from([b"", b"a", b"b"])] * 4) | st.none()
RECORDS = st.lists(st.tuples(IDS, st.sampled_from(["response", "request"]), ABOUT), max_size=8)
REFERENCES = st.lists(st.tuples(st.sampled_from(list(Kind)), IDS.filter(bool), ABOUT), max_size=4)
FILES = st.lists(st.tuples(RECORDS, REFERENCES, st.booleans(), st.integers(0, 3)), max_size=4)


@pytest.fixture
def folder(tmp_path_factory):
    """Return a function that makes a new folder."""
    return lambda: tmp_path_factory.mktemp("ledger")


@pytest.mark.parametrize("at_once", [1, 3, 100_000])
def test_questions_are_answered_as_by_comparing_all(folder, monkeypatch, at_once):
    """Ids that stand twice and references, of files noted here or by helpers, in one go or many."""
    monkeypatch.setattr(questions, "_AT_ONCE", at_once)
    monkeypatch.setattr(gathering, "_AT_ONCE", at_once)

    @given(FILES)
    def check(files):
        ledger, rows, references = Ledger(folder()), [], []
        for file, (records, others, by_helper, often) in enumerate(files):
            leaves = Leaves(folder()) if by_helper else ledger.leaves
            for offset, (record_id, kind, about) in enumerate(records):
                leaves.records.append((file, offset, record_id, kind, about))
                if often and offset % often == 0:
                    leaves.flush()
            for offset, (kind, target, about) in enumerate(others):
                leaves.references.append((file, offset, kind.value, target, about))
            rows += [(file, offset, *record) for offset, record in enumerate(records)]
            references += [(file, offset, *other) for offset, other in enumerate(others)]
            if by_helper:
                ledger.absorb(leaves.close())
        ledger.complete()
        assert sorted(ledger.twice()) == sorted(doubled(rows))
        assert [(one.file, one.offset, one.kind, one.target, one.about) for one in ledger.unanswered()] == [
            (file, offset, kind, target, About(*about) if about else About())
            for file, offset, kind, target, about in references
        ]
        first = {record[2]: record for record in reversed(rows)}
        for one in ledger.unanswered():
            file, _, _, kind, about = first.get(one.target, (None, 0, None, None, None))
            assert (one.at, one.type, one.found) == (file, kind, About(*about) if about else About())
        assert [ledger.count(file) for file in range(len(files))] == [len(records) for records, *_ in files]
        ledger.close()

    check()


def doubled(rows):
    """Return the pairs of files that share ids with the first record of each: how often, first offset, least id."""
    places = defaultdict(list)
    for file, offset, record_id, *_ in rows:
        if record_id is not None:
            places[record_id].append((file, offset))
    pairs = defaultdict(list)
    for record_id, found in places.items():
        for one, other in combinations(sorted(found), 2):
            if one == min(found):
                pairs[one[0], other[0]].append((other[1], record_id))
    return [(*files, len(found), min(found)[0], min(name for _, name in found)) for files, found in pairs.items()]


@given(st.lists(st.integers(0, 2**64 - 1)), st.integers(0, 100))
def test_numbers_that_stand_twice_are_seen(numbers, place):
    """Wherever they stand."""
    different = sorted(set(numbers))
    assert all_different(different)
    if different:
        assert not all_different([*different, different[place % len(different)]])
