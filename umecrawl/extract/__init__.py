"""Reads captured pages: which are articles, their text, metadata, links and how much of them was shown."""

from umecrawl.extract.extraction import EXTRACTOR, extract

__all__ = ["EXTRACTOR", "extract"]
