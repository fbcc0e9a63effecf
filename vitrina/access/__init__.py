"""Who may see what: rights as a value, the policy of every table, and the one gate to the published snapshot."""
