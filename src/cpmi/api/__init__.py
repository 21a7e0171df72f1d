"""cpmi from Python: one verb per file. `cpmi` itself offers them lazily."""
