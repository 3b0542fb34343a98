"""What a record must be by ISO 28500:2017 and by the practice of archives: one check, one named rule."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from umecrawl.model.message import entity_of, parse_head
from umecrawl.warc.records import IDENTICAL_PROFILE, Record, digest_octets, split_message


class Severity(StrEnum):
    """How bad a finding is: octets are wrong or missing, a rule is broken that harms use, or just worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one record or file, and what to do."""

    rule: str
    severity: Severity
    message: str
    remedy: str


_CAPTURES: Final = frozenset({"response", "revisit", "request", "resource", "metadata"})
_WITH_TARGET: Final = frozenset({"response", "resource", "request", "revisit", "conversion", "continuation"})
_TYPES: Final = _WITH_TARGET | {"warcinfo", "metadata"}
_MANDATORY: Final = ("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length")
# Fields of the standard that may stand once only; WARC-Concurrent-To and extensions may repeat (§4).
_ONCE: Final = frozenset(
    {
        "warc-type",
        "warc-record-id",
        "warc-date",
        "content-length",
        "content-type",
        "warc-block-digest",
        "warc-payload-digest",
        "warc-ip-address",
        "warc-refers-to",
        "warc-refers-to-target-uri",
        "warc-refers-to-date",
        "warc-target-uri",
        "warc-truncated",
        "warc-warcinfo-id",
        "warc-filename",
        "warc-profile",
        "warc-identified-payload-type",
        "warc-segment-number",
        "warc-segment-origin-id",
        "warc-segment-total-length",
    }
)
# Field -> the types that may carry it (§5); a field that is not named here may stand anywhere.
_ALLOWED: Final = {
    "warc-concurrent-to": _CAPTURES,
    "warc-ip-address": _CAPTURES,
    "warc-target-uri": _TYPES - {"warcinfo"},
    "warc-warcinfo-id": _TYPES - {"warcinfo"},
    "warc-refers-to": frozenset({"revisit", "metadata", "conversion"}),
    "warc-refers-to-target-uri": frozenset({"revisit"}),
    "warc-refers-to-date": frozenset({"revisit"}),
    "warc-profile": frozenset({"revisit"}),
    "warc-filename": frozenset({"warcinfo"}),
    "warc-payload-digest": _WITH_TARGET,
    "warc-identified-payload-type": _WITH_TARGET,
    "warc-segment-origin-id": frozenset({"continuation"}),
    "warc-segment-total-length": frozenset({"continuation"}),
}
_DATES: Final = {
    "WARC/1.0": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "WARC/1.1": re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?"),
}
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!#-;=?-\[\]_a-z~]+")
_TRUNCATIONS: Final = frozenset({"length", "time", "disconnect", "unspecified"})
_OTHER_TOOL: Final = "Its writer broke the standard; the octets of the block are not touched by it."
_RESTORE: Final = "Restore the file from a copy; the capture's octets are not what was stored."


def check_header(record: Record) -> Iterator[Flaw]:
    """Yield what is wrong with the fields of a record."""
    if record.version not in _DATES:
        yield _broken("version", f"the version {record.version!r} is neither WARC/1.0 nor WARC/1.1")
    yield from _check_names(record)
    yield from _check_forms(record)
    yield from _check_target(record)
    if record.type == "revisit":
        yield from _check_revisit(record)


def check_digests(record: Record) -> Iterator[Flaw]:
    """Yield what is wrong with the digests of a record."""
    block = record.get("WARC-Block-Digest")
    if block:
        yield from _check_digest("block-digest", "WARC-Block-Digest", block, record.block)
    payload = record.get("WARC-Payload-Digest")
    if not payload or record.type not in {"response", "request", "resource", "conversion"}:
        return
    if not record.get("Content-Type").lower().startswith("application/http"):
        yield from _check_digest("payload-digest", "WARC-Payload-Digest", payload, record.block)
        return
    head, body = split_message(record)
    entity = entity_of(parse_head(head), body)
    flaws = list(_check_digest("payload-digest", "WARC-Payload-Digest", payload, entity))
    if flaws and entity != body and not list(_check_digest("", "", payload, body)):
        yield Flaw(
            "payload-digest-framing",
            Severity.WARNING,
            "WARC-Payload-Digest counts the chunked transfer coding, which is no part of the payload",
            "Nothing is damaged, but equal pages will not be found equal (WARC/1.1 §6.3.2).",
        )
        return
    yield from flaws


def _check_names(record: Record) -> Iterator[Flaw]:
    counts = Counter(name.lower() for name, _ in record.fields)
    for name in _MANDATORY:
        if not counts[name.lower()]:
            yield _broken("missing-field", f"the field {name} is missing")
    for name in sorted(counts):
        if counts[name] > 1 and name in _ONCE:
            yield _broken("repeated-field", f"the field {name} stands {counts[name]} times, it may stand once")
        if record.type in _TYPES and record.type not in _ALLOWED.get(name, _TYPES):
            yield _broken("forbidden-field", f"the field {name} may not stand in a {record.type} record")


def _check_forms(record: Record) -> Iterator[Flaw]:
    pattern = _DATES.get(record.version)
    for name in ("WARC-Date", "WARC-Refers-To-Date"):
        date = record.get(name)
        if date and pattern is not None and not pattern.fullmatch(date):
            yield _broken("date-form", f"{name} is no date of {record.version}: {date!r}")
    for name in ("WARC-Record-ID", "WARC-Concurrent-To", "WARC-Refers-To", "WARC-Warcinfo-ID"):
        for value in record.all(name):
            if not (value.startswith("<") and value.endswith(">") and _URI.fullmatch(value[1:-1])):
                yield _broken("id-form", f"{name} is not a URI in angle brackets: {value[:100]!r}")
    if (reason := record.get("WARC-Truncated")) and reason not in _TRUNCATIONS:
        yield _broken("truncation", f"WARC-Truncated gives an unknown reason: {reason[:40]!r}")


def _check_target(record: Record) -> Iterator[Flaw]:
    target = record.get("WARC-Target-URI")
    if not target:
        if record.type in _WITH_TARGET:
            yield _broken("missing-field", f"a {record.type} record needs WARC-Target-URI")
        return
    if target.startswith("<") and target.endswith(">"):
        if record.version != "WARC/1.0":
            yield _broken("uri-form", "WARC-Target-URI stands in angle brackets")
        target = target[1:-1]
    if not _URI.fullmatch(target):
        yield _broken("uri-form", f"WARC-Target-URI is not a URI: {target[:100]!r}")


def _check_revisit(record: Record) -> Iterator[Flaw]:
    profile = record.get("WARC-Profile")
    if not profile:
        yield _broken("missing-field", "a revisit record needs WARC-Profile")
    if profile == IDENTICAL_PROFILE and not record.get("WARC-Payload-Digest"):
        yield _broken("missing-field", "a revisit of an identical payload needs WARC-Payload-Digest")
    wanted = ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
    missing = [name for name in wanted if not record.get(name)]
    if missing:
        yield Flaw(
            "refers-to",
            Severity.WARNING,
            f"the revisit lacks {', '.join(missing)}",
            "Replay tools may not find the original payload.",
        )


def _check_digest(rule: str, name: str, value: str, octets: bytes) -> Iterator[Flaw]:
    known = digest_octets(value)
    if known is None:
        yield Flaw(
            rule, Severity.WARNING, f"{name} cannot be checked: {value[:100]!r}", "Nothing; the form is unknown."
        )
        return
    algorithm, wanted = known
    found = hashlib.new(algorithm, octets, usedforsecurity=False).digest()
    if found != wanted:
        message = f"{name} is {value}, but the octets give {algorithm}:{found.hex()}"
        yield Flaw(rule, Severity.ERROR, message, _RESTORE)


def _broken(rule: str, message: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, _OTHER_TOOL)
