"""The panel of signals and the rules behind them, as pages show them. Not here: what a rule means (`signals`), and what
happens to a signal (`crm.services.signals`)."""
