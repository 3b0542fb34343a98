"""The archive's files: writing, reading, indexing (CDXJ) and verifying WARC/1.1."""
