"""The passes from rules to SQL: check (measures, audience), shapes (what is compared), bases, looking, combining."""
