"""From landed bytes to rows of text with their line numbers, for the forms that DuckDB cannot read itself."""
