"""What pages ask of the published snapshot and of the ingestion ledger.

Each function takes a reader and plain values, binds them as parameters, and returns an Arrow table that is already
aggregated or cut to one page. No Streamlit here: the access gate will stand between these functions and the reader.
"""
