"""The one place that reads the environment.

Everything else receives a `Settings` value. Variables carry the prefix ``VITRINA_``; connector addresses
and secrets keep the names that the connector entry gives them and are read through `Settings.secret`.
"""

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from vitrina.account_options import AccountOptions, LogOptions
from vitrina.channel_options import ChannelOptions
from vitrina.model_options import ModelOptions
from vitrina.segment_options import SegmentOptions
from vitrina.sign_in_options import LdapOptions, OpenIdOptions, WebOptions
from vitrina.signal_options import MailOptions, SignalOptions

REPOSITORY = Path(__file__).resolve().parent.parent


class MissingSecret(LookupError):
    """A connector names an environment variable that is not set."""


class Settings(BaseSettings):
    """Where things are and how much of the machine may be used.

    Paths are absolute; sizes are DuckDB size strings such as ``4GB``. `crm_url` is the SQLAlchemy address of the
    operational database: SQLite in the home unless it names a PostgreSQL server (``postgresql+psycopg://…``).
    """

    model_config = SettingsConfigDict(env_prefix="VITRINA_", env_nested_delimiter="__", frozen=True, extra="ignore")

    home: Path = Field(default=Path("var"))
    inbox: Path | None = None
    sources_dir: Path = REPOSITORY / "data_contracts" / "sources"
    enabled_sources: str = "foris,onec,tax,dms"
    shared_data: Path = REPOSITORY.parent / "shared" / "data"
    memory_limit: str = "4GB"
    threads: int = 2
    timezone: str = "Asia/Tashkent"
    log_level: str = "INFO"
    keep_versions: int = 5
    crm_url: str = ""
    accounts: AccountOptions = AccountOptions()
    logs: LogOptions = LogOptions()
    segments: SegmentOptions = SegmentOptions()
    models: ModelOptions = ModelOptions()
    signals: SignalOptions = SignalOptions()
    mail: MailOptions = MailOptions()
    channels: ChannelOptions = ChannelOptions()
    mask_key: SecretStr = SecretStr("")
    web: WebOptions = WebOptions()
    ldap: LdapOptions | None = None
    openid: OpenIdOptions | None = None

    def model_post_init(self, _context: object) -> None:
        """Make the relative paths of a `.env`-style setting absolute once."""
        object.__setattr__(self, "home", self.home.expanduser().resolve())
        object.__setattr__(self, "inbox", (self.inbox or self.home / "inbox").expanduser().resolve())
        object.__setattr__(self, "crm_url", self.crm_url or f"sqlite:///{self.state_dir / 'crm.sqlite'}")

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the enabled sources, in the order given."""
        return tuple(name.strip() for name in self.enabled_sources.split(",") if name.strip())

    @property
    def landing_dir(self) -> Path:
        """Deliveries exactly as sent."""
        return self.home / "landing"

    @property
    def raw_dir(self) -> Path:
        """Rows that kept their contract, as Parquet."""
        return self.home / "raw"

    @property
    def quarantine_dir(self) -> Path:
        """Rows that broke their contract, with the reason."""
        return self.home / "quarantine"

    @property
    def state_dir(self) -> Path:
        """The ingestion ledger and the run lock."""
        return self.home / "state"

    @property
    def ledger_path(self) -> Path:
        """SQLite file of the ingestion ledger."""
        return self.state_dir / "ledger.sqlite"

    @property
    def logs_dir(self) -> Path:
        """Logs of the application as JSON lines, with their archive."""
        return self.home / "logs"

    @property
    def build_path(self) -> Path:
        """The private DuckDB file that only a pipeline run opens."""
        return self.home / "build" / "build.duckdb"

    @property
    def published_dir(self) -> Path:
        """Snapshots and the one pointer that readers follow."""
        return self.home / "published"

    @property
    def exports_dir(self) -> Path:
        """Default destination of scheduled exports."""
        return self.home / "exports"

    @property
    def segments_dir(self) -> Path:
        """Members of segments, as the runs that computed them left them."""
        return self.home / "segments"

    @property
    def models_dir(self) -> Path:
        """Trained models, what people set for them, and the scores of past months."""
        return self.home / "models"

    @property
    def journals_dir(self) -> Path:
        """What senders of messages are doing right now."""
        return self.home / "state" / "couriers"

    @property
    def dagster_home(self) -> Path:
        """Run history of the orchestrator."""
        return self.home / "dagster"

    def secret(self, variable: str) -> str:
        """Value of a connector's environment variable.

        Raises `MissingSecret`, naming the variable, when it is unset or empty.
        """
        value = os.environ.get(variable, "")
        if not value:
            raise MissingSecret(variable)
        return value


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
