"""A second, independent reading of rules: plain Python over rows, a day at a time, with no SQL."""
