"""A mandate of its own for all tests, answering under Microsoft's names and under its own."""

import json
import os
import socket
import ssl
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "mdm.contoso.com"
NAMES = [HOST, "graph.microsoft.com", "login.microsoftonline.com"]
PATIENCE = 120


@dataclass
class App:
    """A registered client."""

    id: str
    secret: str


@dataclass
class Server:
    """A running server and how to reach it."""

    data: Path
    tenant: str
    root: Path
    plain: str
    app: App
    url: str = f"https://{HOST}"

    def run(self, *arguments: str) -> str:
        """Runs a command of mandate on the data directory."""
        done = subprocess.run(
            [binary("mandate"), *arguments, "--data", str(self.data)],
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"mandate {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def register(self, name: str, *arguments: str) -> dict:
        """Registers a client."""
        return json.loads(self.run("app", "create", "--name", name, *arguments, "--json"))

    def environment(self) -> dict[str, str]:
        """What a program needs to trust the server."""
        root = str(self.root)
        return {
            **os.environ,
            "REQUESTS_CA_BUNDLE": root,
            "SSL_CERT_FILE": root,
            "NODE_EXTRA_CA_CERTS": root,
            "AZURE_AUTHORITY_HOST": self.url,
        }


def binary(name: str) -> str:
    """A program of this workspace."""
    folder = os.environ.get("MANDATE_BIN", str(Path(__file__).parent.parent / "target" / "debug"))
    return str(Path(folder) / name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    for name in NAMES:
        assert socket.gethostbyname(name) == "127.0.0.1", (
            f"{name} does not lead here: run .ci/clients, which gives the tests a network of their own"
        )
    data = tmp_path_factory.mktemp("mandate") / "data"
    made = subprocess.run(
        [binary("mandate"), "init", "--data", str(data), "--company", "Contoso", "--domain", "contoso.com",
         "--admin", "admin@contoso.com", "--json"],
        check=True, capture_output=True, text=True, timeout=PATIENCE,
    )
    made = json.loads(made.stdout)
    plain = free_port()
    here = Server(data=data, tenant=made["tenantId"], root=data / "ca.pem",
                  plain=f"http://127.0.0.1:{plain}", app=App("", ""))
    app = here.register("tools", "--role", "Intune Administrator")
    here.app = App(app["clientId"], app["clientSecret"])
    here.run("setup", "authority", "intune", "--confirm")
    here.run("setup", "licences", "--everybody")
    log = open(data.parent / "server.log", "w", encoding="utf-8")
    hosts = [argument for name in NAMES for argument in ("--host", name)]
    process = subprocess.Popen(
        [binary("mandate"), "serve", "--data", str(data), "--http", f"127.0.0.1:{plain}",
         "--https", "127.0.0.1:443", "--device-https", f"127.0.0.1:{free_port()}",
         "--device-url", here.plain, "--enrolment-without-push", "--log", "info", *hosts],
        stdout=log, stderr=subprocess.STDOUT,
    )
    try:
        wait_until_ready(here, process, log.name)
        os.environ.update(here.environment())
        yield here
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def wait_until_ready(server: Server, process: subprocess.Popen, log: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{server.plain}/readyz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not come up:\n{Path(log).read_text(encoding='utf-8')}")


@pytest.fixture(scope="session")
def trust(server) -> ssl.SSLContext:
    """Trust in the server's own root and nothing else."""
    return ssl.create_default_context(cafile=str(server.root))


@pytest.fixture(scope="session")
def token(server) -> str:
    """A token of the client that may do everything."""
    import msal

    client = msal.ConfidentialClientApplication(
        server.app.id,
        authority=f"https://login.microsoftonline.com/{server.tenant}",
        client_credential=server.app.secret,
    )
    answer = client.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert "access_token" in answer, answer
    return answer["access_token"]


@pytest.fixture(scope="session")
def graph(server, token):
    """Plain calls of the API, for what a test prepares or looks up."""
    import requests

    class Graph:
        def __call__(self, method, path, body=None, status=None, version="beta"):
            url = path if path.startswith("https://") else f"{server.url}/{version}/{path}"
            answer = requests.request(
                method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60
            )
            if status is not None:
                assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
            return answer.json() if answer.content else None

    return Graph()
