"""The page of one's own account, one module per tab."""
