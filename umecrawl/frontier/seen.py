"""The URLs that a run has taken, as they are compared and as they are written."""

from umecrawl.model.urls import Url


class Seen:
    """A set of canonical URLs that also knows the other spellings met: a million take some 100 MB.

    `url in seen` is true for a canonical URL and for any spelling that was noted.
    """

    def __init__(self) -> None:
        self._keys: set[Url] = set()
        self._spellings: set[Url] = set()  # those that are not canonical themselves

    def __contains__(self, url: object) -> bool:
        return url in self._keys or url in self._spellings

    def has(self, key: Url) -> bool:
        """Return whether a canonical URL was taken."""
        return key in self._keys

    def add(self, url: Url, key: Url) -> None:
        """Note a URL with its canonical form."""
        self._keys.add(key)
        if url != key:
            self._spellings.add(url)
