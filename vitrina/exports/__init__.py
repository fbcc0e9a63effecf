"""Scheduled files for other systems: what goes where, full or only what changed, and the proof of what was sent.

Data comes through the reader that the caller hands in and in no other way, so whoever limits the reader limits the
export. Nothing here knows where the warehouse lies.
"""

from vitrina.exports.config import ExportSpec, load_exports
from vitrina.exports.run import ExportHeld, ExportOptions, ExportRefused, ExportResult, run_export

__all__ = ["ExportHeld", "ExportOptions", "ExportRefused", "ExportResult", "ExportSpec", "load_exports", "run_export"]
