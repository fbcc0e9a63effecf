"""The 360 card of a customer, one module per tab. Each draws from `apps.data.customer` and keeps no figures itself."""
