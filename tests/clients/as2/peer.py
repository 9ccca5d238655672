"""Speaks AS2 with pyas2lib (GPL, run and never part of what we ship), as the partner of a server under test.

    peer.py send FOLDER SETTINGS      sends one message, and says in JSON what the answer was
    peer.py serve FOLDER SETTINGS     takes messages and confirms them; a line of JSON for the port and for each message

FOLDER holds ours.p12, ours.pem (the peer's own key and certificate) and theirs.pem. SETTINGS is JSON; see `Settings`.
Run by scripts/as2-peers in the environment it makes.
"""
import hashlib
import http.client
import http.server
import json
import sys
import threading
import urllib.parse
from pathlib import Path

from pyas2lib import as2

FOLDER = Path(sys.argv[2])
SETTINGS = json.loads(sys.argv[3])


def own():
    key = (FOLDER / "ours.p12").read_bytes()
    return as2.Organization(
        as2_name="NORDHAVEN", sign_key=key, sign_key_pass="test", decrypt_key=key, decrypt_key_pass="test",
        mdn_url=SETTINGS.get("mdn_url"),
    )


def other(**more):
    verify = (FOLDER / "theirs.pem").read_bytes()
    encrypt = (FOLDER / SETTINGS.get("encrypt_for", "theirs.pem")).read_bytes()
    return as2.Partner(
        as2_name="NORTHDIST", verify_cert=verify, encrypt_cert=encrypt, validate_certs=False, **more
    )


def raw(message):
    return message.headers_str + b"\r\n" + message.content


def read_mdn(headers, body, message):
    mdn = as2.Mdn()
    status, detail = mdn.parse(headers + b"\r\n" + body, find_message_cb=lambda _id, _to: message)
    return {"status": status, "detail": str(detail), "text": body.decode("latin-1")}


def post(url, headers, body):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request("POST", parts.path, body=body, headers=dict(headers))
    answer = connection.getresponse()
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.getheaders()).encode()
    return answer.status, lines, answer.read()


def send():
    """Builds and sends a message, and again if it is to be repeated."""
    partner = other(
        sign=SETTINGS["sign"], encrypt=SETTINGS["encrypt"], compress=SETTINGS["compress"],
        digest_alg=SETTINGS.get("digest", "sha256"), enc_alg=SETTINGS.get("cipher", "aes_256_cbc"),
        mdn_mode="ASYNC" if SETTINGS.get("mdn_url") else "SYNC", mdn_digest_alg=SETTINGS.get("digest", "sha256"),
    )
    message = as2.Message(own(), partner)
    payload = (FOLDER / SETTINGS["payload"]).read_bytes()
    message.build(
        payload, filename="850.edi", subject="order", content_type="application/edi-x12",
        disposition_notification_to="as2@nordhaven.example",
    )
    body = message.content
    if SETTINGS.get("tamper"):
        body = bytearray(body)
        body[len(body) // 2] ^= 1
        body = bytes(body)
    inbox = Inbox() if SETTINGS.get("mdn_url") else None
    status, headers, answer = post(SETTINGS["url"], message.headers, body)
    said = {"http": status}
    if inbox:
        headers, answer = inbox.take()
    said.update(read_mdn(headers, answer, message))
    if SETTINGS.get("repeat"):
        _, _, again = post(SETTINGS["url"], message.headers, body)
        said["same"] = again == answer
    print(json.dumps(said), flush=True)


class Inbox:
    """Takes one asynchronous MDN at `mdn_url`."""

    def __init__(self):
        self.taken = threading.Event()
        inbox = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.headers = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items()).encode()
                inbox.body = body
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                inbox.taken.set()

            def log_message(self, *_):
                pass

        port = urllib.parse.urlsplit(SETTINGS["mdn_url"]).port
        server = http.server.HTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def take(self):
        if not self.taken.wait(60):
            raise SystemExit("no MDN came")
        return self.headers, self.body


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes messages, and answers them with MDNs."""

    def do_HEAD(self):
        self.send_response(405)
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # Some names are compared letter by letter there.
        lines = "".join(f"{name.title()}: {value}\r\n" for name, value in self.headers.items()).encode()
        message = as2.Message()
        status, problem, mdn = message.parse(
            lines + b"\r\n" + body, find_org_cb=lambda _: own(), find_partner_cb=lambda _: other()
        )
        content = message.content if status == "processed" else b""
        said = {"status": status, "problem": str(problem), "sha256": hashlib.sha256(content).hexdigest()}
        said["signed"], said["encrypted"], said["compressed"] = message.signed, message.encrypted, message.compressed
        print(json.dumps(said), flush=True)
        if SETTINGS.get("mdn_url"):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            post(SETTINGS["mdn_url"], mdn.headers, mdn.content)
            return
        self.send_response(200)
        for name, value in mdn.headers.items():
            self.send_header(name, value.replace("\r\n", "").replace("\n", ""))
        self.send_header("Content-Length", str(len(mdn.content)))
        self.end_headers()
        self.wfile.write(mdn.content)

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    print(json.dumps({"port": server.server_port}), flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


{"send": send, "serve": serve}[sys.argv[1]]()
