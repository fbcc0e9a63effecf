"""The parts of the pages of managers' figures: what one's own page, the plans' and the team's share and show."""
