"""Whole WARC files copied octet for octet, and looked through for what nobody may want to hand over."""

import re
from typing import Final, Protocol

from umecrawl.errors import UsageError
from umecrawl.warc.foreign import read_foreign
from umecrawl.warc.members import MemberReader
from umecrawl.warc.records import Record, split_message
from umecrawl.warc.recordstream import damage_at, records_from
from umecrawl.warc.streams import Form, StreamBreakError, form_of
from umecrawl.warc.volumes import Octets, Volume

_SECRETS: Final = re.compile(
    rb"\n(cookie2?|authorization|proxy-authorization|x-api-key|x-auth-token)[ \t]*:", re.IGNORECASE
)
# The name of a field in a form, of a part (multipart) or in JSON.
_PASSWORD: Final = re.compile(
    rb"(?:^|[&;\"'{,\s])([\w.%\[\]-]{0,40}(?:passw|pwd|losenord)[\w.%\[\]-]{0,40})[\"']?\s*(?:[=:]|\r?\n)",
    re.IGNORECASE,
)
_STEP: Final = 1024 * 1024


class OctetSink(Protocol):
    """What octets are written to."""

    def write(self, data: bytes, /) -> int:
        """Write them all."""
        ...


def copy_own(volume: Volume, sink: OctetSink, *, with_credentials: bool) -> None:
    """Copy a closed file of ours, reading every record on the way.

    Raises `DamageError` with file and offset where a record cannot be read, `UsageError` at a request that carries
    cookies or credentials, unless they are wanted.
    """
    copied = 0

    def loaded(position: int, data: bytes) -> None:
        nonlocal copied
        if position <= copied < position + len(data):
            sink.write(data[copied - position :])
            copied = position + len(data)

    with Octets(volume) as octets:
        for member, record in records_from(MemberReader(octets.descriptor, loaded), volume.path):
            if not with_credentials:
                refuse_credentials(volume, member.offset, record)


def copy_octets(volume: Volume, sink: OctetSink) -> None:
    """Copy a file without looking into it."""
    with Octets(volume) as octets:
        position = 0
        while data := octets.read(_STEP, position):
            sink.write(data)
            position += len(data)


def is_playable(volume: Volume, *, with_credentials: bool) -> bool:
    """Read a file by another tool; say whether each record has a gzip member of its own, as players need it.

    Raises as `copy_own`.
    """
    with Octets(volume) as octets:
        playable = form_of(octets) is Form.GZIP
        try:
            for placed in read_foreign(octets):
                playable = playable and not placed.shares_member
                if not with_credentials:
                    refuse_credentials(volume, placed.offset, placed.record)
        except StreamBreakError as error:
            raise damage_at(volume.path, error.found) from error
    return playable


def refuse_credentials(volume: Volume, offset: int, record: Record) -> None:
    """Raise `UsageError` for a request that carries cookies, credentials, or a password in its body."""
    if record.type != "request":
        return
    head, body = split_message(record)
    header, field = _SECRETS.search(head), _PASSWORD.search(body)
    if header or field:
        carried = header[1].decode().title() if header else f"the field {field[1].decode()!r}" if field else ""
        raise UsageError(
            f"{volume.path}: offset {offset}: the request for {record.url} carries {carried}",
            hint="Nothing was exported. If the receiver may have it, add --with-credentials.",
        )
