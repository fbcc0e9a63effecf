"""Files that come as the body of a request, bounded in size."""

from pathlib import Path

from starlette.requests import Request

from apps.api.access import Client
from apps.api.problems import Problem
from vitrina.lists.errors import MESSAGES


async def receive(request: Request, path: Path, largest: int) -> None:
    """Write the body to a file. Raises `Problem` for more than `largest` bytes."""
    received = 0
    with path.open("wb") as file:
        async for part in request.stream():
            received += len(part)
            if received > largest:
                raise Problem(413, "too_large", MESSAGES["too_large"], megabytes=largest >> 20)
            file.write(part)


def uploads(client: Client) -> Path:
    """The folder in which files are taken in."""
    folder: Path = client.services.settings.state_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
