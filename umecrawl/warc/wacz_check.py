"""A WACZ file checked: what the package says of its files, its indexes, and each WARC in it (WACZ 1.1.1).

zip                the ZIP file itself; WARCs and compressed indexes stand in it as they are
wacz-file          the files that must be there, and none but those the package lists
wacz-digest        hash and length of each file as the package says, and the hash of the package
wacz-signature     the signature, where there is one, fits the package
wacz-pages         pages.jsonl: a header line, then lines with `url` and `ts`
wacz-index         the indexes are sorted by octets and agree with the WARCs both ways
"""

import gzip
import hashlib
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from umecrawl.warc.cdxj import parse_line
from umecrawl.warc.findings import Finding
from umecrawl.warc.inspection import Inspection, inspect
from umecrawl.warc.ledger import Ledger
from umecrawl.warc.records import RecordFormatError
from umecrawl.warc.rules import Severity
from umecrawl.warc.volumes import WACZ_SUFFIX, WARC_SUFFIXES, ZIP_ERRORS, danger_of
from umecrawl.warc.wacz import ARCHIVE, PACKAGE, PACKAGE_DIGEST, PAGES
from umecrawl.warc.waczsignature import signature_flaws

__all__ = ["WACZ_SUFFIX", "WaczCheck"]

_INDEXES: Final = (".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")
_AS_THEY_ARE: Final = (".gz", ".zst", ".warc")
_RESTORE: Final = "Restore the file from a copy, or export it anew."
_COPY: Final = 1024 * 1024
_MOST: Final = 64 * 1024 * 1024  # octets of a line, and of a file that is read whole
_SHOWN: Final = 5
_BROKEN: Final = (*ZIP_ERRORS, OSError)
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")

Numbering = Callable[[Path], int]


