"""The page "My clients": its filters, columns, list and the way out of it. Figures come from `apps.data.clients`."""
