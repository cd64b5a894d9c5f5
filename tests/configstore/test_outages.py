"""Stores that go away in the middle, and what is in force meanwhile and afterwards."""

from __future__ import annotations

import logging

import pytest

from configstore.documents import PollingConfig, WebhookConfig
from tests.configstore.outage import NAME, Stores, everywhere, interval, save, seconds

# For each mode the stores from the first to the last.
REDIS_FIRST = ("redis_first", "Redis", "PHP")
PHP_FIRST = ("php_first", "PHP", "Redis")
both_modes = pytest.mark.parametrize(("mode", "top", "lower"), [REDIS_FIRST, PHP_FIRST])


@both_modes
@pytest.mark.parametrize("lost", ["top", "lower", "both"])
def test_the_configuration_stays_and_all_stores_agree_in_the_end(
    stores: Stores, mode: str, top: str, lower: str, lost: str
) -> None:
    away = {"top": (top,), "lower": (lower,), "both": (top, lower)}[lost]
    store = stores.process(mode)
    assert save(store, 60) == ""
    assert stores.held() == everywhere(seconds(60))
    stores.lose(*away)
    assert interval(store) == 60
    assert save(store, 90) == " ".join(away)
    assert interval(store) == 90
    stores.find(*away)
    assert interval(store) == 90
    assert stores.held() == everywhere(seconds(90))
    assert not stores.pending()


@both_modes
@pytest.mark.parametrize("first_back", ["top", "lower"])
def test_a_save_that_only_the_disk_took_survives_whoever_is_back_first(
    stores: Stores, mode: str, top: str, lower: str, first_back: str
) -> None:
    store = stores.process(mode)
    save(store, 60)
    stores.lose(top, lower)
    assert save(store, 90) == f"{top} {lower}"
    order = (top, lower) if first_back == "top" else (lower, top)
    for label in order:
        stores.find(label)
        assert interval(store) == interval(stores.process(mode)) == 90
    assert stores.held() == everywhere(seconds(90))


@both_modes
def test_a_newer_value_in_the_first_store_stays_and_the_others_get_it(
    stores: Stores, mode: str, top: str, lower: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = stores.process(mode)
    save(store, 60)
    stores.lose(top)
    save(store, 90)
    stores.edit(top, seconds(120))
    assert interval(store) == 90
    stores.find(top)
    assert interval(store) == 120
    assert stores.held() == everywhere(seconds(120))
    assert not stores.pending()
    assert f"saved while {top} was away, and meanwhile changed there" in caplog.text


def test_a_redis_that_came_back_empty_gets_what_was_saved(stores: Stores) -> None:
    store = stores.process()
    save(store, 60)
    stores.lose("Redis")
    save(store, 90)
    stores.empty_redis()
    stores.find("Redis")
    assert interval(store) == 90
    assert stores.held() == everywhere(seconds(90))


@both_modes
def test_a_removal_during_an_outage_reaches_all(
    stores: Stores, mode: str, top: str, lower: str
) -> None:
    store = stores.process(mode)
    save(store, 60)
    for away in (top, lower):
        save(store, 60)
        stores.lose(away)
        assert store.save(PollingConfig, NAME, None).missed == (away,)
        assert interval(store) == interval(stores.process(mode)) == 30
        stores.find(away)
        assert interval(store) == 30
        assert not any(stores.held().values())


def test_the_last_good_document_survives_a_restart_without_any_store(stores: Stores) -> None:
    stores.edit("Redis", seconds(60))
    assert interval(stores.process()) == 60
    stores.lose("Redis", "PHP")
    restarted = stores.process()
    assert interval(restarted) == 60
    assert restarted.source(NAME) == "last good copy"


def test_another_process_goes_on_with_what_any_of_them_read_last(stores: Stores) -> None:
    web, poller = stores.process(), stores.process()
    save(web, 60)
    assert interval(web) == interval(poller) == 60
    stores.edit("Redis", seconds(90))
    assert interval(poller) == 90
    stores.lose("Redis")
    assert interval(web) == 90


def test_a_pause_stays_a_pause_throughout(stores: Stores) -> None:
    web, poller = stores.process(), stores.process()
    pause = {"absence_pause_enabled": True, "absence_pause_days": ["monday"]}
    web.save(WebhookConfig, "webhook_config", {})

    def all_pause() -> bool:
        processes = (web, poller, stores.process())
        return all(p.current(WebhookConfig).document.absence_pause_enabled for p in processes)

    stores.lose("Redis")
    web.save(WebhookConfig, "webhook_config", pause)
    assert all_pause()
    stores.lose("PHP")
    assert all_pause()
    stores.find("PHP")
    assert all_pause()
    stores.empty_redis()
    stores.find("Redis")
    assert all_pause()
    stores.lose("PHP", "Redis")
    assert all_pause()


@both_modes
def test_each_change_of_state_is_logged_once(
    stores: Stores, mode: str, top: str, lower: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = stores.process(mode)
    for read in range(12):
        if read == 4:
            stores.lose(top, lower)
        if read == 8:
            stores.find(top, lower)
        interval(store)
    assert sorted(message.split(" (")[0] for message in caplog.messages) == sorted(
        f"Configuration store {label} {what}"
        for label in (top, lower)
        for what in ("cannot be reached", "answers again.")
    )


def test_a_lower_store_that_is_away_is_logged_once_for_many_saves(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = stores.process()
    save(store, 30)
    stores.lose("PHP")
    for number in (40, 50, 60):
        save(store, number)
        interval(store)
    assert store.chain.unavailable() == {"PHP"}
    stores.find("PHP")
    interval(store)
    assert store.chain.unavailable() == frozenset()
    assert [message.split(" (")[0] for message in caplog.messages] == [
        "Configuration store PHP takes no document",
        "Configuration store PHP takes documents again.",
        f"{NAME}, saved while PHP was away, is there now.",
    ]
