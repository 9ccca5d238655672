"""An SFTP server made with asyncssh (EPL or GPL, run and never part of what we ship), as the partner of one under test.

    server.py FOLDER        serves FOLDER/root; prints one line of JSON: its port and its host keys

Into FOLDER it writes the keys that its user `northdist` may log in with (`key`, `key.rsa`, `key.locked` with the passphrase
`canary phrase`) and one that it may not (`stranger`). The user's password is `canary password`.

FOLDER/log.jsonl gets a line for each thing that is done, before it is answered. FOLDER/plan.json, read at each connection, says
what is to go wrong:

    methods     which of publickey, password and keyboard-interactive are offered; without it the first two
    hang_up     the login is broken off
    refuse      operations that are refused, and with which number
    break_at    the connection is broken off at this operation, once; the plan is removed then
    done        whether that operation is done before

Run by scripts/sftp-peers in the environment it makes.
"""
import asyncio
import inspect
import json
import sys
from pathlib import Path

import asyncssh

FOLDER = Path(sys.argv[1])
USER, PASSWORD, PHRASE = "northdist", "canary password", "canary phrase"
HOST_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")
OPERATIONS = ("open", "close", "read", "write", "lstat", "stat", "remove", "mkdir", "rename", "posix_rename", "fsync")


def log(**what):
    with open(FOLDER / "log.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def plan():
    try:
        return json.loads((FOLDER / "plan.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}


def shown(value):
    return value.decode(errors="replace") if isinstance(value, bytes) and len(value) < 200 else None


class Files(asyncssh.SFTPServer):
    """The folder, and what is to go wrong in it."""

    def __init__(self, chan):
        super().__init__(chan, chroot=str(FOLDER / "root").encode())
        self.plan, self.count = plan(), 0

    async def step(self, name, arguments, do):
        self.count += 1
        log(did=name, on=[text for text in map(shown, arguments) if text is not None])
        refused = self.plan.get("refuse", {}).get(name)
        if refused is not None:
            raise asyncssh.SFTPError(refused, "refused for a test")
        if self.count == self.plan.get("break_at"):
            (FOLDER / "plan.json").unlink()
            if self.plan.get("done"):
                await resolved(do())
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("broken off for a test")
        return await resolved(do())

    async def scandir(self, path):
        async def nothing():
            return None

        await self.step("scandir", (path,), nothing)
        async for entry in super().scandir(path):
            yield entry


async def resolved(value):
    return await value if inspect.isawaitable(value) else value


def watched(name):
    own = getattr(asyncssh.SFTPServer, name)

    async def operation(self, *arguments):
        return await self.step(name, arguments, lambda: own(self, *arguments))

    return operation


for operation_name in OPERATIONS:
    setattr(Files, operation_name, watched(operation_name))


class Door(asyncssh.SSHServer):
    """Who may come in, and how."""

    def connection_made(self, conn):
        self.conn, self.plan = conn, plan()
        self.methods = self.plan.get("methods", ["publickey", "password"])
        log(did="connection")

    def begin_auth(self, username):
        log(did="begin_auth", on=[username])
        if self.plan.get("hang_up"):
            self.conn.abort()
        return True

    def auth_completed(self):
        log(did="login")

    def public_key_auth_supported(self):
        return "publickey" in self.methods

    def validate_public_key(self, username, key):
        log(did="publickey")
        return username == USER and key.public_data in ALLOWED

    def password_auth_supported(self):
        return "password" in self.methods

    def validate_password(self, username, password):
        log(did="password")
        return (username, password) == (USER, PASSWORD)

    def kbdint_auth_supported(self):
        return "keyboard-interactive" in self.methods

    def get_kbdint_challenge(self, username, lang, submethods):
        log(did="keyboard-interactive")
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username, responses):
        return (username, list(responses)) == (USER, [PASSWORD])


ALLOWED = set()


def make_keys():
    ed25519, rsa, locked, stranger = (
        asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ssh-rsa", "ssh-ed25519", "ssh-ed25519")
    )
    ALLOWED.update(key.public_data for key in (ed25519, rsa, locked))
    for name, text in (
        ("key", ed25519.export_private_key("openssh")),
        ("key.rsa", rsa.export_private_key("pkcs1-pem")),
        ("key.locked", locked.export_private_key("openssh", passphrase=PHRASE)),
        ("stranger", stranger.export_private_key("openssh")),
    ):
        (FOLDER / name).write_bytes(text)


async def main():
    (FOLDER / "root").mkdir(exist_ok=True)
    make_keys()
    host_keys = [asyncssh.generate_private_key(kind) for kind in HOST_KEYS]
    server = await asyncssh.create_server(
        Door, "127.0.0.1", 0, server_host_keys=host_keys, sftp_factory=Files, allow_scp=False
    )
    keys = {
        kind: {"fingerprint": key.get_fingerprint(), "public": key.export_public_key().decode().strip()}
        for kind, key in zip(HOST_KEYS, host_keys)
    }
    print(json.dumps({"port": server.get_port(), "keys": keys}), flush=True)
    await server.wait_closed()


asyncio.run(main())
