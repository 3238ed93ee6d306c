"""Mail over SMTP: the one way out of the house so far. Addressed by an URL, tried once per attempt of its job."""

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app.core.texts import one_line
from app.notices.errors import TransportFailed

SECONDS = 10


def send_mail(url: str, *, sender: str, recipient: str, subject: str, text: str, key: str) -> None:
    """Send one plain mail. `url` is smtp://, smtp+starttls:// or smtps:// with user and password, if any.

    `key` stays the same at every attempt and makes the message id, by which receivers know a repetition. Raises
    TransportFailed.
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(subject)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    opened = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with opened(parts.hostname or "localhost", parts.port or (465 if secure else 25), timeout=SECONDS) as server:
            if parts.scheme == "smtp+starttls":
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise TransportFailed(reason=f"{type(error).__name__}: {error}"[:400]) from error
