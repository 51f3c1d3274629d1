"""The polite session, against servers that are not."""

from __future__ import annotations

import gzip
import io
import logging
import re
import ssl
import subprocess
import threading
from functools import partial

import pytest
import urllib3
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.contract import FileGone, SourceUnavailable
from connectors.http import Http, SecretHeaders
from connectors.http_redact import HIDDEN
from connectors.http_tries import RETRY_AFTER_CAP, wait_for
from tests.servers.site import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nonly this"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 0\r\n\r\nbusy"


def refusal(ask) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        ask()
    return caught.value


class TestTries:
    @pytest.mark.parametrize("first", [BUSY, CUT, b""], ids=["503", "cut", "closed"])
    def test_a_get_is_tried_again(self, http, raw, first):
        """A passing failure is no failure; every try is counted."""
        server = raw(first, OK)
        assert http.get(server.url).body == b"ok"
        assert http.sent.requests == 2

    def test_a_post_is_sent_once(self, http, raw):
        """Nobody can tell whether a POST was done: repeating it could make a second page."""
        server = raw(CUT, OK)
        assert refusal(lambda: http.post(server.url, data=b"x")).code == "cut"
        assert len(server.asked) == 1

    def test_a_post_answered_503_is_given_back(self, http, raw):
        """The caller learns of the refusal; nothing is repeated."""
        server = raw(BUSY)
        assert http.post(server.url, data=b"x").status == 503
        assert len(server.asked) == 1

    def test_the_last_answer_is_given_when_tries_are_used_up(self, http, raw):
        """After four tries the 503 itself is the answer."""
        server = raw(BUSY)
        assert http.get(server.url).status == 503
        assert len(server.asked) == 4

    @pytest.mark.parametrize("status", [400, 401, 404, 500])
    def test_a_plain_refusal_is_not_repeated(self, http, httpserver: HTTPServer, status):
        """500 is what WordPress says to a refused file type: asking again changes nothing."""
        httpserver.expect_request("/x").respond_with_data("no", status=status)
        assert http.get(httpserver.url_for("/x")).status == status
        assert len(httpserver.log) == 1

    def test_a_cut_answer_is_an_error_not_a_short_one(self, http, raw):
        """The promised length is checked."""
        error = refusal(lambda: http.get(raw(CUT).url))
        assert error.code == "cut"
        assert error.mend

    def test_retry_after_is_capped(self, http):
        """A server that asks for an hour gets five minutes."""
        reply = type("Reply", (), {"raw": urllib3.HTTPResponse(headers={"Retry-After": "3600"}, status=429)})
        assert wait_for(http._policy, reply) == RETRY_AFTER_CAP

    def test_retry_after_is_honoured(self, http):
        """What the server asks for wins over our own back-off."""
        reply = type("Reply", (), {"raw": urllib3.HTTPResponse(headers={"Retry-After": "7"}, status=429)})
        assert wait_for(http._policy, reply) == 7

    def test_closing_ends_a_wait(self, raw):
        """Ctrl-C does not wait five minutes for a busy server."""
        server = raw(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 300\r\n\r\n")
        http = Http(user_agent="t")
        said: list[SourceUnavailable] = []
        thread = threading.Thread(target=lambda: said.append(refusal(lambda: http.get(server.url))))
        thread.start()
        while not server.asked:
            pass
        http.close()
        thread.join(timeout=30)
        assert [error.code for error in said] == ["stopped"]


class TestWhatWentWrong:
    def test_no_such_name(self, http):
        assert refusal(lambda: http.get("http://nothing.invalid/")).code == "name-not-found"

    def test_nobody_listens(self, http):
        assert refusal(lambda: http.get(f"http://127.0.0.1:{free_port()}/")).code == "refused-connection"

    def test_no_answer_in_time(self, raw):
        http = Http(user_agent="t", attempts=1, timeout=0.05)
        assert refusal(lambda: http.get(raw(silent=True).url)).code == "time-out"

    def test_certificate_of_nobody(self, http, tmp_path):
        """A certificate that nobody vouches for stops everything before a word is said."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-keyout", tmp_path / "key", "-out", tmp_path / "cert"], check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
        with HTTPServer(host="localhost", ssl_context=context) as server:
            error = refusal(lambda: http.get(server.url_for("/")))
        assert error.code == "certificate"
        assert "self-signed" in error.message

    def test_not_an_address(self, http):
        assert refusal(lambda: http.get("gopher://example.org/")).code == "bad-address"

    @pytest.mark.parametrize("packed", [False, True])
    def test_an_answer_without_end_is_cut_off(self, http, httpserver: HTTPServer, packed):
        """The cap counts what is unpacked: a small answer may hold gigabytes."""
        body = gzip.compress(b"0" * 5_000_000) if packed else b"0" * 5_000_000
        headers = {"Content-Encoding": "gzip"} if packed else {}
        httpserver.expect_request("/big").respond_with_data(body, headers=headers)
        assert refusal(lambda: http.get(httpserver.url_for("/big"), cap=1_000_000)).code == "too-large"
        assert len(httpserver.log) == 1


class TestRedirects:
    def test_a_redirect_is_followed(self, http, httpserver: HTTPServer):
        httpserver.expect_request("/a").respond_with_response(Response(status=301, headers={"Location": "/b?x=1"}))
        httpserver.expect_request("/b", query_string="x=1").respond_with_data("there")
        answer = http.get(httpserver.url_for("/a"))
        assert (answer.body, answer.url) == (b"there", httpserver.url_for("/b?x=1"))

    def test_circles_end(self, http, httpserver: HTTPServer):
        httpserver.expect_request("/a").respond_with_response(Response(status=302, headers={"Location": "/b"}))
        httpserver.expect_request("/b").respond_with_response(Response(status=302, headers={"Location": "/a"}))
        assert refusal(lambda: http.get(httpserver.url_for("/a"))).code == "redirect-loop"

    def test_long_chains_end(self, http, httpserver: HTTPServer):
        def on(request: Request) -> Response:
            return Response(status=302, headers={"Location": f"/{int(request.path[1:]) + 1}"})

        httpserver.expect_request(re.compile(r"/\d+")).respond_with_handler(on)
        assert refusal(lambda: http.get(httpserver.url_for("/1"))).code == "redirect-loop"
        assert len(httpserver.log) == 11

    def test_the_password_stays_with_its_host(self, http, httpserver: HTTPServer):
        """Another port is another host: it reads no password."""
        with HTTPServer() as other:
            other.expect_request("/").respond_with_data("elsewhere")
            http.configure(other.url_for("/"))
            httpserver.expect_request("/").respond_with_response(
                Response(status=302, headers={"Location": other.url_for("/")})
            )
            http.get(httpserver.url_for("/"), auth=("jane", "secret-word"))
            assert "Authorization" in httpserver.log[0][0].headers
            assert "Authorization" not in other.log[0][0].headers

    def test_an_upload_goes_on_whole(self, http, httpserver: HTTPServer):
        """The first host has read the stream to its end: it is sent from its start again."""
        httpserver.expect_request("/a").respond_with_data(status=308, headers={"Location": "/b"})
        httpserver.expect_request("/b").respond_with_data("done")
        body = io.BytesIO(b"before, and a whole file")
        body.seek(len(b"before, "))
        assert http.post(httpserver.url_for("/a"), data=body).ok
        assert [request.get_data() for request, _ in httpserver.log] == [b"and a whole file"] * 2

    def test_an_upload_that_cannot_be_read_twice_does_not_go_on(self, http, httpserver: HTTPServer):
        """Half a file would be worse than none: the redirect is given back."""

        class Once(io.BytesIO):
            def seekable(self) -> bool:
                return False

        httpserver.expect_request("/a").respond_with_data(status=307, headers={"Location": "/b"})
        assert http.post(httpserver.url_for("/a"), data=Once(b"a file")).status == 307
        assert len(httpserver.log) == 1

    def test_a_post_does_not_become_a_get(self, http, httpserver: HTTPServer):
        """The 302 is given back: following it would lose what was sent, and look like success."""
        httpserver.expect_request("/a").respond_with_response(Response(status=302, headers={"Location": "/b"}))
        assert http.post(httpserver.url_for("/a"), data=b"x").status == 302
        assert len(httpserver.log) == 1

    def test_a_redirect_to_nonsense_is_an_error(self, http, raw):
        server = raw(b"HTTP/1.1 302 Found\r\nLocation: http://[x/\r\nContent-Length: 0\r\n\r\n")
        assert refusal(lambda: http.get(server.url)).code == "bad-address"

    def test_a_redirect_does_not_lead_inside(self, http, httpserver: HTTPServer):
        """A site on the net cannot make us ask the router, or a cloud's metadata service."""
        where = "http://169.254.169.254/latest/meta-data/"
        httpserver.expect_request("/a").respond_with_response(Response(status=302, headers={"Location": where}))
        assert refusal(lambda: http.get(httpserver.url_for("/a"))).code == "private-address"


class TestStreams:
    def test_bytes_as_served(self, http, httpserver: HTTPServer):
        body = bytes(range(256)) * 4000
        httpserver.expect_request("/f").respond_with_data(body, content_type="image/png")
        with http.open(httpserver.url_for("/f"), expect="image/png") as stream:
            assert stream.read() == body

    def test_a_cut_file_is_an_error(self, http, raw):
        """A file that stops early must never be kept as if it were whole."""
        with http.open(raw(CUT).url) as stream:
            assert refusal(stream.read).code == "cut"

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_missing_file_is_gone(self, http, httpserver: HTTPServer, status):
        httpserver.expect_request("/f").respond_with_data("", status=status)
        with pytest.raises(FileGone):
            http.open(httpserver.url_for("/f"))

    def test_a_refused_file_is_not_gone(self, http, httpserver: HTTPServer):
        httpserver.expect_request("/f").respond_with_data("", status=403)
        assert refusal(lambda: http.open(httpserver.url_for("/f"))).code == "status-403"

    def test_a_login_page_is_no_picture(self, http, httpserver: HTTPServer):
        """200 with a page of HTML where a picture was asked for."""
        httpserver.expect_request("/f").respond_with_data("<html>Log in</html>", content_type="text/html")
        assert refusal(lambda: http.open(httpserver.url_for("/f"), expect="image/png")).code == "not-the-file"

    def test_closing_early_gives_the_connection_back(self, http, httpserver: HTTPServer):
        """Six streams one after the other, none read to its end, through two connections."""
        httpserver.expect_request("/f").respond_with_data(b"0" * 3_000_000)
        for _ in range(6):
            with http.open(httpserver.url_for("/f")) as stream:
                assert stream.read(10) == b"0" * 10

    def test_a_refused_stream_gives_the_connection_back(self, http, httpserver: HTTPServer):
        httpserver.expect_request("/f").respond_with_data("", status=403)
        for _ in range(4):
            refusal(lambda: http.open(httpserver.url_for("/f")))


class TestManners:
    def test_at_most_two_at_a_time(self, http):
        """Six threads ask; the server never sees more than two of them."""
        lock, now, most, gate = threading.Lock(), [0], [0], threading.Barrier(2, timeout=20)

        def on(_: Request) -> Response:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            gate.wait()  # each pair waits for its other half: the two are here at once
            with lock:
                now[0] -= 1
            return Response("ok")

        with HTTPServer(threaded=True) as server:
            server.expect_request("/").respond_with_handler(on)
            threads = [threading.Thread(target=http.get, args=(server.url_for("/"),)) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert most[0] == 2

    def test_ordered_keeps_the_order(self, http):
        """The first job ends last, and is given first."""
        second_done = threading.Event()

        def first() -> str:
            second_done.wait(20)
            return "first"

        def second() -> str:
            second_done.set()
            return "second"

        assert list(http.ordered([first, second])) == ["first", "second"]

    def test_ordered_takes_jobs_as_needed(self, http):
        """No more than three are begun before the first answer is taken."""
        begun: list[int] = []

        def jobs():
            for n in range(10):
                begun.append(n)
                yield partial(int, n)

        answers = http.ordered(jobs())
        assert next(answers) == 0
        assert len(begun) == 3

    def test_ordered_raises_where_the_answer_would_stand(self, http):
        answers = http.ordered([lambda: 1, lambda: 1 // 0, lambda: 3])
        assert next(answers) == 1
        with pytest.raises(ZeroDivisionError):
            next(answers)

    def test_own_name_and_no_cookies(self, http, httpserver: HTTPServer):
        """Firewalls refuse the names of Python's libraries; a cookie would make two harvests differ."""
        httpserver.expect_request("/").respond_with_data("x", headers={"Set-Cookie": "a=b; Path=/"})
        http.get(httpserver.url_for("/"))
        http.get(httpserver.url_for("/"))
        assert httpserver.log[1][0].headers["User-Agent"] == "keepfolio/test"
        assert "Cookie" not in httpserver.log[1][0].headers

    def test_netrc_is_not_read(self, http, httpserver: HTTPServer, tmp_path, monkeypatch):
        """requests would put a .netrc entry in the place of our own login."""
        (tmp_path / "netrc").write_text("machine localhost login other password other-password\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        httpserver.expect_request("/").respond_with_data("x")
        http.get(httpserver.url_for("/"))
        assert "Authorization" not in httpserver.log[0][0].headers

    def test_no_proxy_for_this_machine(self, raw, monkeypatch):
        """A proxy of the environment is never asked for loopback."""
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
        assert Http(user_agent="t").get(raw(OK).url).body == b"ok"

    def test_a_proxy_of_the_environment_is_used(self, raw, monkeypatch):
        """For everything else it is; no_proxy takes exceptions."""
        proxy = raw(OK)
        monkeypatch.setenv("http_proxy", proxy.url)
        assert Http(user_agent="t").get("http://blog.example.org/x").body == b"ok"
        assert proxy.asked[0].startswith(b"GET http://blog.example.org/x ")
        monkeypatch.setenv("no_proxy", "example.invalid")
        assert refusal(lambda: Http(user_agent="t").get("http://blog.example.invalid/x")).code == "name-not-found"

    def test_method_override(self, http, httpserver: HTTPServer):
        httpserver.expect_request("/", method="POST").respond_with_data("x")
        http.post(httpserver.url_for("/"), override="DELETE")
        assert httpserver.log[0][0].headers["X-HTTP-Method-Override"] == "DELETE"


class TestSecrets:
    def test_no_password_over_plain_http(self, http):
        """To another machine it is not even sent."""
        error = refusal(lambda: http.get("http://blog.example.org/", auth=("jane", "secret-word")))
        assert error.code == "insecure"
        assert http.sent.requests == 0

    def test_an_insecure_host_is_the_owners_choice(self, raw, monkeypatch):
        proxy = raw(OK)
        monkeypatch.setenv("http_proxy", proxy.url)
        http = Http(user_agent="t", insecure=frozenset({"blog.example.org"}))
        assert http.get("http://blog.example.org/", auth=("jane", "secret-word")).ok
        assert b"Authorization" in proxy.asked[0]

    def test_errors_and_logs_do_not_show_secrets(self, http, raw, caplog):
        """Not even a secret that stands in an address."""
        caplog.set_level(logging.DEBUG)
        http.redact("hush hush/hush")
        error = refusal(lambda: http.get(raw(CUT).url, {"key": "hush hush/hush"}))
        shown = error.message + repr(error.__cause__) + caplog.text + repr(http)
        assert "hush" not in shown.replace(HIDDEN, "")
        assert HIDDEN in caplog.text

    def test_user_names_and_passwords_of_any_letters(self, http, httpserver: HTTPServer):
        httpserver.expect_request("/").respond_with_data("x")
        http.get(httpserver.url_for("/"), auth=("zoë", "пароль"))
        assert httpserver.log[0][0].authorization.username == "zoë"
        assert httpserver.log[0][0].authorization.password == "пароль"


def _cookie(request: Request) -> Response:
    return Response(request.headers.get("Cookie", "none"))


def test_secret_headers_stay_at_their_host(httpserver, http, raw):
    """A session's cookie is not carried to another host by a redirect, and shows in no repr."""
    cookie = SecretHeaders({"Cookie": "mahara=s3ss10n"})
    httpserver.expect_request("/here").respond_with_data("", 302, {"Location": httpserver.url_for("/there")})
    httpserver.expect_request("/there", headers={"Cookie": "mahara=s3ss10n"}).respond_with_data("kept")
    assert http.get(httpserver.url_for("/here"), auth=cookie).text == "kept"
    other = raw(OK)
    httpserver.expect_request("/out").respond_with_data("", 302, {"Location": other.url})
    http.configure(other.url)
    assert http.get(httpserver.url_for("/out"), auth=cookie).body == b"ok"
    assert b"s3ss10n" not in other.asked[0]
    assert "s3ss10n" not in repr(cookie)


def test_cookies_of_an_answer_are_told_and_not_kept(httpserver, http):
    """Each cookie by its name, also where an expiry date holds a comma; the next request brings none."""
    answer = Response("set")
    answer.headers.add("Set-Cookie", "mahara=one; path=/; expires=Sun, 22 Nov 2026 08:00:00 GMT; HttpOnly")
    answer.headers.add("Set-Cookie", "lang=en_GB; path=/")
    httpserver.expect_request("/set").respond_with_response(answer)
    httpserver.expect_request("/next").respond_with_handler(
        lambda request: Response(request.headers.get("Cookie", "none"))
    )
    assert http.get(httpserver.url_for("/set")).cookies == {"mahara": "one", "lang": "en_GB"}
    assert http.get(httpserver.url_for("/next")).text == "none"


def test_a_redirect_can_be_looked_at(httpserver, http):
    """Where it leads is sometimes the answer."""
    httpserver.expect_request("/a").respond_with_data("", 303, {"Location": "/login"})
    answer = http.get(httpserver.url_for("/a"), follow=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
