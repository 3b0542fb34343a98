"""From a page to posts with metadata, or to a named outcome; knows nothing of WARC or SQL."""
