"""The values that stations exchange and the small interfaces between them: frozen, without I/O."""
