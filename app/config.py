"""Settings: from the environment, with defaults that work on one machine."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"


def settings(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Flask settings read from `environment`.

    DATABASE_URL      default: SQLite under the data folder
    MAPLEBRIDGE_VAR   data folder, default `var/` beside the program
    SECRET_KEY        default: made once and kept in the data folder
    DEMO              "1": demo county and its accounts on the sign-in page
    HTTPS             "1": cookies only over TLS
    PUBLIC_URL        the address that people use, such as https://fengqiao.example.cn: links and QR codes are made
                      with it, and requests under another name are refused
    PROXIES           how many proxies stand in front; only then is X-Forwarded-For believed (default 0)
    SECOND_FACTOR_ROLES  roles that sign in with a second factor only (default "administrator,process_owner"); in demo
                      mode it is offered to everybody and asked of nobody
    TOKEN_DAYS        how many days a program's key works at most (default 366)
    OIDC_ISSUER       address of a provider of OpenID Connect: its button stands on the sign-in page
    OIDC_CLIENT_ID, OIDC_CLIENT_SECRET  what the provider knows this program by
    OIDC_NAME         the provider's name on the button
    OUTBOUND_ALLOW    hosts and networks inside the house that the program may call, as
                      "sso.gov.example,10.1.0.0/16"; without it private addresses are refused
    SMTP_URL          mail server for notices: smtp://, smtp+starttls:// or smtps://user:password@host:port
    SMTP_SENDER       address that mail comes from
    SMTP_DOMAIN       domain of the offices' mail: staff get mail at <login>@domain
    """
    var = Path(environment.get("MAPLEBRIDGE_VAR") or ROOT / "var").resolve()
    var.mkdir(parents=True, exist_ok=True)
    https = environment.get("HTTPS") == "1"
    return {
        "VAR": var,
        "SQLALCHEMY_DATABASE_URI": _database_url(environment.get("DATABASE_URL") or f"sqlite:///{var}/maplebridge.db"),
        # An error that is logged names its statement, never what people typed.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": False, "pool_timeout": 5, "hide_parameters": True},
        "SECRET_KEY": environment.get("SECRET_KEY") or _kept_secret(var / "secret.key"),
        "DEMO": environment.get("DEMO") == "1",
        "DEMO_ANYWHERE": environment.get("DEMO_ANYWHERE") == "1",
        "HTTPS": https,
        "PUBLIC_URL": environment.get("PUBLIC_URL", ""),
        "PROXIES": int(environment.get("PROXIES") or 0),
        "MAX_CONTENT_LENGTH": 25 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        # A party's page sends no referrer, for its address is the secret; the token is bound to the __Host- cookie.
        "WTF_CSRF_SSL_STRICT": False,
        "API_TITLE": "Maplebridge",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "SECOND_FACTOR_ROLES": _words(environment.get("SECOND_FACTOR_ROLES", "administrator,process_owner")),
        "TOKEN_DAYS": int(environment.get("TOKEN_DAYS") or 366),
        "OIDC_ISSUER": environment.get("OIDC_ISSUER", "").rstrip("/"),
        "OIDC_CLIENT_ID": environment.get("OIDC_CLIENT_ID", ""),
        "OIDC_CLIENT_SECRET": environment.get("OIDC_CLIENT_SECRET", ""),
        "OIDC_NAME": environment.get("OIDC_NAME") or "OpenID Connect",
        "OUTBOUND_ALLOW": _words(environment.get("OUTBOUND_ALLOW", "")),
        "SMTP_URL": environment.get("SMTP_URL", ""),
        "SMTP_SENDER": environment.get("SMTP_SENDER", ""),
        "SMTP_DOMAIN": environment.get("SMTP_DOMAIN", ""),
    }


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split(",") if word.strip())


def _database_url(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()
