"""
A Moodle that answers as the recorded one did, and that a test can change.

It listens on loopback and is the site: the recorded address is replaced by its own wherever it stands. What a question
means is found out (pages, filters, batches), so that a source may ask for pages of another size than the recorder did.
A test changes ``answers`` (by function and arguments), ``blog``, ``files``, or one of the switches.
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

FIXTURES = Path(__file__).parents[1] / "fixtures" / "moodle"
RECORDED = "https://vle.northshire.example"
TOKEN = "7a11ca5e0000000000000000000a5b17"
PRIVATE = "P" * 64
USER_KEY = "52e3505aef3bb42ef7e0df8443319df0"
PASSWORD = "Pass-rashby-1"
ME = 3
SERVER = "/webservice/rest/server.php"
BATCH = "tool_mobile_call_external_functions"

_IGNORED = {"wstoken", "moodlewssettingraw", "moodlewssettingfilter", "moodlewssettingfileurl"}
_PAGING = {"page", "perpage", "from", "limit", "sort", "order", "sortorder", "sortby", "sortdirection"}
_LISTS = {
    "core_blog_get_entries": "entries",
    "mod_forum_get_forum_discussions": "discussions",
    "mod_data_get_entries": "entries",
    "mod_glossary_get_entries_by_letter": "entries",
}
_BY_COURSE = {
    "mod_forum_get_forums_by_courses": "",
    "mod_data_get_databases_by_courses": "databases",
    "mod_glossary_get_glossaries_by_courses": "glossaries",
    "mod_wiki_get_wikis_by_courses": "wikis",
    "mod_workshop_get_workshops_by_courses": "workshops",
}

Args = dict[str, str]
Name = tuple[str, frozenset[tuple[str, str]]]
"""A question: its function, and its arguments without those that only page or sort."""


@dataclass
class Refuse(Exception):
    """What a function answers in the place of data."""

    code: str | None
    message: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.code)

    def json(self) -> dict[str, Any]:
        code = {"errorcode": self.code} if self.code is not None else {}
        return {"exception": "core\\exception\\moodle_exception", **code, "message": self.message or str(self.code)}


@dataclass
class Reply:
    """A whole answer; ``cut`` closes the connection after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


