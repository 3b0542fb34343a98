"""Composition: crawling, indexing and the demo, joined from the stations."""
