"""How signals are raised and told of: settings ``VITRINA_SIGNALS__…`` and ``VITRINA_MAIL__…``, read by
`vitrina.settings` alone."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class SignalOptions(BaseModel):
    """Rules for all signals.

    `first_days`: a rule that begins looks back at most so many days from the snapshot's; `replay_required`: no version
    goes live without the figures of its replay; `head_positions`: positions (separated by commas) of those who lead the
    department they work in; `wake_days`: how far a signal can be put to sleep.
    """

    model_config = ConfigDict(frozen=True)

    first_days: int = Field(default=28, ge=1, le=366)
    replay_required: bool = False
    head_positions: str = "head,director"
    wake_days: int = Field(default=90, ge=1)

    @property
    def heads(self) -> frozenset[str]:
        """The positions as a set."""
        return frozenset(part.strip() for part in self.head_positions.split(",") if part.strip())


class MailOptions(BaseModel):
    """The SMTP server that takes e-mails; without `host` and `sender` none are sent.

    `security`: plain, starttls, or tls from the first byte. `link` is the address of the workspace in e-mails.
    """

    model_config = ConfigDict(frozen=True)

    host: str = ""
    port: int = Field(default=25, ge=1, le=65535)
    security: str = Field(default="starttls", pattern="^(plain|starttls|tls)$")
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    link: str = ""
    timeout_seconds: int = Field(default=20, ge=1)
    attempts: int = Field(default=3, ge=1)

    @property
    def is_set(self) -> bool:
        """Whether e-mails can be sent at all."""
        return bool(self.host and self.sender)