def recorded(name: str) -> list[dict[str, Any]]:
    """The exchanges of one recording, in their order."""
    with gzip.open(FIXTURES / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def truth() -> dict[str, Any]:
    """What is really in the learner's account."""
    return json.loads((FIXTURES / "truth.json").read_text(encoding="utf-8"))


class FakeMoodle:
    """One site. ``asked`` lists what it was asked for, ``bodies`` the paths of files whose bytes it gave."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.private_token: str | None = PRIVATE
        self.password = PASSWORD
        self.cookie = "cookie-of-a-browser"
        self.state = "on"  # off, maintenance, suspended, expired, mobile-off, moved
        self.refused: dict[str, Refuse] = {}  # by function
        self.locks = 0  # how often the next questions meet a locked session
        self.hidden: set[int] = set()  # courses
        self.absent: set[str] = set()  # functions that the site does not offer
        self.no_batches = False
        self.ranges = True
        self.most = 1000  # rows on a page, whatever is asked for
        self.spoil: Callable[[str, str, str], Reply | None] = lambda _method, _path, _body: None
        self.asked: list[tuple[str, str, str]] = []  # method, path, function
        self.addresses: list[str] = []  # as they came, with their questions
        self.bodies: list[str] = []
        self.agents: set[str] = set()
        self.public: dict[str, Any] = {}
        self.answers: dict[Name, Any] = {}
        self.cooked: dict[Name, Any] = {}  # the same without raw mode: cleaned, escaped
        self.files: dict[str, tuple[bytes, str]] = {}  # path below the site -> bytes, media type
        self.open_pages: dict[str, tuple[int, bytes, str]] = {}  # path with query, for strangers
        self._load()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- for tests --------------------------------------------------------------------------------------------------

    def answer(self, function: str, **arguments: object) -> Any:
        """The recorded answer to a question, to be changed in place."""
        wanted = {(name, str(value)) for name, value in arguments.items()}
        return next(self.answers[n] for n in self.answers if n[0] == function and wanted <= n[1])

    @property
    def blog(self) -> list[dict[str, Any]]:
        """The learner's blog entries."""
        mine = frozenset({("filters[0][name]", "userid"), ("filters[0][value]", str(ME))})
        entries: list[dict[str, Any]] = self.answers["core_blog_get_entries", mine]["entries"]
        return entries

    def entry(self, number: int) -> dict[str, Any]:
        return next(one for one in self.blog if one["id"] == number)

    def private_folder(self, path: str = "/") -> dict[str, Any]:
        found: dict[str, Any] = self.answer("core_files_get_files", filepath=path)
        return found

    def forget(self) -> None:
        """Count anew."""
        self.asked.clear()
        self.bodies.clear()

    # --- loading ----------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        for one in recorded("harvest"):
            self._learn(one)
        self.cooked = copy.deepcopy(self.answers)
        for one in recorded("harvest-raw"):
            self._learn(one)
        config = next(one for one in recorded("sso") if "service-nologin" in one["path"])
        self.public = json.loads(config["body"])[0]["data"]
        requests = {one["label"]: one for one in recorded("gdpr") if one["path"] == SERVER}
        ready = json.loads(requests["tool_dataprivacy_get_data_requests ready"]["body"])
        self.data_request: dict[str, Any] = ready["requests"][0]
        self.data_requests: list[dict[str, Any]] = []
        self.info = self.answers["core_webservice_get_site_info", frozenset()]
        for one in recorded("errors"):
            if one["path"] == "/badges/assertion.php":
                self._learn(one)

    def _learn(self, one: dict[str, Any]) -> None:
        query = dict(one.get("query") or {})
        if one["path"] == SERVER and "wsfunction" in query and one["status"] == 200:
            self._learn_answer(query["wsfunction"], dict(one.get("form") or []), json.loads(one["body"]))
        elif one["path"].startswith(("/webservice/pluginfile.php/", "/pluginfile.php/")) and one["status"] == 200:
            path = unquote(one["path"]).removeprefix("/webservice")
            self.files[path] = (_body(one), one["headers"].get("Content-Type", ""))
        elif one["path"].startswith("/badges/"):
            path = one["path"] + "?" + "&".join(f"{n}={v}" for n, v in query.items())
            self.open_pages[path] = (one["status"], _body(one), one["headers"].get("Content-Type", ""))

    def _learn_answer(self, function: str, form: Args, value: Any) -> None:
        if function == BATCH or "tag" in form.values() or "search" in form.values():
            return
        if function == "core_badges_get_user_badges" and form["perpage"] != "0":
            return
        name = _name(function, form)
        rows = _LISTS.get(function)
        before = self.answers.get(name)
        if rows and isinstance(before, dict) and rows in before and form.get("page", form.get("from", "0")) != "0":
            ids = {one["id"] for one in before[rows]}
            before[rows] += [one for one in value.get(rows, ()) if one["id"] not in ids]
        else:
            self.answers[name] = value

    # --- functions --------------------------------------------------------------------------------------------------

    def call(self, function: str, form: Args) -> Any:
        """What the web service answers; raises ``Refuse``."""
        if self.locks:
            self.locks -= 1
            raise Refuse("ex_unabletolock", "Unable to obtain lock")
        if function in self.refused:
            raise self.refused[function]
        if function in self.absent or (function == BATCH and self.no_batches):
            raise Refuse("accessexception", "Access control exception")
        handler = getattr(self, f"_{function}", None)
        found = handler(form) if handler else self._recorded(function, form)
        if isinstance(found, dict) and "exception" in found:
            raise Refuse(found.get("errorcode"), found["message"])
        return found

    def _recorded(self, function: str, form: Args) -> Any:
        if function in _BY_COURSE or function == "mod_assign_get_assignments":
            return self._by_course(function, form)
        name = _name(function, form)
        answers = self.answers if form.get("moodlewssettingraw") == "1" else self.cooked
        if name not in self.answers:
            raise Refuse("invalidrecord", "Can't find data record in database.")
        return self._paged(function, answers[name], form) if function in _LISTS else answers[name]

    def _paged(self, function: str, whole: dict[str, Any], form: Args) -> dict[str, Any]:
        rows = _LISTS[function]
        size = min(int(form.get("perpage", form.get("limit", 10))), self.most)
        begin = int(form["from"]) if "from" in form else max(int(form.get("page", 0)), 0) * size
        total = {"core_blog_get_entries": "totalentries", "mod_data_get_entries": "totalcount"}.get(function)
        counted = {total: len(whole[rows])} if total else {}
        if function.startswith("mod_glossary"):
            counted = {"count": len(whole[rows])}
        return {**whole, **counted, rows: whole[rows][begin : begin + size]}

    def _by_course(self, function: str, form: Args) -> Any:
        wanted = {int(value) for name, value in form.items() if name.startswith("courseids")} - self.hidden
        whole = next(value for name, value in self.answers.items() if name[0] == function)
        if function == "mod_assign_get_assignments":
            return {**whole, "courses": [one for one in whole["courses"] if one["id"] in wanted]}
        rows = _BY_COURSE[function]
        kept = [one for one in (whole[rows] if rows else whole) if one["course"] in wanted]
        return {**whole, rows: kept} if rows else kept

    def _core_webservice_get_site_info(self, form: Args) -> Any:
        functions = [one for one in self.info["functions"] if one["name"] not in self.absent]
        return {**self.info, "functions": functions}

    def _core_enrol_get_users_courses(self, form: Args) -> Any:
        whole = self.answer("core_enrol_get_users_courses", userid=ME, returnusercount=0)
        return [one for one in whole if one["id"] not in self.hidden]

    def _core_course_get_contents(self, form: Args) -> Any:
        self._open_course(int(form["courseid"]))
        return self.answers["core_course_get_contents", frozenset({("courseid", form["courseid"])})]

    def _core_completion_get_course_completion_status(self, form: Args) -> Any:
        self._open_course(int(form["courseid"]))
        return self._recorded("core_completion_get_course_completion_status", form)

    def _open_course(self, number: int) -> None:
        if number in self.hidden:
            raise Refuse(
                "errorcoursecontextnotvalid",
                f"You cannot execute functions in the course context (course id:{number}). The context error message "
                "was: Course or activity not accessible.",
            )

    def _core_blog_get_entries(self, form: Args) -> Any:
        if form.get("filters[0][name]") == "entryid":
            rows = [one for one in self.blog if str(one["id"]) == form["filters[0][value]"]]
            if not rows:  # as Moodle 4.5.6 answers, where people see each other's blogs
                raise Refuse("nosuchentry", "No such blog entry")
            return {"entries": rows, "totalentries": len(rows), "warnings": []}
        return self._recorded("core_blog_get_entries", form)

    def _core_comment_get_comments(self, form: Args) -> Any:
        nothing = {"comments": [], "count": 0, "perpage": 15, "canpost": True, "warnings": []}
        return self.answers.get(_name("core_comment_get_comments", form), nothing)

    def _core_files_get_files(self, form: Args) -> Any:
        return self.answers.get(_name("core_files_get_files", form), {"parents": [], "files": []})

    def _mod_forum_get_discussion_post(self, form: Args) -> Any:
        for name, value in self.answers.items():
            if name[0] == "mod_forum_get_discussion_posts" and isinstance(value, dict):
                for one in value.get("posts", ()):
                    if str(one["id"]) == form["postid"]:
                        return {"post": one}
        raise Refuse("invalidpostid", "Invalid post ID")

    def _tool_dataprivacy_create_data_request(self, form: Args) -> Any:
        if any(one["status"] < 5 for one in self.data_requests):
            raise Refuse("errorrequestalreadyexists", "You already have an ongoing request.")
        number = len(self.data_requests) + 1
        self.data_requests.append({**self.data_request, "id": number, "status": 2, "statuslabel": "Awaiting approval"})
        return {"datarequestid": number, "warnings": []}

    def _tool_dataprivacy_get_data_requests(self, form: Args) -> Any:
        return {"requests": self.data_requests, "warnings": []}

    def _tool_mobile_call_external_functions(self, form: Args) -> Any:
        responses: list[dict[str, Any]] = []
        while (function := form.get(f"requests[{len(responses)}][function]")) is not None:
            arguments = json.loads(form[f"requests[{len(responses)}][arguments]"])
            raw = {"moodlewssettingraw": form.get(f"requests[{len(responses)}][settingraw]", "0")}
            self.asked.append(("inside", SERVER, function))
            try:
                data = self.call(function, {**dict(_flat(arguments)), **raw})
            except Refuse as refused:
                said = {
                    "message": refused.message or refused.code,
                    "errorcode": refused.code,
                    "link": "",
                    "moreinfourl": "",
                }
                return {"responses": [*responses, {"error": True, "exception": json.dumps(said)}]}
            responses.append({"error": False, "data": self._encoded(data)})
        return {"responses": responses}

    # --- the web ----------------------------------------------------------------------------------------------------

    def respond(self, method: str, target: str, headers: Any, body: bytes) -> Reply:
        """The answer to one request."""
        parts = urlsplit(target)
        query, form = (
            dict(parse_qsl(parts.query)),
            dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
        )
        self.agents.add(headers.get("User-Agent", ""))
        self.asked.append((method, parts.path, query.get("wsfunction", "")))
        self.addresses.append(target)
        spoiled = self.spoil(method, parts.path, query.get("wsfunction", ""))
        if spoiled is not None:
            return spoiled
        if self.state == "moved":
            return Reply(301, b"", {"Location": f"https://elsewhere.example{target}"})
        if parts.path == SERVER:
            return self._rest(query, form)
        if parts.path.startswith("/webservice/pluginfile.php/"):
            return self._file(method, unquote(parts.path).removeprefix("/webservice"), {**query, **form}, headers)
        if parts.path.startswith("/pluginfile.php/"):
            return Reply(303, b"", {"Location": f"{self.url}/login/index.php"})
        if parts.path == "/login/token.php":
            return self._json(self._log_in(query, form))
        if parts.path == "/lib/ajax/service-nologin.php":
            return self._json([{"error": False, "data": self.public}])
        if parts.path == "/admin/tool/mobile/launch.php":
            return self._launch(query, headers)
        if target in self.open_pages:
            status, page, kind = self.open_pages[target]
            return Reply(status, page, {"Content-Type": kind})
        return Reply(404, b"<html><title>Not found</title></html>", {"Content-Type": "text/html; charset=utf-8"})

    def _rest(self, query: Args, form: Args) -> Reply:
        if self.state == "off":
            return Reply(403)
        if query.get("moodlewsrestformat") != "json":
            return Reply(200, b'<?xml version="1.0"?><RESPONSE/>', {"Content-Type": "application/xml"})
        try:
            self._admit(form.get("wstoken", ""))
            return self._json(self.call(query["wsfunction"], form))
        except Refuse as refused:
            return self._json(refused.json())

    def _admit(self, token: str) -> None:
        refusals = {
            "maintenance": Refuse(
                "sitemaintenance", "The site is undergoing maintenance and is currently not available"
            ),
            "suspended": Refuse("wsaccessusersuspended", "Refused web service access for suspended username: rashby"),
            "expired": Refuse("accessexception", "Access control exception"),
            "mobile-off": Refuse("accessexception", "Access control exception"),
        }
        if self.state in refusals:
            raise refusals[self.state]
        if token != self.token:
            raise Refuse("invalidtoken", "Invalid token - token not found")

    def _log_in(self, query: Args, form: Args) -> dict[str, Any]:
        if "appsitecheck" in query:
            return {"appsitecheck": "ok"}
        code = {"off": "enablewsdescription", "maintenance": "sitemaintenance", "mobile-off": "servicenotavailable"}
        if self.state in code:
            return {"error": code[self.state], "errorcode": code[self.state]}
        if form.get("password") != self.password or form.get("username") != "rashby" or self.state == "suspended":
            return {"error": "Invalid login, please try again", "errorcode": "invalidlogin", "stacktrace": None}
        return {"token": self.token, "privatetoken": self.private_token}

    def _launch(self, query: Args, headers: Any) -> Reply:
        if f"MoodleSession={self.cookie}" not in headers.get("Cookie", ""):
            return Reply(303, b"", {"Location": f"{self.url}/login/index.php"})
        if self.state == "launch-off":
            return Reply(404, b"<html><title>Plugin not enabled or configured</title></html>")
        return Reply(302, b"", {"Location": self.link(query["passport"])})

    def link(self, passport: str) -> str:
        """The link that hands the token over."""
        sign = hashlib.md5(f"{self.url}{passport}".encode()).hexdigest()
        inside = ":::".join(filter(None, (sign, self.token, self.private_token)))
        return f"moodlemobile://token={base64.b64encode(inside.encode()).decode()}"

    def _file(self, method: str, path: str, given: Args, headers: Any) -> Reply:
        code = {"suspended": "wsaccessusersuspended", "maintenance": "sitemaintenance"}.get(self.state)
        code = code or ("missingparam" if "token" not in given else "")
        dead = self.state in {"expired", "mobile-off"} or given.get("token") != self.token
        code = code or ("invalidtoken" if dead else "") or ("" if path in self.files else "filenotfound")
        if code:
            said = self._json({"error": code, "errorcode": code, "stacktrace": None})
            return Reply(404 if code == "filenotfound" else 200, said.body, said.headers)
        data, kind = self.files[path]
        if method != "HEAD":
            self.bodies.append(path)
        shown = {"Content-Type": kind, "Etag": f'"{hashlib.sha1(data).hexdigest()}"'}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("Range", ""))
        if wanted and self.ranges and data and int(wanted[1]) < len(data):
            begin, end = int(wanted[1]), min(int(wanted[2] or len(data)), len(data) - 1)
            return Reply(206, data[begin : end + 1], {**shown, "Content-Range": f"bytes {begin}-{end}/{len(data)}"})
        return Reply(200, data, shown)

    def _json(self, value: Any) -> Reply:
        return Reply(200, self._encoded(value).encode(), {"Content-Type": "application/json"})

    def _encoded(self, value: Any) -> str:
        """JSON as PHP writes it, with this site's own address in it."""
        return json.dumps(value).replace(RECORDED, self.url).replace("\\\\/", "/").replace("/", "\\/")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet
            disable_nagle_algorithm = True

            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply = fake.respond(self.command, self.path, self.headers, body)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
                self.wfile.flush()
                self.close_connection = self.close_connection or reply.cut is not None

            do_GET = do_POST = do_HEAD = _do

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _body(one: dict[str, Any]) -> bytes:
    if "body_file" not in one:
        return str(one.get("body") or "").encode()
    name = one["body_file"]
    return (FIXTURES / name).read_bytes()


def _name(function: str, form: Args) -> Name:
    return function, frozenset((n, v) for n, v in form.items() if n not in _IGNORED | _PAGING and "options" not in n)


def _flat(value: Any, under: str = "") -> list[tuple[str, str]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    rows: list[tuple[str, str]] = []
    for name, one in pairs:
        here = f"{under}[{name}]" if under else str(name)
        rows += _flat(one, here) if isinstance(one, (dict, list)) else [(here, str(one))]
    return rows
