"""Something is wrong with the database, and the doctor names that and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.render_signal.doctor.patient import Patient

RED, YELLOW = "red", "yellow"


def test_the_file_of_the_database_is_lost(small_patient: Patient, tmp_path: Path) -> None:
    small_patient.start()
    lost = tmp_path / "gone" / "db.sqlite3"
    lost.parent.touch()  # where a folder was
    said = small_patient.examined(DATABASE_URL=f"sqlite:///{lost}").said("database")
    assert f"The file of the database cannot be opened: {lost} (OperationalError: " in said
    assert "DATABASE_URL" not in said


def test_migrations_are_missing(small_patient: Patient, tmp_path: Path) -> None:
    small_patient.start()
    found = small_patient.examined(DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert found.ill == {
        "database": RED,
        "searches": YELLOW,
        "deliveries": YELLOW,
        "endpoint": YELLOW,
    }, found.output
    assert "migrations are not applied" in found.said("database")


def test_a_file_that_is_no_database_is_told(patient: Patient, tmp_path: Path) -> None:
    junk = tmp_path / "junk.sqlite3"
    junk.write_text("no database " * 1000)
    found = patient.examined("--only", "database", DATABASE_URL=f"sqlite:///{junk}")
    assert found.ill == {"database": RED}, found.output
    said = f"cannot be opened: {junk} (DatabaseError: file is not a database)."
    assert said in found.said("database")


def test_a_postgresql_that_has_no_such_database_is_told(
    patient: Patient, postgres_url: str
) -> None:
    url = f"{postgres_url.rpartition('/')[0]}/nowhere"
    found = patient.examined("--only", "database", DATABASE_URL=url)
    assert found.ill == {"database": RED}, found.output
    assert 'database "nowhere" does not exist' in found.said("database")
