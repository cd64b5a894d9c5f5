"""The tests, or files of them, that have a meaning on one database only. All others that use one
run on both."""

from __future__ import annotations

ADMISSION = "tests/polling/test_admission.py"
FAILING = "tests/render_signal/test_failing_pages.py"
INDEXES = "tests/postgres/test_indexes.py"
LOGIN = "tests/configstore/test_login_form.py"
MIGRATION = "tests/configstore/migration/test_migration.py"
OPEN = "tests/polling/test_acknowledgement.py"

ALONE = {
    # With a file for each container, another may have sent what is queued here.
    f"{ADMISSION}::test_when_another_had_it_since_the_mailbox_is_asked": "sqlite",
    f"{ADMISSION}::test_a_term_that_was_never_admitted_vouches_for_nothing": "sqlite",
    f"{ADMISSION}::test_a_redis_that_lost_its_memory_vouches_for_nothing": "sqlite",
    f"{ADMISSION}::test_while_redis_is_away_others_may_have_a_file_of_their_own": "sqlite",
    f"{ADMISSION}::test_what_is_held_back_is_said_once_in_a_term": "sqlite",
    f"{ADMISSION}::test_where_all_share_a_database_nobody_needs_to_be_asked": "postgres",
    "tests/chaos/test_database_file.py": "sqlite",
    # PostgreSQL chooses by how many rows there are, and here are none.
    f"{OPEN}::test_the_database_takes_the_indexes_of_what_is_open": "sqlite",
    # In the one transaction of a test PostgreSQL goes through all that each row has ever been.
    "tests/webhooks/test_long_outage.py": "sqlite",
    # They ask thousands of things of which the database decides none.
    "tests/configstore/admin/test_french.py": "sqlite",
    "tests/render_signal/test_roles.py": "sqlite",
    f"{LOGIN}::test_one_name_is_not_guessed_from_a_thousand_addresses": "sqlite",
    f"{MIGRATION}::test_any_document_is_moved_and_verified_or_its_fault_is_named": "sqlite",
    # SQLite gives no statement up.
    f"{FAILING}::test_a_page_that_asks_for_too_much_is_told": "postgres",
    # A file is let go of by who has it open.
    "tests/postgres/test_idle_transactions.py": "postgres",
    # PostgreSQL has no file of its own.
    f"{FAILING}::test_a_file_that_is_broken_is_no_fault_of_ours": "sqlite",
    # SQLite has one writer, and no index that is half built.
    f"{INDEXES}::test_it_keeps_no_writer_out": "postgres",
    f"{INDEXES}::test_what_an_interrupted_build_has_left_is_replaced": "postgres",
}
