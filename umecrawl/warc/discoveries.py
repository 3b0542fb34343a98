"""What a run found out about the interfaces of its sources, as JSON lines in a metadata record at its end."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from umecrawl.model.discovery import Audit, Place, format_reading, parse_reading
from umecrawl.model.urls import Url
from umecrawl.warc.records import RecordFormatError, format_date, parse_date

_SUFFIX: Final = ":discovery"


def discovery_urn(run: str) -> str:
    """Return the target URI of records that tell of interfaces."""
    return f"urn:umecrawl:run:{run}{_SUFFIX}"


def is_discovery(target: str) -> bool:
    """Return whether a record of this target URI tells of interfaces."""
    return target.startswith("urn:umecrawl:run:") and target.endswith(_SUFFIX)


def discovery_block(found: Sequence[Place | Audit]) -> bytes:
    """Return JSON lines, one for each interface and each comparison of two of them."""
    return b"".join(json.dumps(_values(one)).encode("ascii") + b"\n" for one in found)


def read_discoveries(block: bytes) -> tuple[Place | Audit, ...]:
    """Return what a block of JSON lines tells. Raises `RecordFormatError` for a line that cannot be read."""
    return tuple(_read(block))


def _values(one: Place | Audit) -> dict[str, Any]:
    if isinstance(one, Place):
        return {
            "run": one.run,
            "source": one.source,
            "url": one.url,
            "at": format_date(one.checked_at),
            "reading": format_reading(one.reading),
        }
    return {
        "run": one.run,
        "source": one.source,
        "namedBy": one.named_by,
        "missedBy": one.missed_by,
        "count": one.count,
        "examples": one.examples,
    }


def _read(block: bytes) -> Iterator[Place | Audit]:
    for line in block.splitlines():
        try:
            values = json.loads(line)
            if "reading" not in values:
                yield Audit(
                    run=values["run"],
                    source=values["source"],
                    named_by=values["namedBy"],
                    missed_by=values["missedBy"],
                    count=int(values["count"]),
                    examples=tuple(Url(url) for url in values["examples"]),
                )
            elif (reading := parse_reading(values["reading"])) is not None:
                yield Place(
                    run=values["run"],
                    source=values["source"],
                    url=Url(values["url"]),
                    checked_at=parse_date(values["at"]),
                    reading=reading,
                )
        except (ValueError, KeyError, TypeError) as error:
            raise RecordFormatError(f"a line of what was discovered cannot be read ({error})") from error
