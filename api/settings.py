"""Settings, read from the environment, then from what `doorstep prepare` wrote for this machine."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Names in upper case are the environment's. `.env.example` lists them all."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    environment: Literal["demo", "production"] = Field("demo", alias="DOORSTEP_ENV")
    bind_host: str = Field("127.0.0.1", alias="BIND_HOST")
    port: int = Field(8000, alias="PORT")
    bot_port: int = Field(5005, alias="BOT_PORT")
    actions_port: int = Field(5055, alias="ACTIONS_PORT")
    phone_port: int = Field(8090, alias="PHONE_PORT")
    data_dir: Path = Field(ROOT / "var", alias="DATA_DIR")
    policies_dir: Path = Field(ROOT / "data" / "policies", alias="POLICIES_DIR")
    landlords_file: Path = Field(ROOT / "data" / "demo" / "landlords.toml", alias="LANDLORDS_FILE")
    estate_file: Path = Field(ROOT / "data" / "demo" / "estate.toml", alias="ESTATE_FILE")
    evidence_file: Path = Field(ROOT / "data" / "evidence.toml", alias="EVIDENCE_FILE")
    database_url: str = Field("", alias="DATABASE_URL")
    public_base_url: str = Field("", alias="PUBLIC_BASE_URL")
    api_url: str = Field("", alias="API_URL")
    bot_urls: str = Field("", alias="BOT_URLS")
    actions_url: str = Field("", alias="ACTIONS_URL")
    service_token: str = Field("", alias="SERVICE_TOKEN")
    bot_secret: str = Field("", alias="BOT_SECRET")
    twilio_account_sid: str = Field("", alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: str = Field("", alias="TWILIO_AUTH_TOKEN")
    twilio_api_base: str = Field("https://api.twilio.com", alias="TWILIO_API_BASE")
    twilio_opt_out: Literal["advanced", "default"] = Field("advanced", alias="TWILIO_OPT_OUT")
    sms_provider: Literal["twilio", "vonage"] = Field("twilio", alias="SMS_PROVIDER")
    vonage_api_key: str = Field("", alias="VONAGE_API_KEY")
    vonage_api_secret: str = Field("", alias="VONAGE_API_SECRET")
    vonage_signature_secret: str = Field("", alias="VONAGE_SIGNATURE_SECRET")
    vonage_api_base: str = Field("https://rest.nexmo.com", alias="VONAGE_API_BASE")
    sms_timeout_seconds: float = Field(10.0, alias="SMS_TIMEOUT_SECONDS", gt=0)
    sms_segments_per_second: int = Field(10, alias="SMS_SEGMENTS_PER_SECOND", gt=0)
    sms_most_segments: int = Field(3, alias="SMS_MOST_SEGMENTS", gt=0)
    sms_contacts_a_day: int = Field(2, alias="SMS_CONTACTS_A_DAY", gt=0)
    sms_texts_a_day: int = Field(200, alias="SMS_TEXTS_A_DAY", gt=0)
    webhook_most_kilobytes: int = Field(64, alias="WEBHOOK_MOST_KILOBYTES", gt=0)
    bot_timeout_seconds: float = Field(12.0, alias="BOT_TIMEOUT_SECONDS")
    trusted_proxies: str = Field("127.0.0.1", alias="TRUSTED_PROXIES")
    rate_per_chat: str = Field("60/minute", alias="RATE_PER_CHAT")
    rate_per_address: str = Field("600/minute", alias="RATE_PER_ADDRESS")
    rate_per_number: str = Field("60/minute;240/hour", alias="RATE_PER_NUMBER")
    rate_new_chats: str = Field("60/minute", alias="RATE_NEW_CHATS")

    @property
    def demo(self) -> bool:
        return self.environment == "demo"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'doorstep.sqlite3'}"

    @property
    def public_url(self) -> str:
        return (self.public_base_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def internal_url(self) -> str:
        return (self.api_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def phone_url(self) -> str:
        return f"http://127.0.0.1:{self.phone_port}"

    @property
    def bots(self) -> tuple[str, ...]:
        """The bots' addresses; a conversation always meets the same one."""
        given = tuple(url.strip().rstrip("/") for url in self.bot_urls.split(",") if url.strip())
        return given or (f"http://127.0.0.1:{self.bot_port}",)

    @property
    def actions(self) -> str:
        return (self.actions_url or f"http://127.0.0.1:{self.actions_port}").rstrip("/")

    @property
    def twilio_tokens(self) -> tuple[str, ...]:
        """Tokens that an inbound signature may be made with; the first one signs our requests."""
        return tuple(token.strip() for token in self.twilio_auth_token.split(",") if token.strip())

    @property
    def run_env(self) -> Path:
        return self.data_dir / "run.env"

    def mistakes(self) -> list[str]:
        """What must be mended before the service may start, one line each."""
        wrong = [
            f"{name} is not set"
            for name, value in (
                ("SERVICE_TOKEN", self.service_token),
                ("BOT_SECRET", self.bot_secret),
                ("TWILIO_ACCOUNT_SID", self.twilio_account_sid),
                ("TWILIO_AUTH_TOKEN", self.twilio_auth_token),
            )
            if not value
        ]
        if self.sms_provider == "vonage":
            wrong += [
                f"{name} is not set, and SMS_PROVIDER is vonage"
                for name, value in (
                    ("VONAGE_API_KEY", self.vonage_api_key),
                    ("VONAGE_API_SECRET", self.vonage_api_secret),
                    ("VONAGE_SIGNATURE_SECRET", self.vonage_signature_secret),
                )
                if not value
            ]
        if not self.demo:
            if not self.public_base_url.startswith("https://"):
                wrong.append("PUBLIC_BASE_URL must be the public https address")
            for name, value in (
                ("TWILIO_API_BASE", self.twilio_api_base),
                ("VONAGE_API_BASE", self.vonage_api_base),
            ):
                if "127.0.0.1" in value or "localhost" in value:
                    wrong.append(f"{name} points at a simulator; production uses the real one")
            if self.landlords_file.is_relative_to(ROOT / "data" / "demo"):
                wrong.append("LANDLORDS_FILE is the demo's; its numbers are not real ones")
            if self.estate_file.is_relative_to(ROOT / "data" / "demo"):
                wrong.append("ESTATE_FILE is the demo's; its homes are made up")
            for name, value in (
                ("SERVICE_TOKEN", self.service_token),
                ("BOT_SECRET", self.bot_secret),
            ):
                if value.startswith("demo-"):
                    wrong.append(f"{name} is the demo's; production needs its own")
        return wrong


def load() -> Settings:
    """The environment first, then `run.env` in the data folder."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var")
    return Settings(_env_file=folder / "run.env")


@lru_cache
def current() -> Settings:
    """The settings of this process, read once."""
    return load()
