"""Whose a Streamlit session is, so that its media and uploads answer to its owner alone.

Streamlit serves ``/media/<hash>`` and takes ``/_stcore/upload_file/<session>/<file>`` from anybody who knows the
address, and lets a browser take up a session by its id. Here each of them is bound to the sign-in that made it.
"""

import threading

_KEPT = 10_000


class Owners:
    """Streamlit session id → id of the sign-in session that opened it; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[str, int] = {}

    def claim(self, streamlit_session: str, session_id: int) -> bool:
        """Note the owner at the first run of a session's script; False when it is somebody else's already."""
        with self._lock:
            owner = self._owners.setdefault(streamlit_session, session_id)
            while len(self._owners) > _KEPT:
                del self._owners[next(iter(self._owners))]
        return owner == session_id

    def owns(self, streamlit_session: str, session_id: int | None) -> bool:
        """Whether this sign-in opened that Streamlit session."""
        with self._lock:
            return session_id is not None and self._owners.get(streamlit_session) == session_id

    def sessions_of(self, session_id: int | None) -> frozenset[str]:
        """Streamlit sessions that this sign-in opened."""
        with self._lock:
            return frozenset(name for name, owner in self._owners.items() if owner == session_id)


owners = Owners()


def may_read_media(file_name: str, session_id: int | None) -> bool:
    """Whether one of this sign-in's Streamlit sessions shows the media file."""
    from streamlit.runtime import exists, get_instance

    if not exists():
        return False
    # Streamlit keeps which session shows which file for its own clean-up and offers no public look at it.
    shown = get_instance().media_file_mgr._files_by_session_and_coord
    file_id = file_name.split("/")[-1].split(".")[0]
    return any(file_id in shown.get(name, {}).values() for name in owners.sessions_of(session_id))
