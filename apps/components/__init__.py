"""Streamlit components of our own: a package each, its browser side in TypeScript, its bundle built at set-up."""
