"""The language of a text, told from the text itself: what pages declare is often the default of their software."""

from py3langid import classify

_SHORTEST = 25  # letters; less tells nothing
_SAMPLE = 1_000  # characters; the time grows with them, and twenty words are enough to tell
_NONE = frozenset({"und", "zxx"})


def load_model() -> None:
    """Load the model now, so that processes forked from this one share it: that takes 0.5 s of each otherwise."""
    classify("")


def language_of(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language; nothing for a text too short to tell.

    The model is loaded at the first call in a process (0.6 s); after that a call takes 0.2 ms.
    """
    sample = text[:_SAMPLE]
    if sum(1 for c in sample if c.isalpha()) < _SHORTEST:
        return None
    code = str(classify(sample)[0])
    return None if code in _NONE else code
