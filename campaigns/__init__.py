"""Flow, contact policy, control groups, allocation and effect of campaigns. Pure: data in, data out."""
