"""The page "Usage analysis": whose usage, how it is looked at, its chart with deviations, its table and file."""
