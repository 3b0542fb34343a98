"""Questions to the archive, answered with frozen rows that name their captures."""
