"""One module per kind of source; each turns what the source offers into landed deliveries."""
