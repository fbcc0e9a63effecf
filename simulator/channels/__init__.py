"""Peers of the channels, for the demo and for tests: an SMS centre, a mail server, the Telegram bot API, a push
service, a dialler. They speak the real protocols and know nothing of the product."""
