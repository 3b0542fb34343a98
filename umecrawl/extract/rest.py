"""Posts and pages from answers of WordPress's REST API (`/wp/v2/posts`, `/wp/v2/pages`), one or many."""

import json
from collections.abc import Iterator
from datetime import datetime

from umecrawl.extract.linked_data import Json
from umecrawl.extract.posts_records import Record, post_of
from umecrawl.model.article import Post
from umecrawl.model.urls import InvalidUrlError, canonicalize, normalize, site_of

# What WordPress keeps in the same shape and what is no post.
_NO_POSTS = frozenset({"attachment", "nav_menu_item", "wp_block", "wp_template", "wp_template_part", "wp_navigation"})
_MOST = 1_000  # objects; WordPress answers with 100 at most
_NEVER = "0000-00-00"  # the date of a draft


def read_rest(answer: str, url: str, captured_at: datetime) -> tuple[Post, ...] | None:
    """Return the posts of an answer, in its order; nothing where it is no JSON or holds objects of another kind.

    The text is `content.rendered`; where that is protected or left out, `excerpt.rendered` as an excerpt. Times are
    `date_gmt` and `modified_gmt`. The byline is the author that `_embed` or Yoast SEO puts into the answer.
    """
    try:
        data: Json = json.loads(answer, strict=False)
    except (ValueError, RecursionError):
        return None
    objects = data if isinstance(data, list) else [data]
    if any(not isinstance(one, dict) or not _is_post(one) for one in objects):
        return None
    records = (_record(one, url) for one in objects[:_MOST] if isinstance(one, dict))
    return tuple(post_of(record, captured_at) for record in records if record is not None)


def _is_post(item: dict[str, Json]) -> bool:
    told = _rendered(item.get("title")) is not None and isinstance(item.get("link"), str)
    return told and item.get("type") not in _NO_POSTS


def _record(item: dict[str, Json], url: str) -> Record | None:
    if item.get("status") not in {None, "publish"}:
        return None
    try:
        permalink = canonicalize(normalize(str(item.get("link")), url))
    except InvalidUrlError:
        return None
    if site_of(permalink) != site_of(url):
        return None
    content, excerpt = item.get("content"), item.get("excerpt")
    locked = isinstance(content, dict) and content.get("protected") is True
    return Record(
        source="rest",
        permalink=permalink,
        title=_rendered(item.get("title")) or "",
        content=_rendered(content) or "",
        summary=_rendered(excerpt) or "",
        author=", ".join(dict.fromkeys(_authors(item))),
        published=_time(item, "date"),
        modified=_time(item, "modified"),
        locked=locked,
    )


def _rendered(value: Json) -> str | None:
    if isinstance(value, dict):
        value = value.get("rendered")
    return value if isinstance(value, str) else None


def _time(item: dict[str, Json], name: str) -> str:
    """Return a time of the answer: in UTC where it is told, else the bare day, since the zone is the site's."""
    exact, local = item.get(f"{name}_gmt"), item.get(name)
    if isinstance(exact, str) and exact and not exact.startswith(_NEVER):
        return exact if exact.endswith(("Z", "+00:00")) else f"{exact}Z"
    return local[:10] if isinstance(local, str) and not local.startswith(_NEVER) else ""


def _authors(item: dict[str, Json]) -> Iterator[str]:
    embedded, yoast = item.get("_embedded"), item.get("yoast_head_json")
    authors = embedded.get("author") if isinstance(embedded, dict) else None
    named = [author.get("name") for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    if not any(named) and isinstance(yoast, dict):
        named = [yoast.get("author")]
    yield from (name for name in named if isinstance(name, str) and name)
