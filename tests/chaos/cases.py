"""What may go wrong with a relay on one machine, by number, and the tests that bring it about.

`python -m tests.chaos.table` runs them all. A test is named by its file under tests/.
"""

from __future__ import annotations

from dataclasses import dataclass

POINTS = "chaos/test_crash_points.py::test_a_mail_is_relayed_as_the_table_of_crash_points_says"
FROZEN = "chaos/test_freeze_points.py::test_who_wakes_up_at_any_point_doubles_nothing_it_need_not"
MANY = "chaos/test_many_mailboxes.py::"
MANY += "test_nothing_is_lost_or_doubled_and_every_mailbox_is_served_by_one"


@dataclass(frozen=True)
class Case:
    number: int
    what: str
    tests: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(f"tests/{test}" for test in self.tests)


def case(number: int, what: str, *tests: str) -> Case:
    return Case(number, what, tests)


CASES = [
    case(1, "C0: killed before a mail is committed", POINTS),
    case(2, "C1: killed after a mail is committed", POINTS),
    case(3, "C2: killed after a claim, nothing sent", POINTS),
    case(4, "C3: killed when the request is out and not answered", POINTS),
    case(5, "C4: killed between the 2xx and the settling", POINTS),
    case(
        6,
        "C5: killed between the settling and the mark in the mailbox",
        POINTS,
        "chaos/test_crash_points.py::"
        "test_without_redis_the_loss_of_the_disk_before_the_mark_costs_one_repeat",
        "chaos/test_crash_points.py::"
        "test_a_redis_that_lost_its_data_with_the_disk_costs_one_repeat",
    ),
    case(7, "C6: killed between the mark and its record", POINTS),
    case(
        8,
        "C7: killed between the files of a transfer",
        POINTS,
        "relay/test_offload.py::test_kills_in_the_middle_of_many_transfers_lose_and_double_nothing",
    ),
    case(9, "C8: killed after a 415, before the other form", POINTS),
    case(10, "C9: killed while stopping", POINTS),
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
        13,
        "a worker is frozen past its lease, and wakes up",
        FROZEN,
        "webhooks/test_settlement.py::test_a_claim_that_passed_on_changes_nothing_but_its_own_try",
        "webhooks/test_dispatcher.py::"
        "test_a_process_that_stood_still_after_its_claim_sends_nothing_on_the_strength_of_it",
    ),
    case(
        14,
        "a poller is frozen past its lock, and wakes up",
        FROZEN,
        "chaos/test_kill.py::test_a_frozen_holder_that_wakes_up_does_not_go_on",
        "chaos/test_kill.py::test_a_frozen_holder_that_wakes_up_after_the_other_has_gone_"
        "sends_nothing_of_its_queue",
    ),
    case(15, "two, four and ten pollers at once", MANY),
    case(
        16,
        "the same process number in two containers",
        "polling/test_lock.py::test_two_processes_of_the_same_number_are_told_apart",
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
        "chaos/test_cuts.py::test_a_redis_that_is_killed_costs_nothing",
    ),
    case(
        19,
        "Redis freezes",
        "polling/test_lock.py::test_a_frozen_redis_is_an_error_in_bounded_time",
        "relay/test_neighbours.py::test_a_slow_redis_lets_no_lock_of_many_lapse",
    ),
    case(
        20,
        "Redis is down at the start and up later",
        "polling/test_lease.py::test_redis_unreachable_at_the_start_means_the_file",
        "polling/test_lease.py::test_redis_back_its_lock_replaces_the_file",
        "polling/test_lease.py::test_redis_back_and_held_by_another_means_to_yield",
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
        22,
        "no renewal for two thirds of the time to live",
        "polling/test_lease.py::test_two_thirds_without_redis_end_the_term",
    ),
    case(
        23,
        "asked to stop: idle, in a fetch, in a request, in a transfer, waiting; twice",
        "relay/test_stopping.py::test_the_key_is_gone_after_an_orderly_stop",
        "relay/test_stopping.py::test_a_request_under_way_at_the_stop_is_finished_and_acknowledged",
        "relay/test_stopping.py::test_a_request_that_never_ends_is_cut_and_sent_again_with_its_id",
        "relay/test_offload.py::test_a_stop_does_not_wait_for_a_slow_folder",
        "relay/test_stopping_in_trouble.py::test_a_mailbox_that_went_silent_does_not_keep_it",
        "chaos/test_second_stop.py::test_the_second_request_to_stop_is_obeyed_at_once",
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
        27,
        "the endpoint refuses, resets, drips, says nothing, too much, or nonsense",
        "chaos/test_endpoint_outage.py::test_all_mails_of_an_outage_are_delivered_once",
        "chaos/test_hostile_answers.py::test_all_mails_are_delivered_in_bounded_time_and_memory",
        "webhooks/test_client_trouble.py::test_an_answer_of_10_mb_is_read_to_its_cap",
        "webhooks/test_client_trouble.py::test_a_bomb_is_not_unpacked",
        "webhooks/test_client_trouble.py::test_an_answer_before_the_body_was_read_is_heard_or_cut",
        "webhooks/test_client_trouble.py::test_what_other_servers_say_is_understood",
        "webhooks/test_client_trouble.py::test_a_host_that_cannot_be_one_is_an_error_like_others",
    ),
    case(
        28,
        "every status from 200 to 599, redirects and Retry-After",
        "webhooks/test_client.py::test_any_2xx_is_success",
        "webhooks/test_client.py::test_any_other_status_is_tried_again",
        "webhooks/test_client.py::test_410_says_that_the_endpoint_is_gone",
        "webhooks/test_client.py::test_413_says_that_another_try_cannot_help",
        "webhooks/test_client.py::test_a_redirect_is_a_failure_and_never_followed",
        "webhooks/test_client.py::test_an_endpoint_asks_for_seconds",
        "webhooks/test_client.py::test_what_is_no_time_is_not_asked_for",
        "webhooks/test_egress_sockets.py::test_where_a_redirect_leads_nobody_connects",
    ),
    case(
        29,
        "415 to JSON, then anything to the form",
        "webhooks/test_client.py::test_415_is_answered_in_the_other_form_and_signed_anew",
        "webhooks/test_client.py::test_415_is_answered_once_only",
        "webhooks/test_client.py::test_both_forms_share_one_deadline",
    ),
    case(
        30,
        "an outage of six hours with 5,000 mails",
        "webhooks/test_long_outage.py::"
        "test_all_mails_of_six_hours_leave_once_when_it_is_over_and_few_requests_before",
    ),
    case(
        31,
        "a dead endpoint beside a good one",
        "webhooks/test_dispatcher_endpoints.py::"
        "test_one_that_does_not_answer_leaves_threads_to_the_other",
        "webhooks/test_dispatcher_endpoints.py::"
        "test_two_that_do_not_answer_leave_a_thread_to_a_third",
        "webhooks/test_dispatcher_endpoints.py::test_one_that_fails_holds_its_own_deliveries_alone",
    ),
    case(
        32,
        "addresses that must not be reached, in any spelling",
        "webhooks/test_egress.py::test_no_spelling_of_a_host_reaches_a_server_on_this_machine",
        "webhooks/test_egress.py::test_a_name_with_one_forbidden_address_among_others_is_refused",
        "webhooks/test_egress.py::"
        "test_a_name_that_turns_to_this_machine_after_it_was_checked_gets_nothing",
        "webhooks/test_egress_sockets.py::test_no_hostile_url_is_connected_to",
        "webhooks/test_client.py::test_proxies_of_the_environment_are_ignored",
    ),
    case(
        33,
        "an upgrade of urllib3 leaves the egress guard out",
        "webhooks/test_client_connections.py::test_urllib3_opens_its_connections_through_our_hook",
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
        "chaos/test_postgres_trouble.py::"
        "test_a_connection_that_ends_in_a_transaction_loses_and_doubles_nothing",
        "chaos/test_cuts.py::test_a_cut_costs_no_mail_and_doubles_only_what_was_under_way",
    ),
    case(
        36,
        "a disk that goes with its container",
        "relay/test_relay.py::test_the_disk_may_be_lost_at_any_time",
        "relay/test_relay.py::"
        "test_even_the_first_mail_ever_survives_the_loss_of_the_disk_after_it_was_read",
        "chaos/test_kill.py::test_mails_survive_kill_after_kill",
    ),
    case(
        37,
        "a rolling deployment: old and new together",
        "chaos/test_rolling_deploy.py::test_no_mail_waits_or_is_doubled_while_versions_change",
        "relay/test_stopping.py::test_of_two_one_works_and_the_other_takes_over_within_six_seconds",
    ),
    case(
        38,
        "the clock jumps, changes for the summer, stands still",
        "chaos/test_clock_jump.py::test_a_clock_that_jumps_delays_nothing",
        "webhooks/test_clock.py::test_what_was_queued_then_leaves_now",
        "webhooks/test_clock.py::test_what_was_being_sent_then_is_sent_now",
        "polling/test_lease.py::test_a_process_that_slept_past_its_time_does_not_trust_its_lock",
        "polling/test_schedule.py::test_the_hour_that_the_clock_skips_in_spring_is_no_trap",
        "polling/test_schedule.py::test_the_hour_that_comes_twice_in_autumn_counts_twice",
    ),
    case(
        39,
        "the R2 Worker is slow, fails, talks nonsense; killed between transfer and freezing",
        "relay/test_offload.py::"
        "test_whatever_the_worker_does_the_mail_arrives_with_the_links_it_had",
        "relay/test_offload.py::"
        "test_a_kill_between_transfer_and_first_try_repeats_nothing_but_the_transfer",
        "webhooks/test_offload_trouble.py::"
        "test_whatever_the_worker_does_the_webhook_leaves_in_time",
    ),
    case(
        40,
        "a migration while a worker runs: old code, new schema",
        "chaos/test_migration.py::test_a_worker_goes_on_with_a_schema_that_is_newer_than_it",
        "chaos/test_migration.py::test_a_worker_that_restarts_takes_up_the_newer_schema",
        "relay/test_stopping.py::test_it_waits_for_migrations_and_without_a_mailbox_it_idles",
    ),
    case(
        41,
        "a secret is rotated or removed between tries",
        "webhooks/test_dispatcher.py::"
        "test_each_request_is_signed_by_the_key_of_today_and_the_one_before",
        "webhooks/test_signing.py::test_while_secrets_rotate_both_receivers_accept_it",
        "webhooks/test_signing.py::test_a_secret_that_was_taken_out_is_not_accepted_any_more",
        "webhooks/test_signing.py::test_the_reference_implementation_accepts_it",
    ),
    case(
        42,
        "replayed or cancelled while it is being sent; many at once",
        "webhooks/test_settlement.py::test_a_late_answer_does_not_bring_back_what_is_settled",
        "webhooks/test_admin.py::test_what_is_being_sent_is_not_cancelled",
        "webhooks/test_admin.py::"
        "test_what_waits_for_a_retry_is_tried_now_and_what_was_delivered_is_left",
        "webhooks/test_resending.py::test_it_is_one_update_however_many_they_are",
    ),
    case(
        43,
        "10,000 rounds: descriptors, threads and memory stay",
        "polling/test_idle.py::test_idle_rounds_leave_nothing_behind",
        "polling/test_idle.py::test_sessions_that_come_and_go_leave_nothing_behind",
        "polling/test_idle.py::test_looks_at_an_empty_outbox_leave_nothing_behind",
        "chaos/test_soak.py::test_everything_at_random_loses_nothing_and_leaves_nothing_behind",
    ),
    case(
        44,
        "a mail that breaks whoever reads it",
        "polling/test_parking.py::test_a_mail_that_breaks_our_own_code_three_times_is_quarantined",
        "failure_modes/test_reading.py::"
        "test_a_mail_that_cannot_be_fetched_is_quarantined_and_the_others_go_on",
    ),
]
