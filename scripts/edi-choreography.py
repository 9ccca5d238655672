"""Plays whole orders with mock-edi 0.9.0, beside a running Quayside and with it. The mocks are run as tools.

MIRROR: two mocks, a buyer and a seller. Everything one of them sends is handed to the other, and the same bytes are posted to
Quayside, as a translator does. EXCHANGE: Quayside is the buyer. Its ERP hands in orders, and what lies in its drop folder is
handed to a mock that sells; what that sends is put into the folder.

What Quayside says became of each message, and how the order and its exceptions stand in the end, is held against
edi-choreography.txt, behaviour by behaviour and in both dialects; UPDATE=1 writes that file. Usage:
edi-choreography.py QUAYSIDE FOLDER.
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
# With Quayside as the buyer: (name, the seller's behaviour, the quantities of the first line that the ERP wants). A strict
# mock rejects what its dictionary lacks, and that knows neither VN for the vendor's part nor 063 for the last day.
EXCHANGES = [(f"exchange {name}", name, [100]) for name in [*SELLERS, "reject-ack"]] + [("exchange change", "accept", [100, 60])]
OURS = "QUAYSIDE"
WRITTEN = {"X12": "004010", "EDIFACT": "D96A"}
REPORTS = {"997", "999", "TA1", "CONTRL"}
ADVICE = {"824", "APERAK"}
PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Quayside:
    """A server with a data folder of its own."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.url = f"http://127.0.0.1:{free_port()}"
        self.files = folder / "files"
        self.environment = {**os.environ, "QUAYSIDE_DATA_DIR": str(folder / "data"),
                            "QUAYSIDE_LISTEN": self.url.removeprefix("http://"),
                            "QUAYSIDE_EDI_FOLDERS": f"{TENANT}={self.files}",
                            "QUAYSIDE_API_COST_POINTS": "1000000"}
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
            self.set_up_exchange(dialect)
        email = "paula@choreography.example"
        self.run("user", "create", "--tenant", TENANT, "--email", email, "--name", "Paula", "--role", "PROCUREMENT",
                 given="a long walk by the quay")
        self.buyer = self.run("token", "create", "--tenant", TENANT, "--name", "looking on", "--user", email)

    def set_up_exchange(self, dialect):
        """A seller who is reached through a folder, and a token for whoever plays the ERP."""
        name, folder = f"{dialect} exchange", self.files / dialect
        (folder / "in").mkdir(parents=True)
        self.run("supplier", "create", "--tenant", TENANT, "--number", name, "--name", name)
        config = folder / "connection.json"
        config.write_text(json.dumps({"folder": str(folder), "settle_seconds": 0}))
        self.run("connection", "create", "--tenant", TENANT, "--kind", "edi-folder", "--name", name, "--environment", "TEST",
                 "--event-type", "interchange.composed", "--config-file", str(config))
        # The mock counts pieces in EDIFACT.
        codes = [{"list": "UNIT", "theirs": "PCE", "ours": "EA"}] if dialect == "EDIFACT" else []
        agreement = {"syntax": dialect, "version": WRITTEN[dialect], "codes": codes}
        self.run("partner", "create", "--tenant", TENANT, "--supplier", name, "--name", name, "--mode", "EXCHANGE",
                 "--environment", "TEST", "--currency", "USD", "--id", f"ZZ:{exchange_id(dialect)}", "--our-id", f"ZZ:{OURS}",
                 "--connection", name, "--file", "-", given=json.dumps({"agreement": agreement}))
        self.tokens[name] = self.run("token", "create", "--tenant", TENANT, "--name", "the ERP", "--connection", name)

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

    def post(self, path, token, body, kind):
        """The status and the document of an answer."""
        request = urllib.request.Request(f"{self.url}{path}", data=body, method="POST", headers={
            "Authorization": f"Bearer {self.tokens[token]}", "Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def mirror(self, dialect, payload):
        """What becomes of each message of an interchange."""
        status, body = self.post("/edi/v1/interchanges", dialect, payload.encode("latin-1"), "text/plain")
        if status not in (200, 422):
            return [f"HTTP {status} {body}"]
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


class Folder:
    """The drop folder between Quayside and a seller, as the seller's side sees it."""

    def __init__(self, quayside, dialect):
        self.quayside, self.name = quayside, f"{dialect} exchange"
        self.path = quayside.files / dialect
        self.taken = 0
        query = "{ tradingPartners(first: 50) { nodes { name id connectionId } } }"
        found = quayside.ask(query, {})["tradingPartners"]["nodes"]
        self.partner, self.connection = next(
            (node["id"], node["connectionId"]) for node in found if node["name"] == self.name)

    def release(self, number, sequence, lines):
        """The ERP hands in a revision of an order."""
        document = {"number": number, "supplier": self.name, "currency": "USD", "orderedOn": "2026-11-23",
                    "revision": {"id": str(sequence), "issuedAt": f"2026-11-23T08:0{sequence}:00Z"}, "lines": lines}
        status, body = self.quayside.post("/ingest/v1/purchase-orders", self.name, json.dumps(document).encode(),
                                          "application/json")
        assert status in (200, 201), body

    def take(self, expected):
        """So many files that Quayside put there, in the order of their control numbers: kind and text of each."""
        files = eventually(f"{expected} files from Quayside", lambda: self.waiting(expected))
        texts = []
        for number, path in files:
            assert number == self.taken + 1, f"a gap in the control numbers: {path}"
            self.taken = number
            texts.append((path.name.split("-")[0], path.read_bytes().decode("latin-1")))
            path.unlink()
        return texts

    def waiting(self, expected):
        out = self.path / "out"
        found = [path for path in out.iterdir() if path.suffix != ".tmp"] if out.exists() else []
        return sorted((int(path.stem.split("-")[1]), path) for path in found) if len(found) >= expected else None

    def put(self, name, control, payload):
        """Puts a file into the folder, and gives what became of the messages in it."""
        path = self.path / "in" / name
        path.with_suffix(".tmp").write_bytes(payload.encode("latin-1"))
        path.with_suffix(".tmp").rename(path)
        poll = "mutation ($input: PollConnectionNowInput!) { pollConnectionNow(input: $input) { userErrors { code } } }"
        self.quayside.ask(poll, {"input": {"connectionId": self.connection, "idempotencyKey": f"{self.name} {name}"}})
        return eventually(f"the interchange {control}", lambda: self.outcome(control))

    def outcome(self, control):
        query = """query ($filter: InterchangeFilter) { interchanges(first: 5, filter: $filter) { nodes { finishedAt
            messages(first: 50) { nodes { type outcome stage problems { code } } } } } }"""
        found = self.quayside.ask(query, {"filter": {"tradingPartnerId": self.partner, "controlNumber": control}})
        nodes = [node for node in found["interchanges"]["nodes"] if node["finishedAt"]]
        return [*nodes[0]["messages"]["nodes"]] if nodes else None

    def sent(self, number):
        """What was sent about an order, and where it stands."""
        query = "query ($number: String!) { purchaseOrder(number: $number) { sentInterchanges { status documents { type } } } }"
        sent = self.quayside.ask(query, {"number": number})["purchaseOrder"]["sentInterchanges"]
        return "sent: " + " ".join(f"{node['documents'][0]['type']}={node['status']}" for node in sent)


def eventually(what, look):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    sys.exit(f"{what} did not come within {PATIENCE} s")


def codes(told):
    return " ".join(dict.fromkeys(problem["code"] for problem in told["problems"]))


def said(message):
    return " ".join(filter(None, [message["type"], message["outcome"], codes(message)]))


def seller_id(dialect):
    return f"{dialect}SELLER"


def exchange_id(dialect):
    return f"{dialect}EXCHANGE"


def exchange(folder, seller, dialect, place):
    """One order that Quayside sends, from first to last; tells what each side sent, and what became of it."""
    name, behaviour, quantities = EXCHANGES[place]
    number, told, seen = f"EX{dialect[0]}{place:02}", [], {row["id"] for row in seller.mailbox(partner=OURS)}
    changed = seller.patch(f"/_mock/partners/{OURS}", {"behaviour": behaviour})
    assert changed.status == 200, changed
    items = {item["sku"]: item for item in seller.get("/_mock/catalog").body}

    def revise(sequence, quantity):
        lines = [{"number": line, "supplierPart": sku, "quantity": str(amount), "unit": "EA", "unitPrice": items[sku]["price"]}
                 for line, sku, amount in (("1", "BRKT-050", quantity), ("2", "BRKT-075", 40))]
        folder.release(number, sequence, lines)
        hand_over(1)

    def hand_over(expected):
        for kind, text in folder.take(expected):
            told.append(f"> {kind}")
            seller.send(text)

    def hear():
        """Puts what the seller has to say into the folder, file by file; whether there was anything."""
        seller.advance(seconds=2)
        rows = [row for row in seller.mailbox(partner=OURS) if row["id"] not in seen]
        for row in sorted(rows, key=lambda row: row["id"]):
            seen.add(row["id"])
            control = row["control"].zfill(9) if dialect == "X12" else row["control"]
            messages = folder.put(f"{row['id']}.edi", control, row["payload"])
            told.extend(f"< {said(message)}" for message in messages)
            hand_over(owed(messages))
        return bool(rows)

    for sequence, quantity in enumerate(quantities, 1):
        revise(sequence, quantity)
        while hear():
            pass
    for _ in range(8):
        seller.advance(seconds=HOUR)
        while hear():
            pass
    return [f"{dialect} {name}:"] + [f"    {line}" for line in [*told, folder.sent(number), *folder.quayside.standing(number)]]


def owed(messages):
    """How many interchanges Quayside answers: one about the form, one about what is right in form and refused."""
    about = [message for message in messages if message["type"] not in REPORTS | ADVICE]
    refused = any(message["outcome"] == "REFUSED" and message["stage"] != "RECEIVED" for message in about)
    return bool(about) + refused


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
            with Mock.start(as2_id=exchange_id(dialect), **slow) as seller:
                made = seller.post("/_mock/partners", {"id": OURS, "role": "customer", "dialect": dialect,
                                                       "version": DIALECTS[dialect]})
                assert made.status == 201, made
                folder = Folder(quayside, dialect)
                for place in range(len(EXCHANGES)):
                    told += exchange(folder, seller, dialect, place)
    text = "\n".join(told) + "\n"
    if os.environ.get("UPDATE"):
        PINNED.write_text(text)
    pinned = PINNED.read_text()
    if text != pinned:
        import difflib
        sys.stdout.writelines(difflib.unified_diff(pinned.splitlines(True), text.splitlines(True), "pinned", "played"))
        sys.exit("what Quayside says of the choreography has changed")
    print(f"{len(DIALECTS) * (len(SCENES) + len(EXCHANGES))} orders played, {sum(line.startswith('    ') for line in told)} facts as pinned")


if __name__ == "__main__":
    main(*sys.argv[1:])
