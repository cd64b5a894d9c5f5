"""Cases of endpoints, of the addresses they may have, of transfers, and of operation."""

from __future__ import annotations

from tests.chaos.case import case

DELIVERIES = [
    case(
        27,
        "the endpoint refuses, resets, drips, says nothing, too much, or nonsense",
        "chaos/test_endpoint_outage.py::test_all_mails_of_an_outage_are_delivered_once",
        "chaos/test_hostile_answers.py::test_all_mails_are_delivered_in_bounded_time_and_memory",
        "webhooks/test_client_floods.py::test_an_answer_of_10_mb_is_read_to_its_cap",
        "webhooks/test_client_floods.py::test_a_bomb_is_not_unpacked",
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
        "webhooks/test_client_forms.py::test_415_is_answered_in_the_other_form_and_signed_anew",
        "webhooks/test_client_forms.py::test_415_is_answered_once_only",
        "webhooks/test_client_forms.py::test_both_forms_share_one_deadline",
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
        "postgres/test_overlap.py::test_the_code_of_each_migration_works_on_the_tables_of_the_last",
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
]
