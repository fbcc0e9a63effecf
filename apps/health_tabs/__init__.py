"""The data health page, one module per tab."""
