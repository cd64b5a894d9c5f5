"""Many redeem one link at the same moment."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection

from configstore.magic_links import NewLink, Refusal, redeem
from tests.configstore.links import NOW, permanent, single_use, staff_user, stored

THREADS = 20


def redeem_in_threads(link: NewLink) -> list[User | Refusal]:
    start = threading.Barrier(THREADS)
    answers: list[User | Refusal] = []

    def work() -> None:
        start.wait()
        try:
            answers.append(redeem(link.id, link.secret, NOW))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


@pytest.mark.usefixtures("redis_and_files", "committed_database")
def test_one_of_many_wins_a_single_use_link() -> None:
    ada = staff_user()
    link = single_use()
    answers = redeem_in_threads(link)
    assert sorted(answers, key=str) == sorted([Refusal.USED] * (THREADS - 1) + [ada], key=str)
    assert stored()[link.id]["consumed"] is True


@pytest.mark.usefixtures("files", "committed_database")
def test_one_of_many_wins_without_redis() -> None:
    ada = staff_user()
    answers = redeem_in_threads(single_use())
    assert answers.count(ada) == 1
    assert answers.count(Refusal.USED) == THREADS - 1


@pytest.mark.usefixtures("files", "committed_database")
def test_all_of_many_get_in_by_a_permanent_link() -> None:
    ada = staff_user()
    assert redeem_in_threads(permanent()) == [ada] * THREADS
