"""What a site says about the use of a page: kept as facts, for others to weigh; nothing here hides anything."""

from dataclasses import dataclass
from typing import Final

from umecrawl.model.message import Head

# X-Robots-Tag; TDMRep (W3C Community Group, 2024), §6: the HTTP fields of the same names.
_FIELDS: Final = ("x-robots-tag", "tdm-reservation", "tdm-policy")
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Reservation:
    """A statement on use: `name` of the header field or `meta` element, in lower case, and its `value` as it stands."""

    name: str
    value: str


def header_reservations(head: Head) -> tuple[Reservation, ...]:
    """Return what the head of a response says, in its order, each once."""
    found = [Reservation(name, value.strip()) for name in _FIELDS for value in head.all(name) if value.strip()]
    return tuple(dict.fromkeys(found))[:_MOST]
