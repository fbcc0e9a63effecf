"""The people's workspaces: a thin Streamlit layer over the published snapshot and the ingestion ledger.

`app.py` routes, `app_pages/` holds one file per page, `data/` the queries (bound parameters, paged or aggregated in
the database), `ui/` the shared ways to draw. Nothing here computes figures that the mart should hold.
"""
