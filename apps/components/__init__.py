"""Streamlit components of our own: a package each, with its browser side in TypeScript and its bundle built at set-up."""
