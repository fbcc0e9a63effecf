"""Pages of those who keep accounts, roles, the organisation and the log: one module per block."""
