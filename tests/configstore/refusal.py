"""A database that takes no history."""

from __future__ import annotations

from django.db import connection


def refuse_revisions() -> None:
    """With an error that quotes the row, as PostgreSQL's do."""
    quoted = "no room\nDETAIL: https://hook.example/s3cret"
    before = "BEFORE INSERT ON configstore_revision"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            raising = f"SELECT RAISE(ABORT, '{quoted}');"
            cursor.execute(f"CREATE TRIGGER refuse {before} BEGIN {raising} END")
            return
        body = f"BEGIN RAISE EXCEPTION '{quoted}'; END"
        cursor.execute(f"CREATE FUNCTION refusal() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        cursor.execute(f"CREATE TRIGGER refuse {before} FOR EACH ROW EXECUTE FUNCTION refusal()")
