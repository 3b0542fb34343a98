"""Findings of a check, and the history of checks, as rows."""

from pathlib import Path

from umecrawl.query.counts import Counts
from umecrawl.query.finding_rows import AuditRow, FindingRow
from umecrawl.warc.audits import read_audits
from umecrawl.warc.findings import Finding


def finding_row(finding: Finding) -> FindingRow:
    """Return a finding as it is listed."""
    return FindingRow(
        path=str(finding.path),
        offset=finding.offset,
        rule=finding.rule,
        severity=finding.severity.value,
        message=finding.message,
        remedy=finding.remedy,
        count=finding.count,
        records=finding.records,
    )


def audit_rows(root: Path) -> list[AuditRow]:
    """Return the history of checks, newest first."""
    rows = [
        AuditRow(
            at=one.at,
            file=one.file,
            ok=one.ok,
            findings=Counts(tuple(one.findings.items())),
            records=one.records,
            size=one.size,
            sha256=one.sha256,
            seconds=one.seconds,
            software=one.software,
        )
        for one in read_audits(root)
    ]
    return rows[::-1]
