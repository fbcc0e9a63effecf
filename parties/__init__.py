"""Who is who across the source systems: party records resolved into parties, every merge explained.

Pure functions over DuckDB; nothing here knows the pipeline, the pages or the settings.
"""

from parties.resolution import ResolutionReport, resolve

__all__ = ["ResolutionReport", "resolve"]
