"""The posts of a listing, by the best sign the page gives: its marks, its headings, its lists."""

from datetime import datetime

from umecrawl.extract.segments import MOST_SEGMENTS, Segment, is_named_entry, marked_segments
from umecrawl.extract.segments_lists import link_segments, single_segment
from umecrawl.extract.segments_room import Room
from umecrawl.extract.segments_unmarked import heading_segments, plain_heading_segments
from umecrawl.extract.tree import select


def segments_of(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the posts a listing shows, in the order of the page: what it marks first, then what its shape tells.

    Where entries are marked by more than the element `article`, the page is by a system that marks all of them.
    """
    marked = marked_segments(room)
    sure = any(is_named_entry(element) for segment in marked for element in segment.elements)
    found = marked if sure else [*marked, *heading_segments(room, marked, captured_at)]
    if not found:
        found = (
            plain_heading_segments(room, captured_at)
            or link_segments(room, captured_at)
            or single_segment(room, captured_at)
        )
    # Not root.iter(): broken markup has more than one root.
    places = {element: place for place, element in enumerate(select(room.root, "//*"))}

    def place(segment: Segment) -> int:
        return places[segment.elements[0] if segment.heading is None else segment.heading]

    return sorted(found[:MOST_SEGMENTS], key=place)
