"""What gunicorn does here unless its command line says otherwise: `gunicorn wsgi:app` reads this file by itself."""

worker_class = "gthread"
threads = 8
graceful_timeout = 15
