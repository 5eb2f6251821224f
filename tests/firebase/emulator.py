"""The real Firebase Auth emulator for tests: one process, its state in memory, ended by its process id.

It is laxer than the service. It signs nothing and checks little: forged and expired tokens pass in firebase-admin,
refresh tokens work after they were revoked, and `TOO_MANY_ATTEMPTS_TRY_LATER` never comes. Those are for fakes.
"""

import json
import queue
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import httpx
import msgspec

from tests.firebase.install import HERE, NODE, firebase_tools

PROJECT = "demo-salebell"
API_KEY = "test-api-key"
_START_SECONDS = 60
_STOP_SECONDS = 10
_OWNER = {"Authorization": "Bearer owner"}


class Session(msgspec.Struct, frozen=True):
    """What somebody who signed in has."""

    uid: str
    id_token: str
    refresh_token: str


class AuthEmulator:
    """An emulator of one project, with protection against e-mail enumeration as new projects have it."""

    def __init__(self, project: str = PROJECT) -> None:
        self.project = project
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._http: httpx.Client | None = None

    @property
    def host(self) -> str:
        """For `FIREBASE_AUTH_EMULATOR_HOST`."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Of its HTTP."""
        return f"http://{self.host}"

    def start(self) -> Self:
        """Start it, on the port that it had before if there was one; returns when it answers."""
        command = [str(NODE), str(HERE / "serve.js"), str(firebase_tools()), self.project, str(self.port)]
        self._process = process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        said: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=lambda: _listen(process, said), daemon=True)
        self._listener.start()
        self.port = int(json.loads(said.get(timeout=_START_SECONDS))["port"])
        self._http = httpx.Client(base_url=self.url, headers=_OWNER, timeout=30, trust_env=False)
        self._toolkit(
            "PATCH", f"v2/projects/{self.project}/config", {"emailPrivacyConfig": {"enableImprovedEmailPrivacy": True}}
        )
        return self

    def stop(self) -> None:
        """End it, and all that it knew. Harmless when repeated."""
        if self._http is not None:
            self._http.close()
        process, self._process, self._http = self._process, None, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._listener is not None:
            self._listener.join()

    def clear(self) -> None:
        """Forget all users."""
        self._call("DELETE", f"/emulator/v1/projects/{self.project}/accounts")

    def add(self, email: str, password: str = "secret-1", claims: Mapping[str, object] | None = None) -> str:
        """A user; the answer is the uid."""
        made = self._accounts("", {"email": email, "password": password})
        uid = str(made["localId"])
        if claims is not None:
            self.set_claims(uid, claims)
        return uid

    def set_claims(self, uid: str, claims: Mapping[str, object]) -> None:
        """Replace the custom claims of a user."""
        self._accounts(":update", {"localId": uid, "customAttributes": json.dumps(claims)})

    def add_many(self, how_many: int) -> list[str]:
        """So many users, `uid-00000@example.com` and so on; the answer is their uids."""
        uids = [f"uid-{number:05}" for number in range(how_many)]
        for start in range(0, how_many, 1000):
            batch = [{"localId": uid, "email": f"{uid}@example.com"} for uid in uids[start : start + 1000]]
            self._accounts(":batchCreate", {"users": batch})
        return uids

    def change(self, uid: str, **fields: object) -> None:
        """Set what an account has, such as `displayName` or `emailVerified`."""
        self._accounts(":update", {"localId": uid, **fields})

    def disable(self, uid: str, *, disabled: bool = True) -> None:
        """Disable a user, or let them in again."""
        self._accounts(":update", {"localId": uid, "disableUser": disabled})

    def revoke(self, uid: str, valid_since: int) -> None:
        """Make tokens invalid that were issued before a unix second."""
        self._accounts(":update", {"localId": uid, "validSince": str(valid_since)})

    def delete(self, uid: str) -> None:
        """Remove a user."""
        self._accounts(":delete", {"localId": uid})

    def user(self, uid: str) -> dict[str, Any]:
        """All that is known of a user."""
        found: dict[str, Any] = self._accounts(":lookup", {"localId": [uid]})["users"][0]
        return found

    def sign_in(self, email: str, password: str = "secret-1") -> Session:
        """What a desktop gets for a password."""
        body = {"email": email, "password": password, "returnSecureToken": True}
        got = self._toolkit("POST", f"v1/accounts:signInWithPassword?key={API_KEY}", body)
        return Session(got["localId"], got["idToken"], got["refreshToken"])

    def refresh(self, session: Session) -> Session:
        """A fresh ID token, with the claims that the user has now."""
        form = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
        got = self._call("POST", f"/securetoken.googleapis.com/v1/token?key={API_KEY}", form=form)
        return Session(got["user_id"], got["id_token"], got["refresh_token"])

    def reset_password(self, email: str, password: str) -> None:
        """Choose another password as somebody does who has the e-mail that is sent for it."""
        asked = {"requestType": "PASSWORD_RESET", "email": email}
        self._toolkit("POST", f"v1/accounts:sendOobCode?key={API_KEY}", asked)
        [*_, sent] = [code["oobCode"] for code in self.oob_codes() if code["email"] == email]
        self._toolkit("POST", f"v1/accounts:resetPassword?key={API_KEY}", {"oobCode": sent, "newPassword": password})

    def oob_codes(self) -> list[dict[str, Any]]:
        """The e-mails that would have been sent, such as for a forgotten password."""
        sent: list[dict[str, Any]] = self._call("GET", f"/emulator/v1/projects/{self.project}/oobCodes")["oobCodes"]
        return sent

    def _accounts(self, verb: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._toolkit("POST", f"v1/projects/{self.project}/accounts{verb}", body)

    def _toolkit(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._call(method, f"/identitytoolkit.googleapis.com/{path}", body)

    def _call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        assert self._http is not None, "the emulator was not started"
        answer = self._http.request(method, path, json=body, data=form)
        answer.raise_for_status()
        decoded: dict[str, Any] = answer.json()
        return decoded


def _listen(process: subprocess.Popen[str], said: queue.Queue[str]) -> None:
    """Give on the line that says the port, and read on, so that the emulator never waits for a reader."""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            if line.startswith("{"):
                said.put(line)


@contextmanager
def auth_emulator() -> Generator[AuthEmulator, None, None]:
    """An emulator inside the block."""
    emulator = AuthEmulator()
    try:
        yield emulator.start()
    finally:
        emulator.stop()
