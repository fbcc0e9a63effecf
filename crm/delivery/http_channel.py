"""What channels have in common whose peer is asked over HTTP: one request a message, and what is sure after a failure.

A request that was not answered may have been carried out: its message is uncertain.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import httpx

from crm.delivery.channels import ChannelDown, Outcome, Rejected, Rendered, Touching


class Talk(Protocol):
    """What a peer's protocol says."""

    def request(self, message: Rendered) -> tuple[str, dict[str, Any], dict[str, str]]:
        """Address, body and headers that hand a message over. Raises `ChannelDown`."""

    def outcome(self, message: Rendered, answer: httpx.Response) -> Outcome | None:
        """What the answer says; None when it leaves open whether the message was taken. Raises `ChannelDown`."""


class HttpSender:
    """One HTTP client, opened when it is needed."""

    def __init__(self, timeout_seconds: float, retry_seconds: float) -> None:
        self._timeout, self._retry = timeout_seconds, retry_seconds
        self._client: httpx.Client | None = None

    @property
    def client(self) -> httpx.Client:
        """The open client. No proxy of the environment: peers are named in the settings."""
        if self._client is None:
            self._client = httpx.Client(timeout=self._timeout, trust_env=False)
        return self._client

    def send(self, talk: Talk, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """Hand messages over one after another; stops when the peer wants a slower pace."""
        for message in messages:
            url, body, headers = talk.request(message)
            touching(message.message_id)
            try:
                answer = self.client.post(url, json=body, headers=headers)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
                # Not a byte of it went out.
                yield Rejected(message.message_id, "connect", type(error).__name__, False)
                raise ChannelDown(f"{type(error).__name__}", self._retry) from error
            except httpx.HTTPError as error:
                raise ChannelDown(f"{type(error).__name__}", self._retry) from error
            outcome = talk.outcome(message, answer)
            if outcome is None:
                raise ChannelDown(f"HTTP {answer.status_code}", self._retry)
            yield outcome
            if isinstance(outcome, Rejected) and outcome.is_throttled:
                return

    def close(self) -> None:
        """Close connections."""
        if self._client is not None:
            self._client.close()
            self._client = None


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The object in an answer; an empty one when there is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
