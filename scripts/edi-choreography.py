"""Plays whole orders between two mock-edi 0.9.0, a buyer and a seller, with a running Quayside as the copy of both sides.

The mocks are run as tools. Everything one of them sends is handed to the other, and the same bytes are posted to Quayside, as a
translator does in MIRROR mode. What Quayside says became of each message, and how the order and its exceptions stand in the
end, is held against edi-choreography.txt, behaviour by behaviour and in both dialects; UPDATE=1 writes that file. Usage: edi-choreography.py QUAYSIDE FOLDER.
"""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
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

    def run(self, *arguments, given=""):
        ran = subprocess.run([self.binary, *arguments], env=self.environment, input=given, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{' '.join(arguments)}: {ran.stderr}")
        return ran.stdout.strip().splitlines()[-1] if ran.stdout.strip() else ""

    def set_up(self):
        self.run("migrate")
        self.run("tenant", "create", "--slug", TENANT, "--name", "Choreography")
        for dialect in DIALECTS:
            self.run("supplier", "create", "--tenant", TENANT, "--number", dialect, "--name", f"The {dialect} seller")
            self.run("partner", "create", "--tenant", TENANT, "--supplier", dialect, "--name", dialect, "--environment",
                     "TEST", "--currency", "USD", "--id", f"ZZ:{seller_id(dialect)}")
            self.tokens[dialect] = self.run("token", "create", "--tenant", TENANT, "--name", "mirror", "--partner", dialect)
        email = "paula@choreography.example"
        self.run("user", "create", "--tenant", TENANT, "--email", email, "--name", "Paula", "--role", "PROCUREMENT",
                 given="a long walk by the quay")
        self.buyer = self.run("token", "create", "--tenant", TENANT, "--name", "looking on", "--user", email)

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
        interchanges = body["interchanges"]
        told = [said(message) for interchange in interchanges for message in interchange["messages"]]
        faults = body["problems"] + [problem for interchange in interchanges for problem in interchange["problems"]]
        return told or ["no message: " + (codes({"problems": faults}) or "taken")]

    def standing(self, number):
        """How an order stands, line by line, and what is open about it."""
        query = """query ($number: String!) { purchaseOrders(first: 2, filter: { number: $number }) { nodes {
            id status revision fulfillment lines { number status } } } }"""
        found = self.ask(query, {"number": number})["purchaseOrders"]["nodes"]
        if not found:
            return ["no order"]
        order = found[0]
        query = "query ($order: ID!) { exceptions(first: 50, filter: { orderId: $order, open: true }) { nodes { kind } } }"
        kinds = sorted({node["kind"] for node in self.ask(query, {"order": order["id"]})["exceptions"]["nodes"]})
        lines = " ".join(f"{line['number']}={line['status']}" for line in order["lines"])
        return [f"order {order['status']} {order['fulfillment']}, revision {order['revision']}, {lines}",
                "open: " + (" ".join(kinds) or "nothing")]

    def ask(self, query, variables):
        request = urllib.request.Request(
            f"{self.url}/graphql", data=json.dumps({"query": query, "variables": variables}).encode(), method="POST",
            headers={"Authorization": f"Bearer {self.buyer}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            answer = json.load(reply)
        assert "errors" not in answer, answer
        return answer["data"]


def codes(told):
    return " ".join(dict.fromkeys(problem["code"] for problem in told["problems"]))


def said(message):
    return " ".join(filter(None, [message["type"], message["outcome"], codes(message)]))


def seller_id(dialect):
    return f"{dialect}SELLER"


def play(quayside, seller, dialect, scene):
    """One order from first to last; tells what Quayside said of each message, in their order."""
    name, buying, selling = SCENES[scene]
    buyer_name, number = f"{dialect}BUYER{scene:02}", f"PO{dialect[0]}{scene:02}"
    told = []
    with Mock.start(as2_id=buyer_name) as buyer:
        sides = ((buyer, buyer_name, seller_id(dialect), "supplier", buying),
                 (seller, seller_id(dialect), buyer_name, "customer", selling))
        for mock, _, other, role, behaviour in sides:
            made = mock.post("/_mock/partners", {"id": other, "role": role, "dialect": dialect, "version": DIALECTS[dialect],
                                                 "behaviour": behaviour})
            assert made.status == 201, made
        items = {item["sku"]: item for item in seller.get("/_mock/catalog").body}
        lines = [{"sku": sku, "quantity": quantity, "price": items[sku]["price"]}
                 for sku, quantity in (("BRKT-050", 100), ("BRKT-075", 40))]
        placed = buyer.post("/_mock/purchase", {"partner": seller_id(dialect), "po_number": number, "lines": lines})
        assert placed.status == 201, placed
        seen = set()
        for _ in range(8):
            while deliver(quayside, dialect, sides, seen, told):
                pass
            for mock in (buyer, seller):
                mock.advance(seconds=HOUR)
    return [f"{dialect} {name}:"] + [f"    {line}" for line in told + quayside.standing(number)]


def deliver(quayside, dialect, sides, seen, told):
    """Hands over what is waiting on either side, and a copy to Quayside; whether there was anything."""
    moved = False
    for (sender, own, other, *_), (receiver, *_) in (sides, sides[::-1]):
        sender.advance(seconds=2)
        for row in sorted(sender.mailbox(partner=other), key=lambda row: row["id"]):
            if (own, row["id"]) in seen:
                continue
            seen.add((own, row["id"]))
            moved = True
            told.extend(quayside.mirror(dialect, row["payload"]))
            receiver.send(row["payload"])
    return moved


def main(binary, folder):
    told = []
    with Quayside(binary, Path(folder)) as quayside:
        for dialect in DIALECTS:
            # One seller for all: its numbers of shipments go on. Its despatch waits, so that a change can still come.
            slow = {"despatch_delay_ms": HOUR * 1000, "invoice_delay_ms": 2 * HOUR * 1000}
            with Mock.start(as2_id=seller_id(dialect), **slow) as seller:
                for scene in range(len(SCENES)):
                    told += play(quayside, seller, dialect, scene)
    text = "\n".join(told) + "\n"
    if os.environ.get("UPDATE"):
        PINNED.write_text(text)
    pinned = PINNED.read_text()
    if text != pinned:
        import difflib
        sys.stdout.writelines(difflib.unified_diff(pinned.splitlines(True), text.splitlines(True), "pinned", "played"))
        sys.exit("what Quayside says of the choreography has changed")
    print(f"{len(DIALECTS) * len(SCENES)} orders played, {sum(line.startswith('    ') for line in told)} facts as pinned")


if __name__ == "__main__":
    main(*sys.argv[1:])
