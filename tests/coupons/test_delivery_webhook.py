"""Signed webhooks: the signature, and where they may go."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from coupons.delivery import addresses, webhook
from coupons.delivery.addresses import BadAddress
from coupons.delivery.webhook import NotTaken

NOW = datetime(2021, 2, 25, 15, 2, 10, tzinfo=UTC)
KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


class Receiver:
    """A server on this machine that keeps what it gets and answers `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict, bytes]] = []
        self.status, self.headers = 204, {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_args) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?shop=7"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.got]

    @property
    def messages(self) -> list[dict]:
        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.DEBUG = True
    receiver = Receiver()
    receiver.thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    receiver.thread.join()


def test_signature_is_that_of_the_specification():
    """The example of the Standard Webhooks libraries."""
    sent = webhook.headers(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', now=NOW)
    assert sent["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert sent["webhook-timestamp"] == "1614265330"
    assert sent["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_message_arrives_signed(receiver):
    webhook.send(receiver.url, KEY, "msg_1", {"type": "test", "name": "券"}, now=NOW)
    ((headers, body),) = receiver.got
    assert json.loads(body) == {"type": "test", "name": "券"}
    assert headers["webhook-signature"] == f"v1,{webhook.sign(KEY, 'msg_1', headers['webhook-timestamp'], body)}"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 302])
def test_only_2xx_counts_and_redirects_are_not_followed(receiver, status):
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    with pytest.raises(NotTaken, match=str(status)) as refused:
        webhook.send(receiver.url, KEY, "msg_1", {}, now=NOW)
    assert len(receiver.got) == 1
    assert refused.value.for_good == (status == 410)


def test_receiver_that_is_not_there(settings):
    settings.DEBUG = True
    with pytest.raises(NotTaken, match="Refused"):
        webhook.send("http://127.0.0.1:9/", KEY, "msg_1", {}, now=NOW)


def test_receiver_that_keeps_us_waiting(receiver, monkeypatch):
    """One that sends its answer drop by drop is cut off."""
    monkeypatch.setattr(webhook, "DEADLINE", 0.2)
    release = threading.Event()

    def slowly(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200")
        handler.wfile.flush()
        release.wait(3)

    monkeypatch.setattr(receiver.server.RequestHandlerClass, "do_POST", slowly)
    with pytest.raises(NotTaken):
        webhook.send(receiver.url, KEY, "msg_1", {}, now=NOW)
    release.set()


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com/hook", "http://example.com/", "ftp://example.com/", "https://", "https://:443/",
        "https://user:secret@example.com/", "https://example.com/#part", "https://[::1", "https://example.com:99999/",
        "https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/latest/",
        "https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://[::1]/", "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/", "https://[2002:7f00:1::]/", "https://[64:ff9b::7f00:1]/", "http://127.0.0.1/",
        "http://localhost/",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(url):
    with pytest.raises(BadAddress):
        addresses.check(url)


def test_addresses_that_are_taken(settings):
    assert addresses.check("https://example.com/hook?x=1").hostname == "example.com"
    assert addresses.check("https://1.1.1.1:8443/").port == 8443
    settings.DEBUG = True
    assert addresses.check("http://localhost:3000/").hostname == "localhost"
    settings.DEBUG, settings.WEBHOOK_TO_PRIVATE = False, True
    assert addresses.check("https://10.1.2.3/").hostname == "10.1.2.3"


@pytest.mark.parametrize("ips", [["10.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["fe80::1%eth0"]])
def test_name_that_points_inside_is_refused_when_sending(monkeypatch, ips):
    found = [(None, None, None, "", (ip, 443)) for ip in ips]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_kwargs: found)
    with pytest.raises(NotTaken, match="private network"):
        webhook.send("https://inside.example.com/", KEY, "msg_1", {}, now=NOW)


def test_connection_is_made_to_the_address_that_was_checked(monkeypatch):
    """A name cannot be pointed elsewhere between the check and the call."""
    asked, called = [], []
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *args, **_kwargs: asked.append(args) or [(None, None, None, "", ("1.1.1.1", 443))]
    )

    def connect(address, **_kwargs):
        called.append(address)
        raise ConnectionRefusedError("Refused")

    monkeypatch.setattr("socket.create_connection", connect)
    with pytest.raises(NotTaken):
        webhook.send("https://example.com/", KEY, "msg_1", {}, now=NOW)
    assert (len(asked), called) == (1, [("1.1.1.1", 443)])
