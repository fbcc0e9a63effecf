"""The HTTP API: the same data through the same gate, for programs with a token and for downloads from the pages."""
