"""The shape of an address: what the addresses that one program makes have in common."""

import re
from collections.abc import Sequence

from umecrawl.frontier.address import Address

_DIGIT = re.compile(r"\d")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_ENDING = re.compile(r"\.[A-Za-z]{1,5}$")


def shape_of(address: Address) -> str:
    """Return the shape of an address: `blog.example/#/#/#/*`, `blog.example/kalender?ar&manad`.

    Segments with a figure are one `#`; the last segment is the page's own name (`*`, its ending kept), unless a query
    tells one page from another; of a query the names of its parameters count.
    """
    segments = ["#" if _has_figure(segment) else segment for segment in address.segments]
    if segments and not address.parameters:
        ending = _ENDING.search(address.segments[-1])
        segments[-1] = f"*{ending[0] if ending else ''}"
    return f"{address.site}{_path(address, segments)}{_query(sorted(address.names))}"


def wide_shape_of(address: Address) -> str:
    """Return the shape that is left when words and names of parameters are made up as well: `blog.example/*/*?*`."""
    names = ["*"] * len(address.names)
    return f"{address.site}{_path(address, ['*'] * len(address.segments))}{_query(names)}"


def is_counted(address: Address, other: Address) -> bool:
    """Return whether two addresses differ in nothing but the values of their query, or figures in their path."""
    same = len(address.segments) == len(other.segments) and all(
        one == two or (_has_figure(one) and _has_figure(two))
        for one, two in zip(address.segments, other.segments, strict=True)
    )
    return same and address.site == other.site and address.names == other.names


def _has_figure(segment: str) -> bool:
    return _DIGIT.search(_ESCAPE.sub("", segment) if "%" in segment else segment) is not None


def _path(address: Address, segments: Sequence[str]) -> str:
    slash = "/" if segments and address.path.endswith("/") else ""
    return f"/{'/'.join(segments)}{slash}"


def _query(names: Sequence[str]) -> str:
    return f"?{'&'.join(names)}" if names else ""
