import pytest

from desksync_neo_worker.address import parse_address


@pytest.mark.parametrize(
    ("entered", "url"),
    [
        ("https://t.dn-cloud.example/cgi-bin/dneo/dneo.cgi", "https://t.dn-cloud.example/cgi-bin/dneo/dneor.cgi"),
        ("https://neo.example.com/dneo/dneo.cgi?cmd=login#part", "https://neo.example.com/dneo/dneor.cgi"),
        ("http://neo.example.com:8080/scripts/dneo/dneo.exe", "http://neo.example.com:8080/scripts/dneo/dneor.exe"),
        ("  https://neo.example.com/dneo.cgi  ", "https://neo.example.com/dneor.cgi"),
        ("https://neo.example.com/dneo/dneor.cgi/certify/", "https://neo.example.com/dneo/dneor.cgi"),
        ("https://neo.example.com/dneo/DNEO.EXE", "https://neo.example.com/dneo/dneor.EXE"),
        ("http://[::1]:81/dneo/dneo.cgi", "http://[::1]:81/dneo/dneor.cgi"),
    ],
)
def test_a_module_takes_the_place_of_the_program(entered: str, url: str) -> None:
    assert parse_address(entered).of("dneor") == url


@pytest.mark.parametrize(
    ("entered", "why"),
    [
        ("", "must begin with https://"),
        ("neo.example.com/dneo.cgi", "must begin with https://"),
        ("ftp://neo.example.com/dneo.cgi", "must begin with https://"),
        ("https:///dneo.cgi", "must begin with https://"),
        ("https://neo.example.com/dneo/", "must lead to its program"),
        ("https://neo.example.com/?page=dneo.cgi", "must lead to its program"),
        ("https://taro:secret@neo.example.com/dneo.cgi", "must not hold a user name or a password"),
        ("https://:secret@neo.example.com/dneo.cgi", "must not hold a user name or a password"),
        ("https://neo.example.com:port/dneo.cgi", "is not a URL"),
        ("https://[neo/dneo.cgi", "is not a URL"),
    ],
)
def test_a_bad_address_is_explained_with_an_example(entered: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        parse_address(entered)

    assert "https://neo.example.com/cgi-bin/dneo/dneo.cgi" in str(caught.value)
    assert "secret" not in str(caught.value)
