"""Rows of what changed in articles, of what they cite and of what they share."""

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
class RemovalStep:
    """One step of how an article went, with the capture that shows it; `list` is the sitemap, feed … that was left.

    `step` is last-good, left-sitemap, left-api, left-feed, left-listing, gone, still-gone, confirmed, moved or
    restored.
    """

    step: str
    at: datetime
    capture: str
    list: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class RemovalRow:
    """An article that went: `state` is missing, gone (confirmed by captures of three days), restored or moved.

    Times and captures are those of the last time it went; `days` counts the days on which captures show it gone;
    `left_lists` says which kinds of lists it left (sitemap, api, feed, listing). `steps` are the whole evidence in
    time order.
    """

    url: str
    site: str
    title: str | None
    state: str
    since: datetime
    version: str | None
    last_good_at: datetime | None
    last_good_capture: str | None
    left_lists_at: datetime | None
    left_lists: tuple[str, ...]
    gone_at: datetime | None
    gone_capture: str | None
    reason: str | None
    days: int
    confirmed_at: datetime | None
    last_gone_at: datetime | None
    restored_at: datetime | None
    restored_capture: str | None
    moved_to: str | None
    steps: tuple[RemovalStep, ...]


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


@dataclass(frozen=True, slots=True)
class ReuseRow:
    """One passage that articles of two sites share; `source` had it first as far as `ordering` can tell.

    `ordering` is published, first-seen or unknown. Starts and ends are characters of the texts of the versions;
    `passage` is the text of the source; `containment` is the share of the target's words that the source has too.
    """

    source_url: str
    target_url: str
    source_version: str
    target_version: str
    source_start: int
    source_end: int
    target_start: int
    target_end: int
    passage: str
    words: int
    similarity: float
    containment: float
    ordering: str
    first_seen_source: datetime
    first_seen_target: datetime
