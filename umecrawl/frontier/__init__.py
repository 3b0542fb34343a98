"""What to fetch next: scope, traps, politeness and the queue; knows nothing of how it is fetched."""
