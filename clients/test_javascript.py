"""Clients for JavaScript, each in a small script of its own under `node/`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "node"


def run(server, script: str, **settings: str):
    """Runs a script where its packages are; gives the JSON that it prints last."""
    packages = Path(os.environ["MANDATE_NODE"])
    copy = packages / script
    copy.write_text((SCRIPTS / script).read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(
        ["node", str(copy)],
        env={
            **server.environment(), **settings,
            "URL": server.url, "TENANT": server.tenant,
            "CLIENT": server.app.id, "SECRET": server.app.secret,
        },
        capture_output=True, text=True, timeout=120, check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout.splitlines()[-1])


def test_the_graph_client_does_a_batch(server):
    answer = run(server, "batch.mjs")
    assert answer["created"] == 201
    assert answer["found"] == 200
    assert answer["name"] == "From a batch"
    assert answer["missing"] == 404
    assert answer["dependent"] == 424
    assert answer["users"] > 0


def test_msal_for_node_gets_tokens(server):
    answer = run(server, "msal.mjs")
    assert answer["type"] == "Bearer"
    assert answer["organisation"] == "Contoso"
    assert "invalid_client" in answer["wrong"]


def test_azure_identity_for_javascript_gets_tokens(server):
    answer = run(server, "identity.mjs")
    assert answer["organisation"] == "Contoso"


@pytest.mark.parametrize("host", ["graph.microsoft.com"])
def test_the_graph_client_works_under_a_name_that_is_built_in(server, host):
    answer = run(server, "batch.mjs", URL=f"https://{host}")
    assert answer["found"] == 200
