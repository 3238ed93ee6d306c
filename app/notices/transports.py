"""Mail over SMTP: the one way out of the house so far. Addressed by an URL, tried once per attempt of its job."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app.core.texts import one_line
from app.notices.errors import TransportFailed

SECONDS = 10


def send_mail(url: str, *, sender: str, recipient: str, subject: str, text: str, key: str) -> None:
    """Send one plain mail. `url` is smtp://, smtp+starttls:// or smtps:// with user and password, if any.

    `key` stays the same at every attempt and makes the message id, by which receivers know a repetition. Where the line
    is encrypted the server shows a certificate for its name that this machine trusts. Raises TransportFailed.
    """
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(subject)
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    parts = urlsplit(url)
    host, trusted = parts.hostname or "localhost", ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            opened: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=trusted)
        else:
            opened = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
        with opened as server:
            if parts.scheme == "smtp+starttls":
                server.starttls(context=trusted)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise TransportFailed(reason=f"{type(error).__name__}: {error}"[:400]) from error