class WaczCheck:
    """The check of one WACZ; `number_of` gives each WARC in it, named `<file>!archive/<name>`, its number."""

    def __init__(self, path: Path, root: Path, ledger: Ledger, number_of: Numbering, *, explain: bool) -> None:
        self._path = path
        self._root = root
        self._ledger = ledger
        self._number_of = number_of
        self._explain = explain
        self._digests: dict[str, tuple[str, int]] = {}
        self._warcs: dict[str, int] = {}
        self.inspections: list[Inspection] = []

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong."""
        try:
            with ZipFile(self._path) as package:
                yield from self._check(package)
        except _BROKEN as error:
            yield self._error("zip", f"the ZIP file cannot be read: {error}")

    def _check(self, package: ZipFile) -> Iterator[Finding]:
        files = [info for info in package.infolist() if not info.is_dir()]
        names = [info.filename for info in files]
        if danger := danger_of(files, self._path.stat().st_size):
            yield self._error("zip", f"the file is not unpacked: {danger}")
            return
        for name in sorted(name for name, count in Counter(names).items() if count > 1):
            yield self._error("zip", f"{name} stands twice in the ZIP file")
        yield from self._check_names(names)
        for info in files:
            yield from self._check_file(package, info)
        yield from self._check_package(package, names)
        if PAGES in names:
            try:
                yield from self._check_pages(package)
            except _BROKEN as error:
                yield self._error("wacz-pages", f"{PAGES} cannot be read: {error}")
        yield from self._check_indexes(package, [name for name in names if name.startswith("indexes/")])

    def _check_names(self, names: list[str]) -> Iterator[Finding]:
        warcs = [name for name in names if name.startswith(ARCHIVE) and name.endswith(WARC_SUFFIXES)]
        indexes = [name for name in names if name.startswith("indexes/")]
        wanted = ((PACKAGE, PACKAGE in names), ("archive/*.warc.gz", warcs), ("indexes/*", indexes))
        for name, there in (*wanted, (PAGES, PAGES in names)):
            if not there:
                yield self._error("wacz-file", f"{name} is missing, which every WACZ must have")
        if PACKAGE_DIGEST not in names:
            message = f"{PACKAGE_DIGEST} is missing: nothing vouches for {PACKAGE}"
            yield Finding(self._path, None, "wacz-file", Severity.WARNING, message, "Export the file anew.")

    def _check_file(self, package: ZipFile, info: ZipInfo) -> Iterator[Finding]:
        if info.filename.endswith(_AS_THEY_ARE) and info.compress_type != ZIP_STORED:
            message = f"{info.filename} is deflated in the ZIP file; players read it in place and cannot"
            yield Finding(self._path, info.header_offset, "zip", Severity.WARNING, message, "Export the file anew.")
        is_warc = info.filename.startswith(ARCHIVE) and info.filename.endswith(WARC_SUFFIXES)
        checksum, size = hashlib.sha256(), 0
        with tempfile.TemporaryDirectory(prefix="umecrawl-wacz-") as folder:
            copy = Path(folder) / Path(info.filename).name
            try:
                with package.open(info) as source, (copy if is_warc else Path(os.devnull)).open("wb") as target:
                    while part := source.read(_COPY):
                        checksum.update(part)
                        size += len(part)
                        target.write(part)
            except _BROKEN as error:
                yield self._error("zip", f"{info.filename} cannot be read: {error}", info.header_offset)
                if not size or not is_warc:
                    return
            self._digests[info.filename] = (f"sha256:{checksum.hexdigest()}", size)
            if is_warc:
                yield from self._check_warc(info.filename, copy)

    def _check_warc(self, name: str, copy: Path) -> Iterator[Finding]:
        shown = Path(f"{self._path}!{name}")
        number = self._number_of(shown)
        self._warcs[Path(name).name] = number
        inspection = inspect(copy, self._root, self._ledger.leaves, number, explain=self._explain)
        self.inspections.append(replace(inspection, path=shown))
        for finding in inspection.findings:
            yield replace(finding, path=shown)

    def _check_package(self, package: ZipFile, names: list[str]) -> Iterator[Finding]:
        if PACKAGE not in names:
            return
        values = _object(package, PACKAGE)
        resources = values.get("resources") if values is not None else None
        if values is None or not isinstance(resources, list):
            yield self._error("wacz-file", f"{PACKAGE} cannot be read, or lists no resources")
            return
        if not isinstance(values.get("wacz_version"), str):
            yield self._error("wacz-file", f"{PACKAGE} does not say its wacz_version")
        listed: set[str] = set()
        for resource in resources:
            path = str(resource.get("path", "")) if isinstance(resource, dict) else ""
            listed.add(path)
            if path not in self._digests:
                yield self._error("wacz-file", f"{path or 'a resource without path'} is listed, but not there")
                continue
            yield from self._check_resource(path, resource)
        for name in sorted({*names} - listed - {PACKAGE, PACKAGE_DIGEST}):
            yield self._error("wacz-file", f"{name} is not listed in {PACKAGE}: nothing vouches for it")
        if PACKAGE_DIGEST in names:
            digest = _object(package, PACKAGE_DIGEST) or {}
            if digest.get("hash") != self._digests[PACKAGE][0]:
                yield self._error("wacz-digest", f"{PACKAGE_DIGEST} names another hash than {PACKAGE} has")
            for message in signature_flaws(digest, values):
                yield self._error("wacz-signature", message)

    def _check_resource(self, path: str, resource: dict[str, object]) -> Iterator[Finding]:
        digest, size = self._digests[path]
        wanted = str(resource.get("hash", ""))
        if not _HASH.fullmatch(wanted):
            message = f"the hash of {path} cannot be checked: {wanted[:80]!r}"
            yield Finding(self._path, None, "wacz-digest", Severity.WARNING, message, "Export the file anew.")
        elif wanted != digest:
            yield self._error("wacz-digest", f"{path} has the hash {digest}, the package says {wanted}")
        if resource.get("bytes") != size:
            yield self._error("wacz-digest", f"{path} has {size} octets, the package says {resource.get('bytes')}")

    def _check_pages(self, package: ZipFile) -> Iterator[Finding]:
        for number, line in enumerate(_lines(package, PAGES), 1):
            values = _parsed(line)
            wanted = ("format",) if number == 1 else ("url", "ts")
            if values is None or not all(isinstance(values.get(name), str) for name in wanted):
                what = "no header" if number == 1 else "no page with url and ts"
                yield self._error("wacz-pages", f"{PAGES}, line {number}: {what}")
                return

    def _check_indexes(self, package: ZipFile, names: list[str]) -> Iterator[Finding]:
        indexes = [name for name in names if name.endswith(_INDEXES)]
        if not indexes:
            return
        for name in indexes:
            try:
                yield from self._check_index(package, name)
            except (RecordFormatError, *_BROKEN) as error:
                yield self._error("wacz-index", f"{name} cannot be read: {error}")
        by_number = {number: name for name, number in self._warcs.items()}
        for kind, number, count, offset in self._ledger.compare_places(tuple(by_number)):
            where = f"{by_number[number]}, first at offset {offset}"
            if kind == "extra":
                yield self._error("wacz-index", f"the index names {count} places where no record begins: {where}")
            else:
                yield self._error("wacz-index", f"{count} captures are not in the index: {where}")

    def _check_index(self, package: ZipFile, name: str) -> Iterator[Finding]:
        before, in_order = b"", True
        strangers: Counter[str] = Counter()
        for line in _lines(package, name):
            in_order = in_order and before <= line
            before = line
            if line.startswith((b"!", b"{")) or not line.strip():
                continue
            place = parse_line(line).record
            number = self._warcs.get(Path(place.warc).name)
            if number is not None:
                self._ledger.list_place(number, place.offset)
            elif place.warc in strangers or len(strangers) < _SHOWN:
                strangers[place.warc] += 1
        for warc, count in strangers.items():
            yield self._error("wacz-index", f"{count} lines of {name} name the WARC {warc}, which is not there")
        if not in_order:
            yield self._error("wacz-index", f"{name} is not sorted by octets: players will miss pages")

    def _error(self, rule: str, message: str, offset: int | None = None) -> Finding:
        return Finding(self._path, offset, rule, Severity.ERROR, message, _RESTORE)


def _lines(package: ZipFile, name: str) -> Iterator[bytes]:
    with package.open(name) as file, gzip.open(file) if name.endswith(".gz") else nullcontext(file) as plain:
        while line := plain.readline(_MOST):
            if len(line) == _MOST:
                raise ValueError(f"a line has more than {_MOST} octets")
            yield line


def _object(package: ZipFile, name: str) -> dict[str, object] | None:
    try:
        with package.open(name) as file:
            return _parsed(file.read(_MOST))
    except _BROKEN:
        return None


def _parsed(line: bytes) -> dict[str, object] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None
