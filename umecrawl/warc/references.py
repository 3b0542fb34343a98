"""Between records: ids that stand twice, and references that meet nothing or what they should not."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from umecrawl.model.urls import surt
from umecrawl.warc.cdxj import find_entries
from umecrawl.warc.findings import Finding, finding
from umecrawl.warc.leaves import Kind
from umecrawl.warc.ledger import About, Ledger, Reference
from umecrawl.warc.records import bare_id
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.volumes import REPAIRED, SUFFIX


class References:
    """What a complete ledger says of records that name others; `own` are the files that umecrawl wrote."""

    def __init__(
        self, root: Path, ledger: Ledger, paths: Sequence[Path], own: Collection[Path], *, whole: bool
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._paths = paths
        self._own = own
        self._whole = whole

    def findings(self) -> Iterator[Finding]:
        """Yield ids that stand twice, then references that are wrong, each kind once a file."""
        yield from self._check_ids()
        yield from self._check_references()

    def _check_ids(self) -> Iterator[Finding]:
        for first, second, number, offset, record_id in self._ledger.twice():
            name = bare_id(record_id.decode("utf-8", "replace"))
            path = self._paths[second]
            if first == second:
                message = f"the record id {name} stands twice in the file" + _more(number)
                yield finding(path, offset, self._error("record-id", message, "Find out who wrote it.", second))
            elif number == self._ledger.count(first) == self._ledger.count(second):
                message = f"the file is a copy of {self._paths[first]}: all its {number} record ids stand in both files"
                yield finding(path, None, Flaw("copy", Severity.WARNING, message, "Remove one copy."))
            else:
                message = f"the record id {name} stands in two files, here and in {self._paths[first]}" + _more(number)
                yield finding(path, offset, self._error("record-id", message, "Remove one copy.", second))

    def _check_references(self) -> Iterator[Finding]:
        kinds: dict[tuple[int, str], list[tuple[int, Flaw]]] = {}
        for reference in self._ledger.unanswered():
            flaw = self._answer(reference)
            if flaw is not None:
                kinds.setdefault((reference.file, flaw.kind or flaw.message), []).append((reference.offset, flaw))
        for (file, _), flaws in kinds.items():
            offset, flaw = flaws[0]
            yield finding(self._paths[file], offset, flaw)

    def _answer(self, reference: Reference) -> Flaw | None:
        target = bare_id(reference.target.decode("utf-8", "replace"))
        if reference.kind is Kind.CONCURRENT:
            if reference.type is None:
                message = f"WARC-Concurrent-To names {target}, which is not in the file"
                if REPAIRED in self._paths[reference.file].name:
                    message += ": it was lost with the octets that a repair put aside"
                    return Flaw("concurrent-to", Severity.WARNING, message, "Look for it in a copy of the file.")
                return self._error("concurrent-to", message, "Restore the file from a copy.", reference.file)
            if reference.at != reference.file and reference.at is not None:
                message = f"WARC-Concurrent-To names {target}, which is in another file, {self._paths[reference.at]}"
                remedy = "Keep the two files together; a capture must not be split (annex C)."
                return Flaw("concurrent-to", Severity.WARNING, message, remedy)
            return None
        if reference.kind is Kind.WARCINFO:
            return self._answer_warcinfo(reference, target)
        return self._answer_original(reference, target)

    def _answer_warcinfo(self, reference: Reference, target: str) -> Flaw | None:
        if reference.type is None:
            message = f"WARC-Warcinfo-ID names {target}, which is not in the archive"
            return Flaw("warcinfo-id", Severity.WARNING, message, "Nothing; who wrote the records is not known.")
        if reference.type != "warcinfo":
            message = f"WARC-Warcinfo-ID names {target}, which is a {reference.type} record"
            return self._error("warcinfo-id", message, "Its writer broke the standard (§5.12).", reference.file)
        return None

    def _answer_original(self, reference: Reference, target: str) -> Flaw | None:
        name = "WARC-Refers-To"
        found = reference if reference.type is not None else self._elsewhere(reference, target)
        if found is None:
            message = f"{name} names {target}, which is not in the archive"
            return self._error("refers-to", message, "Add the WARC that holds the original.", reference.file)
        if found.type not in {"response", "resource"}:
            message = f"{name} names {target}, which is a {found.type} and holds no payload"
            return self._error("refers-to", message, "Its writer broke the standard (§6.7).", reference.file)
        return self._compare(reference.about, found.found, target, reference.file)

    def _compare(self, about: About, found: About, target: str, number: int) -> Flaw | None:
        if _differ(about.digest, found.digest):
            message = f"WARC-Refers-To names {target}, whose payload has another digest"
            return self._error("refers-to", message, "Restore the file from a copy.", number)
        if about.url and found.url and about.url.strip(b"<>") != found.url.strip(b"<>"):
            message = f"WARC-Refers-To-Target-URI is not the URL of {target}, which is {_text(found.url)}"
            return self._error("refers-to", message, "Replay tools will not find the original.", number)
        if about.date and found.date and about.date != found.date:
            message = f"WARC-Refers-To-Date is not the date of {target}, which is {_text(found.date)}"
            return self._error("refers-to", message, "Replay tools may find another capture.", number)
        if about.framing and about.framing != (found.framing or b"/"):
            message = (
                f"the revisit has the codings {_text(about.framing)}, its original {target} has "
                f"{_text(found.framing) or '/'}: replay joins the head of the one with the body of the other"
            )
            return self._error("refers-to", message, "Its writer should have stored the page whole.", number)
        return None

    def _elsewhere(self, reference: Reference, target: str) -> Reference | None:
        """Look a record up in the CDXJ files, for it may lie in a file that is not checked now."""
        url = _text(reference.about.url).strip("<>")
        checked = {path.name for path in self._paths}
        for cdxj in sorted((self._root / "cdxj").glob("*.cdxj")) if url else ():
            if not self._whole and cdxj.name.removesuffix(".cdxj") + SUFFIX in checked:
                continue
            for entry in find_entries(cdxj, surt(url)):
                if entry.record.record_id == target:
                    found = About(entry.digest.encode(), b"", entry.framing.encode(), entry.url.encode())
                    kind = "revisit" if entry.is_revisit else "response"
                    return replace(reference, type=kind, found=found)
        return None

    def _error(self, rule: str, message: str, remedy: str, number: int) -> Flaw:
        """Return a flaw that is an error in files of our own, and a warning in those of others."""
        own = self._paths[number] in self._own
        return Flaw(rule, Severity.ERROR if own else Severity.WARNING, message, remedy)


def _differ(one: bytes, other: bytes) -> bool:
    """Return whether two digests of the same kind are different."""
    if not one or not other or one.partition(b":")[0] != other.partition(b":")[0]:
        return False
    return one != other


def _more(number: int) -> str:
    return f" (and {number - 1} more)" if number > 1 else ""


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
