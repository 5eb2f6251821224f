import pytest
from hypothesis import given
from hypothesis import strategies as st

from salebell_desktop.client.address import AddressRefused, ServerAddress, parse_address


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("localhost:3001", "ws://localhost:3001"),
        ("localhost", "ws://localhost:3001"),
        ("LOCALHOST:3001", "ws://localhost:3001"),
        ("  localhost:3001/  ", "ws://localhost:3001"),
        ("shop.localhost:81", "ws://shop.localhost:81"),
        ("127.0.0.1:3001", "ws://127.0.0.1:3001"),
        ("127.9.9.9", "ws://127.9.9.9:3001"),
        ("::1", "ws://[::1]:3001"),
        ("[::1]", "ws://[::1]:3001"),
        ("[::1]:80", "ws://[::1]"),
        ("[0:0:0:0:0:0:0:1]:9", "ws://[::1]:9"),
        ("::ffff:127.0.0.1", "ws://[::ffff:7f00:1]:3001"),
        ("ws://localhost:3001", "ws://localhost:3001"),
        ("ws://localhost", "ws://localhost"),
        ("ws://localhost:3001/ws", "ws://localhost:3001"),
        ("ws://localhost:3001/ws/", "ws://localhost:3001"),
        ("http://localhost:3001", "ws://localhost:3001"),
        ("wss://localhost:3001", "wss://localhost:3001"),
        ("api.example.com", "wss://api.example.com"),
        ("api.example.com.", "wss://api.example.com"),
        ("API.Example.COM:443", "wss://api.example.com"),
        ("api.example.com:8443", "wss://api.example.com:8443"),
        ("wss://api.example.com", "wss://api.example.com"),
        ("WSS://api.example.com/ws", "wss://api.example.com"),
        ("https://api.example.com/", "wss://api.example.com"),
        ("https://api.example.com:443", "wss://api.example.com"),
        ("192.168.1.20:3001", "wss://192.168.1.20:3001"),
        ("[2001:db8::7]:3001", "wss://[2001:db8::7]:3001"),
        ("2001:DB8::7", "wss://[2001:db8::7]"),
        ("tienda.ñandú.example", "wss://tienda.xn--and-6ma2c.example"),
        ("shop-server", "wss://shop-server"),
    ],
)
def test_what_people_type(text: str, key: str) -> None:
    address = parse_address(text)
    assert address.key == key
    assert address.socket == f"{key}/ws"
    assert address.http == key.replace("ws", "http", 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is missing"),
        ("   ", "is missing"),
        ("ws://api.example.com", "without encryption"),
        ("http://192.168.1.20:3001", "without encryption"),
        ("ws://[2001:db8::7]", "without encryption"),
        ("ws://localhost.example.com", "without encryption"),
        ("ws://0.0.0.0", "without encryption"),
        ("ftp://api.example.com", "cannot begin with ftp://"),
        ("javascript://alert", "cannot begin with"),
        ("wss://ana:secret@api.example.com", "Leave the name and the password out"),
        ("ana@api.example.com", "Leave the name and the password out"),
        ("wss://api.example.com/admin", "must end after its name"),
        ("api.example.com/?token=1", "must end after its name"),
        ("api.example.com#here", "must end after its name"),
        ("api.example.com:0", "a number from 1 to 65535"),
        ("api.example.com:70000", "a number from 1 to 65535"),
        ("api.example.com:port", "a number from 1 to 65535"),
        ("[::1", "is not the address"),
        ("[fe80::1%eth0]", "is not"),
        ("[api]", "is not"),
        ("api example.com", "is not the name"),
        ("api..example.com", "is not the name"),
        ("-api.example.com", "is not the name"),
        ("wss://", "is not the name"),
        ("a" * 64 + ".example.com", "is not the name"),
        (".".join(["abc"] * 70), "is not the name"),
        ("api.example.com\\@evil.example", "."),
    ],
)
def test_what_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(AddressRefused, match=sentence):
        parse_address(text)


def test_no_password_in_the_refusal() -> None:
    with pytest.raises(AddressRefused) as caught:
        parse_address("wss://ana:secret@api.example.com")
    assert "secret" not in str(caught.value)


@given(st.text() | st.text(alphabet="abc.:/[]@?#-1%wsp"))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressRefused:
        return
    assert parse_address(address.key) == address
    assert parse_address(address.socket) == address
    assert parse_address(address.http) == address
    assert address == ServerAddress(address.key, address.socket, address.http)
