"""How well pages with several posts are split: posts found, their texts, and what is lost, on the labelled real pages.

    uv run python benchmarks/extraction/listings.py [--pages FOLDER] [--show]

Reads `pages.jsonl` of the labelled pages beside the project (`../shared/eval/public`) and prints, for each corpus:
pages, gold posts, precision, recall and F1 of the posts found (a post is found when its permalink or its title is that
of a gold post), the word F1 of the texts of found posts that have a gold text, the same with captions (which stand
beside the text as blocks of their own, and in the gold text of some corpora), the full posts lost (less than a tenth
of the 4-grams of their words is in the text of the post found), and milliseconds of CPU a page. Intervals are 95 %
percentile bootstraps over pages.
"""

import argparse
import gzip
import json
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np

from umecrawl.extract import extract
from umecrawl.model.article import BlockKind, Page, Post
from umecrawl.model.urls import normalize

PAGES = Path(__file__).parents[3] / "shared" / "eval" / "public"
CAPTURED = datetime(2026, 9, 1, tzinfo=UTC)
ROUNDS = 2_000
LOST = 0.1
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Score:
    """What one page gave: counts of posts and sums over the texts compared."""

    found: int
    told: int
    wanted: int
    texts: tuple[float, ...]
    captioned: tuple[float, ...]
    full: int
    lost: int
    milliseconds: float


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return WORD.findall(unicodedata.normalize("NFKC", text or "").casefold())


def title_key(text: str) -> str:
    """Return a title as its words."""
    return " ".join(words(text))


def url_key(url: str) -> str:
    """Return an address without scheme, `www.`, index file and closing slash."""
    parts = urlsplit(unquote(url))
    path = re.sub(r"/index\.html?$", "", parts.path).rstrip("/")
    return f"{(parts.hostname or '').removeprefix('www.')}{path}{'?' + parts.query if parts.query else ''}"


def word_f1(gold: str, told: str) -> float:
    """Return the F1 of two texts as bags of words."""
    one, other = Counter(words(gold)), Counter(words(told))
    both = (one & other).total()
    return 2 * both / (one.total() + other.total()) if both else 0.0


def kept(gold: str, told: str) -> float:
    """Return the share of the 4-grams of a gold text that are in another."""
    one, other = words(gold), words(told)
    size = min(4, len(one))
    grams = [tuple(one[i : i + size]) for i in range(len(one) - size + 1)]
    have = {tuple(other[i : i + size]) for i in range(len(other) - size + 1)}
    return sum(gram in have for gram in grams) / len(grams) if grams else 1.0


def paired(gold: list[dict[str, object]], posts: tuple[Post, ...]) -> list[tuple[dict[str, object], Post]]:
    """Pair gold posts with those found: by permalink, then by title; each once."""
    free = list(posts)
    pairs: list[tuple[dict[str, object], Post]] = []
    for by in ("url", "title"):
        for record in gold:
            if any(record is one for one, _ in pairs):
                continue
            for post in free:
                same = (
                    url_key(post.permalink) == url_key(str(record["url"] or ""))
                    if by == "url"
                    else title_key(post.title) == title_key(str(record["title"] or "")) != ""
                )
                if same:
                    pairs.append((record, post))
                    free = [one for one in free if one is not post]
                    break
    return pairs


def with_captions(post: Post) -> str:
    """Return the text of a post with what stands beside it, repeated quotes left out."""
    return "\n".join(block.text for block in post.blocks if block.kind is not BlockKind.PULL_QUOTE)


def score(record: dict[str, object], markup: bytes, *, show: bool) -> Score:
    """Return how one page fares."""
    begun = time.process_time()
    found = extract(Page(normalize(str(record["url"])), CAPTURED, 200, "text/html", markup))
    spent = 1000 * (time.process_time() - begun)
    gold = record["posts"]
    assert isinstance(gold, list)
    pairs = paired(gold, found.posts)
    texts = tuple(word_f1(one["text"], post.text) for one, post in pairs if one["text"])
    captioned = tuple(word_f1(one["text"], with_captions(post)) for one, post in pairs if one["text"])
    full = [one for one in gold if one["full"] and one["text"]]
    have = {id(one): post for one, post in pairs}
    lost = [one for one in full if id(one) not in have or kept(one["text"], have[id(one)].text) < LOST]
    if show:
        print(f"{record['id']}: {found.outcome} ({found.detail}), {len(pairs)} of {len(gold)}, told {len(found.posts)}")
        for one in gold:
            if id(one) not in have:
                print("   missing", one["title"], one["url"])
            elif one["text"] and word_f1(one["text"], have[id(one)].text) < 0.97:
                print("   text", round(word_f1(one["text"], have[id(one)].text), 3), have[id(one)].permalink)
        for post in found.posts:
            if not any(post is one for _, one in pairs):
                print("   invented", post.title, post.permalink)
    return Score(len(pairs), len(found.posts), len(gold), texts, captioned, len(full), len(lost), spent)


def f1(scores: list[Score]) -> float:
    """Return the F1 of the posts found on some pages."""
    told, wanted = sum(s.told for s in scores), sum(s.wanted for s in scores)
    return 2 * sum(s.found for s in scores) / (told + wanted) if told + wanted else 1.0


def body(scores: list[Score]) -> float:
    """Return the mean word F1 of the texts compared on some pages."""
    return mean([one for s in scores for one in s.texts])


def captioned(scores: list[Score]) -> float:
    """Return the mean word F1 of the texts with their captions."""
    return mean([one for s in scores for one in s.captioned])


def mean(values: list[float]) -> float:
    """Return the mean; no number of nothing."""
    return sum(values) / len(values) if values else float("nan")


def interval(scores: list[Score], measure: Callable[[list[Score]], float]) -> str:
    """Return a measure with its bootstrap interval."""
    draws = np.random.default_rng(1).integers(0, len(scores), (ROUNDS, len(scores)))
    values = [measure([scores[i] for i in draw]) for draw in draws]
    low, high = np.nanpercentile(values, [2.5, 97.5]) if not all(map(np.isnan, values)) else (np.nan, np.nan)
    return f"{measure(scores):.3f} [{low:.3f} {high:.3f}]"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=Path, default=PAGES, help="folder with pages.jsonl")
    arguments.add_argument("--show", action="store_true", help="name each post that is missing, invented or cut")
    given = arguments.parse_args()
    by_corpus: dict[str, list[Score]] = defaultdict(list)
    # Not splitlines(), which takes U+2028 for the end of a line.
    for line in (given.pages / "pages.jsonl").read_text(encoding="utf-8").split("\n"):
        record = json.loads(line) if line else {"kind": ""}
        if record["kind"].startswith("listing") and record.get("posts"):
            markup = gzip.decompress((given.pages / record["html"]).read_bytes())
            by_corpus[record["source"]].append(score(record, markup, show=given.show))
    print(
        f"{'corpus':10} pages posts  precision recall  F1                   text F1              "
        "with captions        lost    ms/page"
    )
    for corpus, scores in sorted(by_corpus.items()):
        hits, told, wanted = sum(s.found for s in scores), sum(s.told for s in scores), sum(s.wanted for s in scores)
        full, lost = sum(s.full for s in scores), sum(s.lost for s in scores)
        print(
            f"{corpus:10} {len(scores):5} {wanted:5}  {hits / max(1, told):9.3f} {hits / wanted:6.3f}  "
            f"{interval(scores, f1)}  {interval(scores, body)}  {interval(scores, captioned)}  {lost}/{full:<5} "
            f"{sum(s.milliseconds for s in scores) / len(scores):5.1f}"
        )


if __name__ == "__main__":
    main()
