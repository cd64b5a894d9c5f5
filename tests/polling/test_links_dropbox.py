"""Dropbox links: the address that downloads, and the pictures that are no delivery."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.links import extract, normalise_dropbox

FOLDER = "https://www.dropbox.com/scl/fo/TOKEN/ID?rlkey=K&dl=0"


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("https://www.dropbox.com/s/a", "https://www.dropbox.com/s/a?dl=1"),
        ("https://www.dropbox.com/s/a?dl=0", "https://www.dropbox.com/s/a?dl=1"),
        ("https://www.dropbox.com/s/a?dl=0&e=1", "https://www.dropbox.com/s/a?dl=1&e=1"),
        ("https://www.dropbox.com/s/a?raw=1&dl=0&e=1", "https://www.dropbox.com/s/a?dl=1&e=1"),
        ("https://www.dropbox.com/s/a?rlkey=K&st=b", "https://www.dropbox.com/s/a?rlkey=K&st=b&dl=1"),
        ("https://www.dropbox.com/s/a?rlkey=K&amp;dl=0", "https://www.dropbox.com/s/a?rlkey=K&dl=1"),
        ("https://www.dropbox.com/s/a?rlkey=K&amp;amp;dl=0", "https://www.dropbox.com/s/a?rlkey=K&dl=1"),
        ("https://www.dropbox.com/s/a%2520b", "https://www.dropbox.com/s/a%20b?dl=1"),
        ("https://www.dropbox.com/s/a%252520b", "https://www.dropbox.com/s/a%20b?dl=1"),
        ("https://www.dropbox.com/s/a%20b", "https://www.dropbox.com/s/a%20b?dl=1"),
        ("https://www.dropbox.com/s/100%25", "https://www.dropbox.com/s/100%25?dl=1"),
        ("https://WWW.dropbox.com/s/A#x", "https://www.dropbox.com/s/A?dl=1"),
        (FOLDER, "https://www.dropbox.com/scl/fo/TOKEN/ID?rlkey=K&dl=1"),
    ],
)  # fmt: skip
def test_a_dropbox_link_is_turned_into_a_download(url: str, direct: str) -> None:
    assert normalise_dropbox(url) == direct
    assert extract(url, "")[0].direct_url == direct


@given(st.text(alphabet=st.sampled_from("abdlrw%25=&?;#/10amp:")))
def test_normalising_twice_changes_nothing_more(tail: str) -> None:
    once = normalise_dropbox("https://www.dropbox.com/s/" + tail)
    assert normalise_dropbox(once) == once


@pytest.mark.parametrize(
    "name", ["logo.png", "Logo-2026.JPG", "avatar_1.jpeg", "profile.gif", "ms.webp", "ms%20a.png"]
)
def test_a_preview_image_is_left_out(name: str) -> None:
    assert not extract(f"https://www.dropbox.com/scl/fi/abc/{name}?rlkey=K&raw=1", "")


@pytest.mark.parametrize(
    "rest",
    [
        "scl/fi/abc/logo.png?rlkey=K&dl=0",
        "scl/fi/abc/logo.pdf?raw=1",
        "scl/fi/abc/photo.png?raw=1",
        "scl/fi/abc/my-logo.png?raw=1",
        "scl/fo/abc/logo.png?raw=1",
        "s/abc/logo.png?raw=1",
    ],
)
def test_a_delivered_image_stays(rest: str) -> None:
    assert extract(f"https://www.dropbox.com/{rest}", "")
