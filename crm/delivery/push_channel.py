"""Push messages by the HTTP v1 API of Firebase Cloud Messaging. It reports nothing back: the app tells of deliveries
and openings at the message's page."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from crm.delivery.channels import Accepted, ChannelDown, Outcome, Received, Rejected, Rendered, Touching
from crm.delivery.http_channel import HttpSender, json_of
from crm.services.delivery.values import Medium
from vitrina.channel_options import PushOptions

_LONGEST = 3500


class PushChannel:
    """One project of the push service."""

    name = Medium.PUSH.value

    def __init__(self, options: PushOptions) -> None:
        self._options = options
        self._http = HttpSender(options.timeout_seconds, options.retry_seconds)

    def measure(self, message: Rendered) -> int:
        """One. Raises `ValueError` for more than a payload of 4 KB holds."""
        if not message.text or len((message.subject + message.text).encode("utf-8", "replace")) > _LONGEST:
            raise ValueError("a push message holds at most 3500 bytes of text")
        return 1

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """One request a message."""
        return self._http.send(self, messages, touching)

    def request(self, message: Rendered) -> tuple[str, dict[str, Any], dict[str, str]]:
        """messages:send. The token makes a doubled message replace the first on the device."""
        shown = {"title": message.subject, "body": message.text} if message.subject else {"body": message.text}
        told = {
            "token": message.address, "notification": shown, "data": {"id": message.token, "page": message.page},
            "android": {"collapse_key": message.token, "notification": {"tag": message.token}},
            "apns": {"headers": {"apns-collapse-id": message.token}},
        }  # fmt: skip
        url = f"{self._options.api}/v1/projects/{self._options.project}/messages:send"
        return url, {"message": told}, {"Authorization": f"Bearer {self._access()}"}

    def outcome(self, message: Rendered, answer: httpx.Response) -> Outcome | None:
        """The service's `name`, or its error (google.rpc.Status)."""
        told = json_of(answer)
        if answer.status_code == 200 and told.get("name"):
            return Accepted(message.message_id, (str(told["name"])[-120:],))
        error = told.get("error", {}) if isinstance(told.get("error"), dict) else {}
        code, text = f"HTTP {answer.status_code} {error.get('status', '')}".strip(), str(error.get("message", ""))[:200]
        if answer.status_code == 429:
            return Rejected(message.message_id, code, text, False, _seconds(answer), is_throttled=True)
        if answer.status_code in (401, 403):
            raise ChannelDown(f"{code}: the service does not know us", self._options.retry_seconds)
        if answer.status_code == 503:
            return Rejected(message.message_id, code, text, False, _seconds(answer))
        return Rejected(message.message_id, code, text, True) if 400 <= answer.status_code < 500 else None

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """Nothing."""
        return ()

    def settled(self, received: Sequence[Received]) -> None:
        """Nothing."""

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def _access(self) -> str:
        """The token of now: they end every hour, and a process of the operator renews them."""
        path = self._options.access_token_file
        if path is None:
            return self._options.access_token.get_secret_value()
        try:
            return path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise ChannelDown(f"no access token: {type(error).__name__}", self._options.retry_seconds) from error


def _seconds(answer: httpx.Response) -> float:
    asked = answer.headers.get("retry-after", "")
    return float(asked) if asked.isdigit() else 60.0
