"""How strict sign-in is: settings ``VITRINA_ACCOUNTS__…`` and ``VITRINA_LOGS__…``, read by `vitrina.settings` alone."""

from pydantic import BaseModel, ConfigDict, Field


class AccountOptions(BaseModel):
    """Rules for passwords, failed attempts, sessions and tokens. Lengths of time are in the unit of their name."""

    model_config = ConfigDict(frozen=True)

    password_min_length: int = Field(default=12, ge=8)
    password_max_age_days: int = Field(default=90, ge=1)
    password_history: int = Field(default=10, ge=0)
    attempts_per_account: int = Field(default=5, ge=1)
    # Many people share one address behind the company's NAT: an address is given more tries than an account.
    attempts_per_address: int = Field(default=50, ge=1)
    lockout_first_seconds: int = Field(default=30, ge=1)
    lockout_longest_seconds: int = Field(default=3600, ge=1)
    failures_forgotten_hours: int = Field(default=24, ge=1)
    session_idle_minutes: int = Field(default=30, ge=1)
    session_longest_hours: int = Field(default=12, ge=1)
    token_longest_days: int = Field(default=365, ge=1)


class LogOptions(BaseModel):
    """When a log file is closed and archived, and for how long archives are kept."""

    model_config = ConfigDict(frozen=True)

    max_megabytes: int = Field(default=50, ge=1)
    keep_days: int = Field(default=365, ge=1)
