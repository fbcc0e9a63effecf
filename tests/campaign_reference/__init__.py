"""Other readings of what the campaign engine does, which share nothing with it."""
