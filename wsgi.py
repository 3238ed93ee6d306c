"""The door for web servers, `gunicorn wsgi:app`, and for the command line, `flask --app wsgi`."""

from app.bench.commands import bench_cli
from app.factory import create_app

app = create_app()
app.cli.add_command(bench_cli)
