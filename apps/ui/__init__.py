"""Shared ways to draw: page frame, cards, tables served page by page, chart options, masked values."""
