"""Delivery links: which are found, how they are written, which are traps."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polling.links import MAX_LINKS, extract, provider_of

FOLDER = "https://www.dropbox.com/scl/fo/TOKEN/ID?rlkey=K&dl=0"
FILE = "https://www.dropbox.com/scl/fi/TOKEN/plan.pdf?rlkey=K&dl=0"
SMASH = "https://fromsmash.com/abc-DEF"
SWISS = "https://www.swisstransfer.com/d/0a1b-2c3d"


def urls(text: str = "", html: str = "") -> list[str]:
    return [link.raw_url for link in extract(text, html)]


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://www.dropbox.com/s/abc/plan.pdf?dl=0", "dropbox"),
        ("https://dropbox.com/s/abc", "dropbox"),
        (FOLDER, "dropbox"),
        (FILE, "dropbox"),
        (SMASH, "fromsmash"),
        ("https://studio.fromsmash.com/abc", "fromsmash"),
        (SWISS, "swisstransfer"),
        ("https://www.swisstransfer.com/fr/d/abc", "swisstransfer"),
        ("http://DropBox.COM/s/abc", "dropbox"),
        ("HTTPS://WWW.DROPBOX.COM:443/s/abc", "dropbox"),
    ],
)
def test_a_delivery_link_is_recognised(url: str, provider: str) -> None:
    assert provider_of(url) == provider
    assert [(link.provider, link.raw_url) for link in extract(url, "")] == [(provider, url)]


@pytest.mark.parametrize(
    "url",
    [
        "https://www.dropbox.com/",
        "https://www.dropbox.com/s/",
        "https://www.dropbox.com/sh/abc",
        "https://www.dropbox.com/home/s/abc",
        "https://www.dropbox.com/scl/fx/abc",
        "https://fromsmash.com",
        "https://fromsmash.com/",
        "https://fromsmash.com/?a=b",
        "https://www.swisstransfer.com/",
        "https://www.swisstransfer.com/fr/about",
        "https://www.swisstransfer.com/d/",
        "https://dropbox.com.evil.example/s/abc",
        "https://notdropbox.com/s/abc",
        "https://dropbox.comevil.example/s/abc",
        "https://evil.example/?u=dropbox.com/s/abc",
        "https://evil.example/?u=https://www.dropbox.com/s/abc",
        "https://evil.example#https://www.dropbox.com/s/abc",
        "https://dropbox.com@evil.example/s/abc",
        "https://evil.example@dropbox.com/s/abc",
        "https://dropbox.com:s@evil.example/s/abc",
        "https://dropbox.com\\@evil.example/s/abc",
        "https://evil.example\\.dropbox.com/s/abc",
        "https://evil.example%2f.dropbox.com/s/abc",
        "https://evil.example\u2044.dropbox.com/s/abc",
        "https://dropbox\u3002com/s/abc",
        "https://drop\u212box.com/s/abc",
        "ftp://www.dropbox.com/s/abc",
        "https:///www.dropbox.com/s/abc",
        "https:www.dropbox.com/s/abc",
        "www.dropbox.com/s/abc",
    ],
)
def test_anything_else_is_not(url: str) -> None:
    assert provider_of(url) is None
    assert not urls(url, f'<a href="{url}">x</a>')


@pytest.mark.parametrize("url", [FOLDER, FILE, SMASH, SWISS])
@pytest.mark.parametrize(
    "around",
    ["{}", "Lien:{}", "<{}>", "({})", "[{}]", '"{}"', "'{}'", "«{}»", "« {} »", "{}.", "{}...",
     "({}).", "{},", "{};", "{}!", "{}?)", "**{}**", "[ici]({})", "a\n{}\nb", "{}\u200b",
     "{}\xa0:"],
)  # fmt: skip
def test_punctuation_around_a_url_is_not_part_of_it(url: str, around: str) -> None:
    assert urls(around.format(url)) == [url]


def test_a_parenthesis_that_was_opened_in_the_url_stays() -> None:
    url = "https://www.dropbox.com/s/abc/plan_(2)"
    assert urls(f"(voir {url})") == [url]


def test_references_are_resolved_in_text_and_html() -> None:
    escaped = FOLDER.replace("&", "&amp;")
    assert urls(escaped) == [FOLDER]
    assert urls(html=f'<a href="{escaped}">x</a>') == [FOLDER]


def test_a_parameter_that_looks_like_a_reference_stays() -> None:
    url = "https://www.dropbox.com/s/abc?rlkey=K&copy=1&reg=2&dl=0"
    assert urls(url, f"<a href={url}>x</a>") == [url]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="{}">x</a>',
        "<a class=b href='{}'>x</a>",
        "<A HREF={}>x</A>",
        '<a href = "\n {}\n">x</a>',
        "<p>{}</p>",
        "&lt;{}&gt;",
        "{}&nbsp;&raquo;",
        '<v:roundrect href="{}">',
    ],
)
def test_a_link_is_found_wherever_it_stands_in_html(html: str) -> None:
    assert urls(html=html.format(SMASH)) == [SMASH]


def test_a_space_in_a_href_is_encoded() -> None:
    html = '<a href="https://www.dropbox.com/s/abc/my plan.pdf">x</a>'
    assert urls(html=html) == ["https://www.dropbox.com/s/abc/my%20plan.pdf"]


def test_a_quote_that_is_never_closed_hides_no_link() -> None:
    assert urls(html=f'<a href="{SMASH}>x</a>') == [SMASH]


def test_links_keep_their_order_text_before_html() -> None:
    html = f'<a href="{SWISS}">{FILE}</a> {FOLDER}'
    assert urls(f"{SMASH} {FOLDER}", html) == [SMASH, FOLDER, SWISS, FILE]


@pytest.mark.parametrize(
    "again",
    [
        FOLDER,
        FOLDER.replace("&", "&amp;"),
        FOLDER.replace("dl=0", "dl=1"),
        FOLDER.replace("https://www.dropbox.com", "http://WWW.Dropbox.com"),
        FOLDER + "#top",
    ],
)
def test_the_same_link_in_another_spelling_is_one_link(again: str) -> None:
    assert urls(FOLDER, f'<a href="{again}">{again}</a>') == [FOLDER]


def test_a_slash_at_the_end_makes_no_second_link() -> None:
    assert urls(f"{SMASH} {SMASH}/") == [SMASH]


def test_landing_pages_have_no_direct_url() -> None:
    assert [link.direct_url for link in extract(f"{SMASH} {SWISS}", "")] == [None, None]


@pytest.mark.parametrize(
    "wrapper",
    [
        "https://eur01.safelinks.protection.outlook.com/?url={}&data=05&reserved=0",
        "https://www.google.com/url?q={}&sa=D",
    ],
)
def test_a_wrapped_link_is_unwrapped(wrapper: str) -> None:
    encoded = "https%3A%2F%2Fwww.dropbox.com%2Fscl%2Ffo%2FTOKEN%2FID%3Frlkey%3DK%26dl%3D0"
    assert urls(wrapper.format(encoded)) == [FOLDER]


def test_a_stranger_does_not_unwrap() -> None:
    assert not urls("https://safelinks.protection.outlook.com.evil.example/?url=" + SMASH)


def test_a_url_that_is_too_long_is_ignored() -> None:
    assert not urls(SMASH + "a" * 4000)


def test_there_is_a_limit_to_the_links_of_one_mail() -> None:
    assert len(urls(" ".join(f"{SMASH}{number}" for number in range(500)))) == MAX_LINKS


@given(
    st.text(),
    st.lists(
        st.sampled_from(
            [FOLDER, SMASH, SWISS, "href=", '"', "'", "<", ">", "&amp;", "%25", "&#", ")", " "],
        )
        | st.text(max_size=3)
    ).map("".join),
)  # fmt: skip
def test_any_text_is_accepted(text: str, html: str) -> None:
    for link in extract(text, html):
        assert provider_of(link.raw_url) == link.provider
        assert json.loads(json.dumps(link.raw_url)) == link.raw_url


@pytest.mark.parametrize(
    "mail",
    [
        "http://" * 140_000,
        "https://a " * 100_000,
        'href="' * 160_000,
        "href='\"" * 140_000,
        "href" + " " * 1_000_000,
        " ".join(f"https://www.dropbox.com/s/{n}" + ")" * 3900 for n in range(256)),
        " ".join(f"https://www.dropbox.com/s/a?dl={n}" for n in range(30_000)),
        " ".join(f"https://www.dropbox.com/s/{n}?" + "&amp;" * 700 for n in range(256)),
        " ".join("https://" + "a." * 1900 + str(n) for n in range(256)),
    ],
    ids=lambda mail: mail[:30],
)
def test_hostile_mails_take_linear_time(mail: str) -> None:
    started = time.perf_counter()
    extract(mail, mail)
    assert time.perf_counter() - started < 4
