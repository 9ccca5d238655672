"""Plays whole orders between two mock-edi 0.9.0, a buyer and a seller, with a running Quayside as the copy of both sides.

The mocks are run as tools. Everything one of them sends is handed to the other, and the same bytes are posted to Quayside, as a
translator does in MIRROR mode. What Quayside says became of each message is held against edi-choreography.txt, behaviour by
behaviour and in both dialects; UPDATE=1 writes that file. Usage: edi-choreography.py QUAYSIDE FOLDER.
"""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from mockedi.testing import Mock

TENANT = "choreography"
HOUR = 3600
PINNED = Path(__file__).with_suffix(".txt")
DIALECTS = {"X12": "004010", "EDIFACT": "D:96A:UN"}
BUYERS = ["duplicate-order", "change-after-confirm", "cancel-late", "corrupt", "late", "no-ack", "reject-ack", "strict"]
SELLERS = ["accept", "short-ship", "over-ship", "reject-line", "reject-all", "no-ack", "duplicate-invoice", "out-of-order",
           "late", "corrupt", "strict"]
# Each behaviour is a vendor of its own: (name, the buyer's behaviour, the seller's).
SCENES = [(f"buyer {name}", name, "accept") for name in BUYERS] + [(f"seller {name}", "accept", name) for name in SELLERS]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Quayside:
    """A server with a data folder of its own."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {**os.environ, "QUAYSIDE_DATA_DIR": str(folder / "data"),
                            "QUAYSIDE_LISTEN": self.url.removeprefix("http://")}
        self.log = (folder / "log").open("wb")
        self.tokens = {}

    def run(self, *arguments):
        ran = subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{' '.join(arguments)}: {ran.stderr}")
        return ran.stdout.strip().splitlines()[-1] if ran.stdout.strip() else ""

    def set_up(self):
        self.run("migrate")
        self.run("tenant", "create", "--slug", TENANT, "--name", "Choreography")
        for dialect in DIALECTS:
            ids = [argument for scene in range(len(SCENES)) for argument in ("--id", f"ZZ:{seller_id(dialect, scene)}")]
            self.run("supplier", "create", "--tenant", TENANT, "--number", dialect, "--name", f"The {dialect} seller")
            self.run("partner", "create", "--tenant", TENANT, "--supplier", dialect, "--name", dialect, "--environment",
                     "TEST", "--currency", "USD", *ids)
            self.tokens[dialect] = self.run("token", "create", "--tenant", TENANT, "--name", "mirror", "--partner", dialect)

    def __enter__(self):
        self.set_up()
        self.process = subprocess.Popen([self.binary, "serve"], env=self.environment, stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5)
                return self
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        sys.exit("the server did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()

    def mirror(self, dialect, payload):
        """What becomes of each message of an interchange."""
        request = urllib.request.Request(
            f"{self.url}/edi/v1/interchanges", data=payload.encode("latin-1"), method="POST",
            headers={"Authorization": f"Bearer {self.tokens[dialect]}", "Content-Type": "text/plain"})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                body = json.load(reply)
        except urllib.error.HTTPError as error:
            body = json.load(error)
            if error.code != 422:
                return [f"HTTP {error.code} {body}"]
        # A TA1 is an interchange without a message.
        told = [said(message) for message in body["messages"]]
        return told or ["no message: " + (codes(body) or "taken")]


def codes(told):
    return " ".join(dict.fromkeys(problem["code"] for problem in told["problems"]))


def said(message):
    return " ".join(filter(None, [message["type"], message["outcome"], codes(message)]))


def seller_id(dialect, scene):
    return f"{dialect[:3]}SELL{scene:02}"


def play(quayside, dialect, scene):
    """One order from first to last; tells what Quayside said of each message, in their order."""
    name, buying, selling = SCENES[scene]
    seller_name, buyer_name, number = seller_id(dialect, scene), f"{dialect[:3]}BUYER", f"PO{dialect[0]}{scene:02}"
    told = []
    with ExitStack() as stack:
        slow = {"despatch_delay_ms": HOUR * 1000, "invoice_delay_ms": 2 * HOUR * 1000}
        buyer = stack.enter_context(Mock.start(as2_id=buyer_name))
        seller = stack.enter_context(Mock.start(as2_id=seller_name, **slow))
        for mock, other, role, behaviour in ((buyer, seller_name, "supplier", buying), (seller, buyer_name, "customer", selling)):
            made = mock.post("/_mock/partners", {"id": other, "role": role, "dialect": dialect, "version": DIALECTS[dialect],
                                                 "behaviour": behaviour})
            assert made.status == 201, made
        items = {item["sku"]: item for item in seller.get("/_mock/catalog").body}
        lines = [{"sku": sku, "quantity": quantity, "price": items[sku]["price"]}
                 for sku, quantity in (("BRKT-050", 100), ("BRKT-075", 40))]
        placed = buyer.post("/_mock/purchase", {"partner": seller_name, "po_number": number, "lines": lines})
        assert placed.status == 201, placed
        seen = set()
        for _ in range(10):
            while deliver(quayside, dialect, (buyer, seller), seen, told):
                pass
            for mock in (buyer, seller):
                mock.advance(seconds=HOUR)
    return [f"{dialect} {name}:"] + [f"    {line}" for line in told]


def deliver(quayside, dialect, mocks, seen, told):
    """Hands over what is waiting on either side, and a copy to Quayside; whether there was anything."""
    moved = False
    for sender, receiver in (mocks, mocks[::-1]):
        sender.advance(seconds=2)
        for row in sorted(sender.mailbox(), key=lambda row: row["id"]):
            if (id(sender), row["id"]) in seen:
                continue
            seen.add((id(sender), row["id"]))
            moved = True
            told.extend(quayside.mirror(dialect, row["payload"]))
            receiver.send(row["payload"])
    return moved


def main(binary, folder):
    told = []
    with Quayside(binary, Path(folder)) as quayside:
        for dialect in DIALECTS:
            for scene in range(len(SCENES)):
                told += play(quayside, dialect, scene)
    text = "\n".join(told) + "\n"
    if os.environ.get("UPDATE"):
        PINNED.write_text(text)
    pinned = PINNED.read_text()
    if text != pinned:
        import difflib
        sys.stdout.writelines(difflib.unified_diff(pinned.splitlines(True), text.splitlines(True), "pinned", "played"))
        sys.exit("what Quayside says of the choreography has changed")
    print(f"{len(DIALECTS) * len(SCENES)} orders played, {sum(line.startswith('    ') for line in told)} messages as pinned")


if __name__ == "__main__":
    main(*sys.argv[1:])
