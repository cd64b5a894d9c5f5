"""What the URL of a delivery link tells."""

from __future__ import annotations

import hashlib

import pytest

from webhooks.shared_files import Source, links_with_files, source_of

FOLDER = "https://www.dropbox.com/scl/fo/abc/def?rlkey=secret&dl=1"


def source(url: str, provider: str = "dropbox") -> Source:
    return Source(provider=provider, url=url)


@pytest.mark.parametrize(
    "url",
    [
        FOLDER,
        "https://dropbox.com/s/abc/a.zip",
        "https://WWW.Dropbox.COM/s/abc",
        "https://dl.www.dropbox.com:443/s/abc",
        "https://fromsmash.com/abc",
        "https://studio.fromsmash.com/abc",
        "https://www.swisstransfer.com/d/abc",
        "https://wetransfer.com/downloads/abc",
        "http://www.dropbox.com/s/abc",
    ],
)
def test_files_at_the_known_hosts_are_fetched(url: str) -> None:
    assert source_of("dropbox", url, None) == source(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://dropbox.com.evil.example/s/abc",
        "https://evildropbox.com/s/abc",
        "https://evil.example/dropbox.com/s/abc",
        "https://evil.example/?https://www.dropbox.com/s/abc",
        "https://evil.example#@www.dropbox.com/s/abc",
        "https://www.dropbox.com@evil.example/s/abc",
        "https://user:password@www.dropbox.com/s/abc",
        "https://evil.example\\@www.dropbox.com/s/abc",
        "https://www.dropbox.com\\.evil.example/s/abc",
        "https://www.dropbox.com:8443/s/abc",
        "https://www.dropbox.com:port/s/abc",
        "https://[www.dropbox.com/s/abc",
        "https://www.dropbox.com./s/abc",
        "https://www.drop\tbox.com/s/abc",
        "https://www.dropbox.com/s/a b",
        "ftp://www.dropbox.com/s/abc",
        "//www.dropbox.com/s/abc",
        "https:///s/abc",
        "",
    ],
)
def test_no_other_host_is_asked_for_files(url: str) -> None:
    assert source_of("dropbox", url, None) is None


def test_the_address_that_downloads_at_once_is_preferred() -> None:
    raw = "https://www.dropbox.com/s/abc?dl=0"
    assert source_of("dropbox", raw, FOLDER) == source(FOLDER)


def test_the_links_of_a_payload_that_lead_to_files_are_found() -> None:
    raw = "https://www.dropbox.com/s/a?dl=0"
    link = {"provider": "dropbox", "raw_url": raw, "direct_url": FOLDER}
    bare = {"provider": "dropbox", "raw_url": raw}
    elsewhere = {"provider": "x", "raw_url": "https://evil.example", "direct_url": None}
    found = links_with_files({"delivery_links": [link, elsewhere, bare]})
    assert list(found) == [(link, source(FOLDER)), (bare, source(raw))]


@pytest.mark.parametrize(
    "links", [None, "x", 7, {}, [None], ["x"], [{}], [{"provider": "a", "raw_url": 7}]]
)
def test_a_payload_of_another_shape_has_none(links: object) -> None:
    assert list(links_with_files({"delivery_links": links})) == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (FOLDER, "file"),
        ("https://www.dropbox.com/scl/fi/abc/lot-12.zip?rlkey=k&dl=1", "lot-12.zip"),
        ("https://www.dropbox.com/s/abc/Mon%20%C3%A9t%C3%A9.zip?dl=1", "Mon_t_.zip"),
        ("https://www.dropbox.com/s/abc/a%2F..%2F..%2Fb.zip", "a_.._.._b.zip"),
        ("https://www.dropbox.com/s/abc/..zip", "file"),
        ("https://www.dropbox.com/s/abc/" + "n" * 300 + ".zip", "n" * 96 + ".zip"),
        ("https://fromsmash.com/Abc", "file"),
        ("https://fromsmash.com/", "file"),
    ],
)
def test_the_object_key_is_made_of_the_url_alone(url: str, name: str) -> None:
    digest = hashlib.sha256(url.encode()).hexdigest()
    assert source(url, "p").object_key == f"p/{digest[:8]}/{digest[8:16]}/{name}"


def test_two_keys_to_the_same_folder_are_two_objects() -> None:
    assert source(FOLDER).object_key != source(FOLDER.replace("secret", "other")).object_key


@pytest.mark.parametrize(
    ("url", "seconds"),
    [
        (FOLDER, 120),
        ("https://dropbox.com/scl/fo/abc", 120),
        ("https://www.dropbox.com/scl/fi/abc/a.zip", 15),
        ("https://www.dropbox.com/s/abc/scl/fo/", 15),
        ("https://www.swisstransfer.com/scl/fo/abc", 15),
        ("https://fromsmash.com/abc", 15),
    ],
)
def test_only_a_shared_folder_of_dropbox_may_take_long(url: str, seconds: float) -> None:
    assert source(url).seconds == seconds


def test_what_is_shown_of_a_url_opens_no_files() -> None:
    assert source(FOLDER).masked == "https://www.dropbox.com/scl/fo/abc/def?…"
    assert source("https://fromsmash.com/abc").masked == "https://fromsmash.com/abc"
    assert "secret" not in repr(source(FOLDER))
