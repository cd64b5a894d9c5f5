"""Cases in which Redis, the mailbox or a database fails."""

from __future__ import annotations

from tests.chaos.case import case

FALL = "chaos/test_servers_fall.py::"
FALL += "test_it_costs_no_mail_and_doubles_only_what_was_under_way"
CUT = "chaos/test_cuts.py::test_a_cut_costs_no_mail_and_doubles_only_what_was_under_way"

SERVERS = [
    case(
        11,
        "C10: the database full or locked when a webhook was accepted",
        "chaos/test_database_trouble.py::"
        "test_a_lock_of_somebody_else_delays_what_was_accepted_and_repeats_nothing",
        "chaos/test_database_trouble.py::test_a_full_disk_stops_all_claims_until_there_is_room",
    ),
    case(
        12,
        "C11: the power fails: what SQLite has committed is on the disk",
        "chaos/test_crash_batches.py::"
        "test_of_many_mails_none_is_lost_and_only_what_was_under_way_is_repeated",
        "chaos/test_database_file.py::test_what_is_committed_is_on_the_disk",
    ),
    case(
        17,
        "an operator takes the lock away or overwrites it",
        "polling/test_lock.py::"
        "test_a_lock_that_an_operator_took_away_is_not_renewed_and_not_deleted",
        "polling/test_lock.py::test_a_key_that_is_no_string_is_held_by_whoever_made_it",
        "polling/test_lease.py::"
        "test_a_lock_that_was_taken_away_ends_the_term_as_soon_as_it_is_seen",
    ),
    case(
        18,
        "Redis refuses, is killed, comes back empty",
        "polling/test_lease.py::test_with_a_real_redis_that_restarts_empty_the_lock_is_taken_again",
        FALL,
    ),
    case(
        19,
        "Redis freezes",
        "polling/test_lock.py::test_a_frozen_redis_is_an_error_in_bounded_time",
        FALL,
        "relay/test_neighbours.py::test_a_slow_redis_lets_no_lock_of_many_lapse",
    ),
    case(
        20,
        "Redis is down at the start and up later",
        "polling/test_lease_file.py::test_redis_unreachable_at_the_start_means_the_file",
        "polling/test_lease_file.py::test_redis_back_its_lock_replaces_the_file",
        "polling/test_lease_file.py::test_redis_back_and_held_by_another_means_to_yield",
    ),
    case(
        21,
        "Redis is read-only, out of memory, loading, or wants a password",
        "polling/test_lease_redis_trouble.py::"
        "test_a_redis_that_takes_no_renewal_means_the_file_until_it_does",
        "polling/test_lease_redis_trouble.py::test_a_redis_without_memory_still_renews_what_it_has",
        "polling/test_lease_redis_trouble.py::"
        "test_a_redis_that_gives_no_lock_means_the_file_until_it_does",
        "polling/test_lease_redis_trouble.py::"
        "test_who_cannot_sign_in_leaves_everything_to_the_locks",
        "polling/test_lease_redis_trouble.py::test_a_redis_that_is_loading_is_asked_now_and_then",
    ),
    case(
        24,
        "IMAP: accepts and never greets, drips, stops in a literal, says BYE, resets, half open",
        "failure_modes/test_connecting.py::test_a_server_that_does_not_greet_is_left_at_the_deadline",
        "failure_modes/test_limits.py::test_a_server_that_drips_is_left_at_the_deadline",
        "failure_modes/test_limits.py::"
        "test_after_a_timeout_nothing_more_is_asked_on_that_connection",
        "failure_modes/test_sessions.py::test_a_server_may_end_the_session_at_any_moment",
        "failure_modes/test_sessions.py::"
        "test_mails_that_arrive_while_connections_break_are_delivered_once",
        "failure_modes/test_idling.py::"
        "test_a_connection_that_died_silently_while_idling_is_found_out_at_the_next_renewal",
        "relay/test_trouble.py::test_a_connection_that_dies_silently_in_mid_work_is_replaced",
    ),
    case(
        25,
        "IMAP: new UIDs, vanished mails, no keywords, a read-only mailbox",
        "failure_modes/test_finding.py::"
        "test_a_folder_that_was_restored_has_new_uids_under_a_new_uidvalidity",
        "failure_modes/test_finding.py::"
        "test_all_mails_were_numbered_anew_without_a_new_uidvalidity",
        "failure_modes/test_finding.py::test_a_mail_vanishes_between_search_and_fetch",
        "failure_modes/test_marking.py::"
        "test_a_folder_that_opens_read_only_is_a_matter_of_configuration",
        "failure_modes/test_marking.py::test_a_folder_that_takes_no_marks_is_relayed_all_the_same",
        "failure_modes/test_marking.py::test_a_folder_that_keeps_no_keywords_is_relayed_once",
        "relay/test_relay.py::test_new_uids_for_old_mails_double_nothing",
    ),
    case(
        26,
        "the same Message-ID twice, none, a huge header, eight-bit junk",
        "polling/test_intake.py::test_two_mails_with_one_message_id_are_two_deliveries",
        "polling/test_identity.py::test_without_message_id_or_date_the_arrival_tells_mails_apart",
        "polling/test_headers.py::test_a_hostile_header_is_bounded_in_time_and_size",
        "polling/test_headers.py::test_any_bytes_are_accepted",
    ),
    case(
        34,
        "SQLite: locked by another, disk full, file read-only, write-ahead log deleted",
        "chaos/test_database_trouble.py::"
        "test_a_lock_of_somebody_else_delays_what_was_accepted_and_repeats_nothing",
        "chaos/test_database_trouble.py::test_a_full_disk_stops_all_claims_until_there_is_room",
        "chaos/test_database_trouble.py::"
        "test_a_kill_while_the_disk_is_full_repeats_what_was_under_way",
        "chaos/test_database_file.py::test_a_file_that_cannot_be_written_is_told_and_waited_for",
        "chaos/test_database_file.py::test_the_loss_of_the_write_ahead_log_loses_no_mail",
    ),
    case(
        35,
        "PostgreSQL restarts, ends connections in mid claim and settling, is away",
        "relay/test_postgres.py::test_a_postgres_that_restarts_costs_no_mail",
        "postgres/test_lost_connections.py::test_a_lost_connection_loses_no_mail",
        "postgres/test_lost_connections.py::"
        "test_a_connection_lost_in_the_middle_of_a_claim_costs_nothing",
        "chaos/test_postgres_trouble.py::"
        "test_a_connection_that_ends_in_a_transaction_loses_and_doubles_nothing",
        "runtime/test_connections.py::test_a_server_that_stands_still_costs_the_connection",
        CUT,
        "chaos/test_cuts.py::test_a_database_that_went_silent_is_given_up_meanwhile",
        FALL,
    ),
    case(
        44,
        "a mail that breaks whoever reads it",
        "polling/test_parking.py::test_a_mail_that_breaks_our_own_code_three_times_is_quarantined",
        "failure_modes/test_reading.py::"
        "test_a_mail_that_cannot_be_fetched_is_quarantined_and_the_others_go_on",
    ),
]
