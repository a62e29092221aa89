"""Settings from the environment, all named ``POINTSBANK_*``, read once when the application is made."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """``templates`` or ``migrations``: inside the package in a wheel, beside it in a checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def _secret(data_dir: Path) -> str:
    """A development secret that survives restarts; production brings its own (``wsgi.py`` insists)."""
    file = data_dir / "secret-key"
    if not file.exists():
        file.write_text(secrets.token_urlsafe(48), encoding="ascii")
        file.chmod(0o600)
    return file.read_text(encoding="ascii").strip()


def from_environment(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """The Flask configuration. ``overrides`` (tests) win over the environment."""
    given = overrides or {}
    data_dir = Path(given.get("DATA_DIR") or os.environ.get("POINTSBANK_DATA_DIR") or "var").resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    url = os.environ.get("POINTSBANK_DATABASE_URL") or f"sqlite:///{data_dir / 'pointsbank.db'}"
    config: dict[str, Any] = {
        "DATA_DIR": data_dir,
        "SQLALCHEMY_DATABASE_URI": url,
        "SECRET_KEY": given.get("SECRET_KEY") or os.environ.get("POINTSBANK_SECRET_KEY") or _secret(data_dir),
        "BASE_URL": os.environ.get("POINTSBANK_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        "BABEL_DEFAULT_LOCALE": os.environ.get("POINTSBANK_LOCALE", "zh_CN"),
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "PROXIES": int(os.environ.get("POINTSBANK_PROXIES", "0")),
        "MAX_CONTENT_LENGTH": 40 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "SESSION_COOKIE_NAME": "pointsbank",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_STORAGE_URI": "memory://",
        "RATELIMIT_ENABLED": True,
        # Where one-time codes and notices go: apprise addresses separated by spaces, or "console".
        "NOTIFY_URLS": os.environ.get("POINTSBANK_NOTIFY_URLS", "console"),
        "PASSWORD_PROFILE": os.environ.get("POINTSBANK_PASSWORD_PROFILE", "asvs"),
    }
    config.update(given)
    config["SESSION_COOKIE_SECURE"] = str(config["BASE_URL"]).startswith("https://")
    return config
