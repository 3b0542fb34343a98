"""Rows of what changed in articles and of what they cite."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of an article; `kind` is edit, stealth-edit, headline, removal, restoration, paywall or moved.

    `classes` say what kind of edit it was, `announced` how readers were told (notice, modified). `confirmed` is false
    for a removal that captures of fewer than three days have shown. `evidence` are ids of captures in time order: the
    last that showed the article as it was, then those that show the change.
    """

    id: str
    kind: str
    url: str
    site: str
    detected_at: datetime
    from_version: str | None
    to_version: str | None
    summary: str
    words_added: int | None
    words_removed: int | None
    similarity: float | None
    classes: tuple[str, ...]
    announced: str | None
    confirmed: bool
    evidence: tuple[str, ...]
    run: str


@dataclass(frozen=True, slots=True)
class CitationRow:
    """One link in the text of an article version; `sentence` is the one around it, empty where it stands alone.

    `kind` is link, or attachment for a file that belongs to the text. `target_state` is archived, gone, blocked,
    excluded or pending; `target_capture` the latest good capture of the target.
    """

    from_url: str
    from_version: str
    site: str
    to_url: str
    target_site: str
    kind: str
    anchor: str
    sentence: str
    first_seen: datetime
    target_state: str
    target_capture: str | None
