"""The spine that every other part may import: settings, warehouse (publish, read), exports, language, CLI.

Nothing here imports Dagster, Streamlit or the simulator, except `vitrina.cli`, which loads them lazily.
"""
