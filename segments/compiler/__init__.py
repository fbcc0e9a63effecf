"""The passes from a definition to SQL: resolve (names, types, dates), normalise, write. One file per pass."""
