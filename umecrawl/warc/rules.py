"""What the header of a record must be by ISO 28500:2017 and by the practice of archives: one check, one named rule."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from umecrawl.warc.records import (
    END,
    IDENTICAL_PROFILE,
    NOT_MODIFIED_PROFILE,
    Record,
    RecordFormatError,
    parse_date,
)
from umecrawl.warc.shapes import is_address


class Severity(StrEnum):
    """How bad a finding is: octets are wrong or missing, a rule is broken that harms use, or just worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one record or file, and what to do.

    `kind` is set for faults that a writer repeats in every record: flaws of one rule and kind are told once a file.
    """

    rule: str
    severity: Severity
    message: str
    remedy: str
    kind: str = ""


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
_PROFILES: Final = {
    "WARC/1.0": tuple(uri.replace("/1.1/", "/1.0/") for uri in (IDENTICAL_PROFILE, NOT_MODIFIED_PROFILE)),
    "WARC/1.1": (IDENTICAL_PROFILE, NOT_MODIFIED_PROFILE),
}
_FOLDED: Final = re.compile(rb"\r\n[ \t]")
_ENCODED_WORD: Final = re.compile(r"=\?[A-Za-z0-9_-]+\?[QqBb]\?[^?]*\?=")
_TRUNCATIONS: Final = frozenset({"length", "time", "disconnect", "unspecified"})
_OTHER_TOOL: Final = "Its writer broke the standard; the octets of the block are not touched by it."


def check_header(record: Record, data: bytes = b"") -> Iterator[Flaw]:
    """Yield what is wrong with the fields of a record; `data` are the record's octets, for what parsing forgives."""
    if record.version not in _DATES:
        yield broken("version", f"the version {record.version!r} is neither WARC/1.0 nor WARC/1.1", record.version)
    yield from _check_octets(record, data)
    yield from _check_names(record)
    yield from _check_forms(record)
    yield from _check_target(record)
    if record.type == "revisit":
        yield from _check_revisit(record)


def _check_octets(record: Record, data: bytes) -> Iterator[Flaw]:
    head = data[: max(data.find(END), 0)]
    if _FOLDED.search(head):
        yield broken("folded-field", "a field of the header goes over several lines", "folded")
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        yield broken("header-text", "the header is not UTF-8", "utf-8")
    for name, value in record.fields:
        if _ENCODED_WORD.search(value):
            yield broken("header-text", f"{name} holds an encoded word (RFC 2047)", name)


def _check_names(record: Record) -> Iterator[Flaw]:
    counts = Counter(name.lower() for name, _ in record.fields)
    for name in _MANDATORY:
        if not counts[name.lower()]:
            yield broken("missing-field", f"the field {name} is missing", name)
    for name in sorted(counts):
        if counts[name] > 1 and name in _ONCE:
            message = f"the field {name} stands {counts[name]} times, it may stand once"
            yield broken("repeated-field", message, name)
        if record.type in _TYPES and record.type not in _ALLOWED.get(name, _TYPES):
            message = f"the field {name} may not stand in a {record.type} record"
            yield broken("forbidden-field", message, f"{record.type} {name}")


def _check_forms(record: Record) -> Iterator[Flaw]:
    pattern = _DATES.get(record.version)
    for name in ("WARC-Date", "WARC-Refers-To-Date"):
        date = record.get(name)
        if date and pattern is not None and not (pattern.fullmatch(date) and _is_date(date)):
            yield broken("date-form", f"{name} is no date of {record.version}: {date!r}", name)
    for name in ("WARC-Record-ID", "WARC-Concurrent-To", "WARC-Refers-To", "WARC-Warcinfo-ID"):
        for value in record.all(name):
            if not (value.startswith("<") and value.endswith(">") and _URI.fullmatch(value[1:-1])):
                yield broken("id-form", f"{name} is not a URI in angle brackets: {value[:100]!r}", name)
    address = record.get("WARC-IP-Address")
    if address and not is_address(address.encode("utf-8", "surrogateescape")):
        yield broken("ip-form", f"WARC-IP-Address is not written as RFC 5952 says: {address[:60]!r}", "ip")
    if (reason := record.get("WARC-Truncated")) and reason not in _TRUNCATIONS:
        yield broken("truncation", f"WARC-Truncated gives an unknown reason: {reason[:40]!r}", "reason")


def _check_target(record: Record) -> Iterator[Flaw]:
    target = record.get("WARC-Target-URI")
    if not target:
        if record.type in _WITH_TARGET:
            yield broken("missing-field", f"a {record.type} record needs WARC-Target-URI", record.type)
        return
    if target.startswith("<") and target.endswith(">"):
        if record.version != "WARC/1.0":
            yield broken("uri-form", "WARC-Target-URI stands in angle brackets", "brackets")
        target = target[1:-1]
    if not _URI.fullmatch(target):
        yield broken("uri-form", f"WARC-Target-URI is not a URI: {target[:100]!r}", "uri")


def _check_revisit(record: Record) -> Iterator[Flaw]:
    profile = record.get("WARC-Profile")
    if not profile:
        yield broken("missing-field", "a revisit record needs WARC-Profile", "profile")
    elif profile not in _PROFILES.get(record.version, (profile,)):
        yield broken("profile", f"WARC-Profile is none of {record.version}: {profile[:120]!r}", "profile")
    if profile.endswith("/identical-payload-digest") and not record.get("WARC-Payload-Digest"):
        message = "a revisit of an identical payload needs WARC-Payload-Digest"
        yield broken("missing-field", message, "revisit digest")
    if profile.endswith("/server-not-modified") and record.block:
        yield Flaw(
            "not-modified-block",
            Severity.WARNING,
            "a server-not-modified revisit has a block",
            "Replay tools show an empty page in place of the original.",
            "not-modified-block",
        )
    wanted = ("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")
    missing = [name for name in wanted if not record.get(name)]
    if missing:
        yield Flaw(
            "refers-to",
            Severity.WARNING,
            f"the revisit lacks {', '.join(missing)}",
            "Replay tools may not find the original payload.",
            "lacks " + ", ".join(missing),
        )


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except RecordFormatError:
        return False
    return True


def broken(rule: str, message: str, kind: str) -> Flaw:
    """Return the flaw that a writer broke a rule, as it may in every record."""
    return Flaw(rule, Severity.ERROR, message, _OTHER_TOOL, kind)
