"""Folders that several test processes of a session need, made by one of them."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def made_once(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    """A home under `folder`, made by whichever test process asks first; the others wait for it."""
    home, lock = folder / name, folder / f"{name}.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (folder / f"{name}.done").exists():
            shutil.rmtree(home, ignore_errors=True)
            make(home)
            (folder / f"{name}.done").touch()
    return home
