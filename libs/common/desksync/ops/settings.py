"""Every setting of DeskSync, read from `DESKSYNC_` variables and from files under `/run/secrets`. Read by composition roots only.

A file of the same name as the variable holds the value as well, which is how Docker and Kubernetes hand over secrets; a
variable wins over a file. `.env` files are not read.
"""

from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from desksync.ops.logs import LogFormat
from desksync.ops.setting_values import (
    Broker,
    Database,
    Duration,
    Networks,
    Port,
    Secret,
    SecretKeys,
    Site,
    WaysIn,
    WebAddress,
    Words,
)

PREFIX = "DESKSYNC_"


class Settings(BaseSettings):
    """What can be set. Composition roots get one from `load_settings`, which also names unknown and missing settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: Database = Field(
        default="sqlite:///var/desksync.sqlite",
        repr=False,
        description="The database. The default is a file in the folder `var` below the folder in which the program is started.",
        examples=["postgresql://desksync:password@db.example.com/desksync"],
    )
    broker_url: Broker = Field(
        default="memory://",
        repr=False,
        description=(
            "The message broker. `memory://` joins the parts of one process only. Several RabbitMQ nodes are separated by `;`."
        ),
        examples=["amqp://desksync:password@mq.example.com:5672//"],
    )

    neo_base_url: WebAddress | None = Field(
        default=None,
        description="The address of desknet's NEO as a browser uses it. Any of its `.cgi` or `.exe` pages will do.",
        examples=["https://neo.example.co.jp/cgi-bin/dneo/dneo.cgi"],
    )
    neo_access_key: Secret = Field(
        default=None,
        description="One NEO access key (アクセスキー) for the whole site. Without it every user enters a key of their own.",
        examples=["0123456789abcdef"],
    )
    neo_timeout: Duration = Field(
        default=timedelta(seconds=30), description="How long to wait for an answer of NEO.", examples=["30s"]
    )
    neo_calls_in_flight: int = Field(
        default=2,
        ge=1,
        le=10,
        description=(
            "How many requests all workers together send to NEO at once. NEO works through them one by one, and refuses for "
            "about ten seconds when more than ten wait."
        ),
        examples=["2"],
    )
    neo_longest_rest: Duration = Field(
        default=timedelta(minutes=10),
        description=(
            "How long nobody calls NEO at most after NEO has told one of the workers to wait. The user whose call it was "
            "waits for as long as NEO said."
        ),
        examples=["10m"],
    )

    google_client_id: str | None = Field(
        default=None,
        description="The client ID of the OAuth client (type: web application) in the Google Cloud console.",
        examples=["1234567890-abc.apps.googleusercontent.com"],
    )
    google_client_secret: Secret = Field(
        default=None, description="The client secret that belongs to it.", examples=["GOCSPX-abc123"]
    )
    google_timeout: Duration = Field(
        default=timedelta(seconds=30), description="How long to wait for an answer of Google.", examples=["30s"]
    )
    google_calls_per_minute: int = Field(
        default=10_000,
        ge=60,
        description=(
            "How many requests of the Calendar API all workers together send in a minute, at most. "
            "The Google Cloud console shows what the project may."
        ),
        examples=["10000"],
    )
    google_user_calls_per_minute: int = Field(
        default=600, ge=10, description="How many of them are for one user, at most.", examples=["600"]
    )
    google_api_url: WebAddress = Field(
        default="https://www.googleapis.com/calendar/v3/",
        description="Google's Calendar API, with its version. Changed for trials only.",
        examples=["http://127.0.0.1:8002/calendar/v3/"],
    )
    google_auth_url: WebAddress = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth",
        description="Google's consent page. Changed for trials only.",
        examples=["http://127.0.0.1:8002/o/oauth2/v2/auth"],
    )
    google_token_url: WebAddress = Field(
        default="https://oauth2.googleapis.com/token",
        description="Where Google gives out tokens. Changed for trials only.",
        examples=["http://127.0.0.1:8002/token"],
    )
    google_revoke_url: WebAddress = Field(
        default="https://oauth2.googleapis.com/revoke",
        description="Where consent is given back to Google. Changed for trials only.",
        examples=["http://127.0.0.1:8002/revoke"],
    )

    secret_keys: SecretKeys = Field(
        default=(),
        repr=False,
        description=(
            "The keys that encrypt tokens and access keys in the database, newest first, separated by commas. Each is a name, "
            "a colon and 32 random bytes in base64; `openssl rand -base64 32` makes such bytes. Losing them means that every "
            "user has to connect again."
        ),
        examples=['"k1:$(openssl rand -base64 32)"'],
    )
    public_url: Site = Field(
        default="http://127.0.0.1:8000",
        description="The address under which people and Google reach the web pages.",
        examples=["https://desksync.example.co.jp"],
    )
    http_host: str = Field(default="127.0.0.1", description="The address on which the web pages listen.", examples=["0.0.0.0"])  # noqa: S104 - an example
    http_port: Port = Field(default=8000, description="Their port. 0 takes a free one.", examples=["8000"])
    trusted_proxies: Networks = Field(
        default=("127.0.0.1",),
        description=(
            "The reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses or networks, "
            "separated by commas. Without it everybody behind a proxy seems to come from one address."
        ),
        examples=["10.0.0.0/8"],
    )
    sign_in: WaysIn = Field(
        default=("neo", "local"),
        description=(
            "How people sign in, separated by commas: `neo` with the login of desknet's NEO, `local` with an account that "
            "`desksync admin create` made, `oidc` by the company's own identity provider (OpenID Connect)."
        ),
        examples=["oidc,neo"],
    )
    break_glass: bool = Field(
        default=False,
        description=(
            "Opens `/sign-in/local` to local accounts although `DESKSYNC_SIGN_IN` does not name them: for the day on which the "
            "identity provider is away. Every such sign-in stands out in the audit log and in the log."
        ),
        examples=["true"],
    )
    oidc_issuer: WebAddress | None = Field(
        default=None,
        description="The identity provider, as it calls itself. `/.well-known/openid-configuration` has to be there.",
        examples=["https://login.example.co.jp"],
    )
    oidc_client_id: str | None = Field(
        default=None,
        description="The client ID of DeskSync there. Its redirect address is `DESKSYNC_PUBLIC_URL` with `/sign-in/oidc/back`.",
        examples=["desksync"],
    )
    oidc_client_secret: Secret = Field(default=None, description="The client secret that belongs to it.", examples=["abc123"])
    oidc_user_claim: str = Field(
        default="preferred_username",
        description=(
            "The claim that holds somebody's login ID in desknet's NEO. Choose one that people cannot change themselves."
        ),
        examples=["employee_number"],
    )
    oidc_role_claim: str = Field(
        default="groups", description="The claim that holds the groups of somebody.", examples=["groups"]
    )
    oidc_administrators: Words = Field(
        default=(),
        description="The groups whose members administer, separated by commas.",
        examples=["calendar-administrators"],
    )
    oidc_auditors: Words = Field(
        default=(),
        description="The groups whose members look at everything and change nothing.",
        examples=["calendar-auditors"],
    )
    session_idle: Duration = Field(
        default=timedelta(hours=2), description="After how long without a click somebody has to sign in again.", examples=["2h"]
    )
    session_life: Duration = Field(
        default=timedelta(hours=12), description="After how long somebody has to sign in again in any case.", examples=["12h"]
    )
    health_host: str = Field(
        default="127.0.0.1",
        description=(
            "The address on which every program answers `/healthz`, `/readyz` and `/metrics`. It asks nobody who they are: "
            "let probes and Prometheus reach it, and nobody else."
        ),
        examples=["0.0.0.0"],  # noqa: S104 - an example
    )
    health_port: Port = Field(default=9000, description="Their port. 0 takes a free one.", examples=["9000"])

    sync_interval: Duration = Field(
        default=timedelta(minutes=10), description="How often every user is synced.", examples=["10m"]
    )
    window_past_days: int = Field(default=30, ge=0, le=3650, description="How many days back events are synced.", examples=["30"])
    window_future_days: int = Field(
        default=365, ge=1, le=3650, description="How many days ahead events are synced.", examples=["365"]
    )
    error_limit: int = Field(
        default=120,
        ge=1,
        description="After how many errors within the period a user is stopped automatically.",
        examples=["120"],
    )
    error_period: Duration = Field(
        default=timedelta(hours=24), description="The period in which errors are counted.", examples=["24h"]
    )
    lapse_limit: int = Field(
        default=12,
        ge=1,
        description=(
            "After how many times in a row in which a worker died of a user's work, or hung, that user is stopped automatically. "
            "Twelve are some two hours."
        ),
        examples=["12"],
    )
    held_deletes: int = Field(
        default=10,
        ge=0,
        description=(
            "A run that would delete more events than this, on both sides together, and more than the share of "
            "`DESKSYNC_HELD_SHARE`, holds these deletions until an administrator releases or refuses them."
        ),
        examples=["10"],
    )
    held_share: float = Field(
        default=0.30,
        ge=0,
        le=1,
        description="The share of a user's linked events from which on deletions are held, from 0 to 1.",
        examples=["0.30"],
    )
    history_days: int = Field(default=90, ge=1, description="How many days the history is kept.", examples=["90"])
    history_shows_titles: bool = Field(
        default=False,
        description=(
            "Shows administrators and auditors the titles of other people's events in the history. Without it only their owner "
            "sees them."
        ),
        examples=["true"],
    )
    audit_days: int = Field(
        default=730, ge=1, description="How many days the audit log of the web pages is kept.", examples=["730"]
    )
    time_zone: ZoneInfo = Field(
        default=ZoneInfo("Asia/Tokyo"), description="The time zone of users who have chosen none.", examples=["Asia/Tokyo"]
    )
    language: Literal["ja", "en"] = Field(
        default="ja", description="The language of users who have chosen none.", examples=["ja"]
    )

    worker_threads: int = Field(default=4, ge=1, le=64, description="How many users one worker syncs at once.", examples=["4"])
    ticket_lease: Duration = Field(
        default=timedelta(minutes=5),
        description=(
            "How long a worker may be silent about a user before another one takes over. It says that it is at work between "
            "requests, so this has to be some times as long as the longest wait for one answer, and no longer."
        ),
        examples=["5m"],
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least important lines that are logged.", examples=["INFO"]
    )
    log_format: LogFormat = Field(
        default=LogFormat.AUTO, description="`json`, `text`, or `auto`: text on a terminal and JSON elsewhere.", examples=["json"]
    )
