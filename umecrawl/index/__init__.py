"""The SQL index: a function of the WARCs, the extractor and its rules."""
