"""Hashes of documents: equal for equal content, in whatever order it is written."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def document_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document's canonical JSON."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
