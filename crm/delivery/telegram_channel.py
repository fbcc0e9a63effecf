"""Telegram by the bot API: sendMessage with two buttons, and getUpdates, whose offset tells what is written down."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx

from crm.delivery.channels import Accepted, Answer, ChannelDown, Outcome, Received, Rejected, Rendered, Touching
from crm.delivery.http_channel import HttpSender, json_of
from crm.services.delivery.values import Medium
from vitrina.channel_options import TelegramOptions
from vitrina.i18n import LANGUAGES, translator

YES, STOP = "yes", "stop"
LABELS: Final = {YES: "I am interested", STOP: "No more messages"}
_LONGEST = 4096
_UPDATES = ["message", "callback_query", "my_chat_member"]


class TelegramChannel:
    """One bot."""

    name = Medium.TELEGRAM.value

    def __init__(self, options: TelegramOptions) -> None:
        self._options = options
        self._http = HttpSender(options.timeout_seconds, options.retry_seconds)
        self._offset = 0
        self._seen = 0

    def measure(self, message: Rendered) -> int:
        """One. Raises `ValueError` for texts that the API does not take."""
        if not 0 < len(message.text) <= _LONGEST:
            raise ValueError("a message has at most 4096 characters")
        return 1

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """One request a message."""
        return self._http.send(self, messages, touching)

    def request(self, message: Rendered) -> tuple[str, dict[str, Any], dict[str, str]]:
        """sendMessage."""
        language = message.language if message.language in LANGUAGES else "ru"
        say = translator(language).text
        buttons = [[{"text": say(LABELS[each]), "callback_data": f"{each}:{message.token}"}] for each in (YES, STOP)]
        body = {"chat_id": int(message.address), "text": message.text, "reply_markup": {"inline_keyboard": buttons}}
        return self._url("sendMessage"), body, {}

    def outcome(self, message: Rendered, answer: httpx.Response) -> Outcome | None:
        """The API's `ok`, or its `error_code` with `parameters`."""
        told = json_of(answer)
        if answer.status_code == 200 and told.get("ok"):
            number = told.get("result", {}).get("message_id")
            return Accepted(message.message_id, (provider_id(message.address, number),), is_delivered=True)
        text = str(told.get("description", ""))[:200]
        code = f"HTTP {answer.status_code}"
        if answer.status_code == 429:
            seconds = float(told.get("parameters", {}).get("retry_after", 1))
            return Rejected(message.message_id, code, text, False, seconds, is_throttled=True)
        if answer.status_code == 403:
            return Rejected(message.message_id, code, text, True, is_blocked="blocked" in text)
        if answer.status_code in (401, 404):
            raise ChannelDown(f"{code}: the bot's token is not known", self._options.retry_seconds)
        return Rejected(message.message_id, code, text, True) if 400 <= answer.status_code < 500 else None

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """Updates that are not settled yet."""
        body = {"offset": self._offset, "timeout": 0, "limit": 100, "allowed_updates": _UPDATES}
        try:
            answer = self._http.client.post(self._url("getUpdates"), json=body)
        except httpx.HTTPError as error:
            raise ChannelDown(type(error).__name__, self._options.retry_seconds) from error
        if answer.status_code != 200:
            raise ChannelDown(f"HTTP {answer.status_code}", self._options.retry_seconds)
        updates = [each for each in json_of(answer).get("result", []) if isinstance(each, dict)]
        self._seen = max([self._offset - 1, *(int(each.get("update_id", 0)) for each in updates)])
        came = [item for item in (_received(each, now) for each in updates) if item is not None]
        if not came:
            self.settled(())
        return came

    def settled(self, received: Sequence[Received]) -> None:
        """The next look asks for what comes after these: that is how the API is told."""
        self._offset = max(self._offset, self._seen + 1)

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def _url(self, method: str) -> str:
        return f"{self._options.api}/bot{self._options.token.get_secret_value()}/{method}"


def provider_id(chat: object, number: object) -> str:
    """Messages are numbered within a chat, and the number of a chat is a person's."""
    return f"{hashlib.sha256(str(chat).encode()).hexdigest()[:24]}:{number}"


def _received(update: dict[str, Any], now: dt.datetime) -> Answer | None:
    number = str(update.get("update_id"))
    if "callback_query" in update:
        return _pressed(update["callback_query"], number, now)
    if "my_chat_member" in update:
        member = update["my_chat_member"]
        is_gone = member.get("new_chat_member", {}).get("status") in ("kicked", "left")
        chat = str(member.get("chat", {}).get("id", ""))
        return Answer(number, "blocked", now, 0, address=chat) if is_gone and chat else None
    message = update.get("message", {})
    chat, text = message.get("chat", {}).get("id"), str(message.get("text", ""))
    if chat is None or not text or text.startswith("/start"):
        return None
    answered = message.get("reply_to_message", {}).get("message_id")
    known = provider_id(chat, answered) if answered is not None else None
    at = dt.datetime.fromtimestamp(int(message["date"]), dt.UTC) if "date" in message else now
    return Answer(number, "reply", min(at, now), provider_id=known, address=str(chat), text=text[:2000])


def _pressed(query: dict[str, Any], number: str, now: dt.datetime) -> Answer | None:
    kind, _, token = str(query.get("data", "")).partition(":")
    chat = query.get("message", {}).get("chat", {}).get("id") or query.get("from", {}).get("id")
    address = str(chat) if chat is not None else None
    if kind not in (YES, STOP) or not token:
        return None
    return Answer(number, kind, now, 2 if kind == YES else 0, token=token, address=address)
