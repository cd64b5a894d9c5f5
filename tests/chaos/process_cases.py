"""Cases in which processes of the relay die, freeze, stop, or are several."""

from __future__ import annotations

from tests.chaos.case import case

POINTS = "chaos/test_crash_points.py::test_a_mail_is_relayed_as_the_table_of_crash_points_says"
FROZEN = "chaos/test_freeze_points.py::test_who_wakes_up_at_any_point_doubles_nothing_it_need_not"
MANY = "chaos/test_many_mailboxes.py::"
MANY += "test_nothing_is_lost_or_doubled_and_every_mailbox_is_served_by_one"

PROCESSES = [
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
        "chaos/test_frozen_holder.py::test_a_frozen_holder_that_wakes_up_does_not_go_on",
        "chaos/test_frozen_holder.py::test_a_frozen_holder_that_wakes_up_after_the_other_has_gone_"
        "sends_nothing_of_its_queue",
    ),
    case(15, "two, four and ten pollers at once", MANY),
    case(
        16,
        "the same process number in two containers",
        "polling/test_lock.py::test_two_processes_of_the_same_number_are_told_apart",
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
        "chaos/test_stop_without_database.py::"
        "test_what_is_answered_meanwhile_is_settled_when_it_is_back",
        "chaos/test_second_stop.py::test_the_second_request_to_stop_is_obeyed_at_once",
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
        43,
        "10,000 rounds: descriptors, threads and memory stay",
        "polling/test_idle.py::test_idle_rounds_leave_nothing_behind",
        "polling/test_idle.py::test_sessions_that_come_and_go_leave_nothing_behind",
        "polling/test_idle.py::test_looks_at_an_empty_outbox_leave_nothing_behind",
        "chaos/test_soak.py::test_everything_at_random_loses_nothing_and_leaves_nothing_behind",
    ),
]
