"""How what a page gave travels from process to process: as its fields, in a given order.

Pickle's own way with frozen dataclasses that have slots asks each value for its fields by name, packed and unpacked,
and takes three times as long.
"""

import copyreg
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from umecrawl.model.article import Claim, Comment, Extraction, Link, Person, Post, Sourced
from umecrawl.model.reservation import Reservation


def send_fields() -> None:
    """Have these values packed as their fields in this process; whoever unpacks them needs nothing."""
    for kind in (Claim, Comment, Extraction, Link, Person, Post, Reservation, Sourced):
        copyreg.pickle(kind, _packer(kind))


def _packer(kind: type[Any]) -> Callable[[Any], tuple[type[Any], tuple[Any, ...]]]:
    values = attrgetter(*(field.name for field in fields(kind)))
    return lambda value: (kind, values(value))
