"""What gunicorn does here unless its command line says otherwise: `gunicorn wsgi:app` reads this file by itself."""

from app.core.memory import keep_what_is_there

worker_class = "gthread"
threads = 8
graceful_timeout = 15


def post_worker_init(worker: object) -> None:
    """The application is loaded and no request has come yet."""
    keep_what_is_there()
