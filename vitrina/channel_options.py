"""How messages of campaigns leave the house: settings ``VITRINA_CHANNELS__…``, read by `vitrina.settings` alone."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class PaceOptions(BaseModel):
    """How fast a channel goes: messages a second, how many at once after a rest, how many in one batch, how often the
    same one is tried, and for how many seconds a sender may keep what it has claimed."""

    model_config = ConfigDict(frozen=True)

    per_second: float = Field(default=100, gt=0)
    burst: int = Field(default=1000, ge=1)
    batch: int = Field(default=200, ge=1, le=5000)
    tries: int = Field(default=5, ge=1)
    lease_seconds: int = Field(default=300, ge=10)


class SmppOptions(BaseModel):
    """The SMS centre (SMPP 3.4); without `host` no SMS are sent. `window`: parts under way at once; `hex_ids`: the
    centre answers with hexadecimal ids and reports decimal ones."""

    model_config = ConfigDict(frozen=True)

    host: str = ""
    port: int = Field(default=2775, ge=1, le=65535)
    tls: bool = False
    system_id: str = ""
    password: SecretStr = SecretStr("")
    system_type: str = ""
    source: str = "Vitrina"
    source_ton: int = Field(default=5, ge=0, le=6)
    source_npi: int = Field(default=0, ge=0, le=18)
    window: int = Field(default=20, ge=1, le=1000)
    most_parts: int = Field(default=6, ge=1, le=255)
    timeout_seconds: float = Field(default=10, gt=0)
    enquire_seconds: float = Field(default=30, gt=0)
    retry_seconds: float = Field(default=15, gt=0)
    hex_ids: bool = False
    pace: PaceOptions = PaceOptions()


class EmailOptions(BaseModel):
    """The SMTP server for campaigns and the mailbox its bounces and answers come to; without `host` and `sender` no
    e-mails are sent.

    `domain`: of return paths and Message-IDs, its mail is delivered into `maildir` (or read by IMAP from `imap_host`);
    `sender`: what customers see, such as ``Uzbektelecom <news@example.uz>``; `security`: plain, starttls, or tls.
    """

    model_config = ConfigDict(frozen=True)

    host: str = ""
    port: int = Field(default=25, ge=1, le=65535)
    security: str = Field(default="starttls", pattern="^(plain|starttls|tls)$")
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    domain: str = ""
    maildir: Path | None = None
    imap_host: str = ""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_security: str = Field(default="tls", pattern="^(plain|tls)$")
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = "INBOX"
    timeout_seconds: float = Field(default=20, gt=0)
    retry_seconds: float = Field(default=30, gt=0)
    pace: PaceOptions = PaceOptions(per_second=20, burst=200, batch=50)


class TelegramOptions(BaseModel):
    """The bot; without `token` nothing is sent by Telegram. `api`: where the bot API is."""

    model_config = ConfigDict(frozen=True)

    token: SecretStr = SecretStr("")
    api: str = "https://api.telegram.org"
    timeout_seconds: float = Field(default=20, gt=0)
    retry_seconds: float = Field(default=15, gt=0)
    pace: PaceOptions = PaceOptions(per_second=25, burst=25, batch=25)


class PushOptions(BaseModel):
    """The push service (HTTP v1 of Firebase Cloud Messaging); without `project` nothing is pushed.

    `access_token_file`: where a process of the operator keeps the service's current OAuth token; `access_token`: one
    that does not change.
    """

    model_config = ConfigDict(frozen=True)

    project: str = ""
    api: str = "https://fcm.googleapis.com"
    access_token: SecretStr = SecretStr("")
    access_token_file: Path | None = None
    timeout_seconds: float = Field(default=20, gt=0)
    retry_seconds: float = Field(default=15, gt=0)
    pace: PaceOptions = PaceOptions(per_second=200, burst=500, batch=100)


class DiallerOptions(BaseModel):
    """Call registers: files for the dialler are put into `outgoing`, its results are taken from `incoming`; without
    `outgoing` there are no registers."""

    model_config = ConfigDict(frozen=True)

    outgoing: Path | None = None
    incoming: Path | None = None
    pace: PaceOptions = PaceOptions(per_second=1000, burst=5000, batch=2000)


class ChannelOptions(BaseModel):
    """All channels. `public_url`: where customers reach personal pages (their path is added); `address_key`: what
    digests of addresses are keyed with (made and kept in the home when it is empty); `plain_marks`: quotation marks,
    dashes and apostrophes of SMS are written so that they stay in the cheaper alphabet."""

    model_config = ConfigDict(frozen=True)

    public_url: str = ""
    address_key: SecretStr = SecretStr("")
    plain_marks: bool = True
    sms: SmppOptions = SmppOptions()
    email: EmailOptions = EmailOptions()
    telegram: TelegramOptions = TelegramOptions()
    push: PushOptions = PushOptions()
    dialler: DiallerOptions = DiallerOptions()
