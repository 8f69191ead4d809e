"""MSAL and azure-identity for Python: every way in that a script or a program has."""

import base64
import datetime
import json
import sys
from pathlib import Path

import msal
import pytest
import requests
from azure.identity import CertificateCredential, ClientSecretCredential, DeviceCodeCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from browser import Browser, Person

SCOPES = ["DeviceManagementConfiguration.ReadWrite.All"]


def claims(token: str) -> dict:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def call(server, token: str, path: str) -> requests.Response:
    return requests.get(f"{server.url}/v1.0/{path}", headers={"Authorization": f"Bearer {token}"}, timeout=60)


@pytest.fixture(scope="module")
def administrator(server):
    """Somebody who followed the link that the command line gave, with a password and a second factor."""
    person = Person(server.data.parent / "grace.json")
    person.keep(name="grace@contoso.com", password="the moon is far but not too far")
    answer = json.loads(server.run(
        "admin", "add", "grace@contoso.com", "--display-name", "Grace", "--role", "Intune Administrator", "--json",
    ))
    link = "/sign-in/link/" + answer["setUpLink"].rsplit("/", 1)[1]
    page = Browser(person).open(server.url + link)
    assert "/account" in page.url, page.words
    assert person["secret"], "a second factor was asked for"
    return person


@pytest.fixture(scope="module")
def public(server):
    """A client that can keep no secret, such as a script on somebody's machine."""
    return server.register(
        "script", "--public", "--redirect", "publicClient=http://localhost",
        *(argument for scope in [*SCOPES, "User.Read"] for argument in ("--delegated", scope)),
    )["clientId"]


@pytest.fixture(scope="module")
def certificate(server, tmp_path_factory):
    """A client with a key of its own."""
    folder = tmp_path_factory.mktemp("certificate")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "script")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=90))
        .sign(key, hashes.SHA256())
    )
    pem_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(pem_key + pem)
    client = server.register(
        "with a certificate", "--role", "Read Only Operator", "--certificate", str(folder / "certificate.pem"),
    )["clientId"]
    return {
        "client": client, "key": pem_key.decode(), "pem": pem.decode(), "both": folder / "both.pem",
        "sha1": made.fingerprint(hashes.SHA1()).hex(),
    }


def test_a_secret(server):
    for authority in (server.tenant, "contoso.com", "organizations"):
        client = msal.ConfidentialClientApplication(
            server.app.id, authority=f"{server.url}/{authority}", client_credential=server.app.secret,
            instance_discovery=False,
        )
        answer = client.acquire_token_for_client([f"{server.url}/.default"])
        assert "access_token" in answer, answer
        said = claims(answer["access_token"])
        assert (said["idtyp"], said["tid"], said["appid"]) == ("app", server.tenant, server.app.id)
        assert call(server, answer["access_token"], "organization").status_code == 200
    wrong = msal.ConfidentialClientApplication(
        server.app.id, authority=f"{server.url}/{server.tenant}", client_credential="no", instance_discovery=False,
    ).acquire_token_for_client([f"{server.url}/.default"])
    assert wrong["error"] == "invalid_client"


def test_a_generic_authority_with_discovery_is_enough(server):
    client = msal.ConfidentialClientApplication(
        server.app.id, oidc_authority=f"{server.url}/{server.tenant}/v2.0", client_credential=server.app.secret,
    )
    assert "access_token" in client.acquire_token_for_client([f"{server.url}/.default"])


@pytest.mark.parametrize("form", ["sha1", "certificate"])
def test_a_certificate(server, certificate, form):
    credential = {"private_key": certificate["key"]}
    if form == "sha1":
        credential["thumbprint"] = certificate["sha1"]
    else:
        credential["public_certificate"] = certificate["pem"]
    client = msal.ConfidentialClientApplication(
        certificate["client"], authority=f"{server.url}/{server.tenant}", client_credential=credential,
        instance_discovery=False,
    )
    answer = client.acquire_token_for_client([f"{server.url}/.default"])
    assert "access_token" in answer, answer
    assert call(server, answer["access_token"], "users").status_code == 200


def test_azure_identity_with_a_certificate_and_with_a_secret(server, certificate):
    by_certificate = CertificateCredential(
        server.tenant, certificate["client"], certificate_path=str(certificate["both"]),
        authority=server.url, disable_instance_discovery=True,
    )
    by_secret = ClientSecretCredential(
        server.tenant, server.app.id, server.app.secret, authority=server.url, disable_instance_discovery=True,
    )
    for credential in (by_certificate, by_secret):
        token = credential.get_token("https://graph.microsoft.com/.default").token
        assert call(server, token, "organization").status_code == 200


def test_a_device_code(server, public, administrator):
    client = msal.PublicClientApplication(
        public, authority=f"{server.url}/{server.tenant}", instance_discovery=False,
    )
    flow = client.initiate_device_flow(SCOPES)
    assert "user_code" in flow, flow
    page = Browser(administrator).open(f"{flow['verification_uri']}?user_code={flow['user_code']}")
    assert not page.forms or all("code" not in form.fields for form in page.forms), page.words
    answer = client.acquire_token_by_device_flow(flow)
    assert "access_token" in answer, answer
    said = claims(answer["access_token"])
    assert (said["idtyp"], said["upn"]) == ("user", "grace@contoso.com")
    assert said["scp"].split() == SCOPES or set(SCOPES) <= set(said["scp"].split())
    assert "3a2c62db-5318-420d-8d74-23affee5d9d5" in said["wids"]
    assert call(server, answer["access_token"], "me").json()["userPrincipalName"] == "grace@contoso.com"


def test_azure_identity_by_device_code(server, public, administrator):
    def show(address, code, _expires):
        Browser(administrator).open(f"{address}?user_code={code}")

    credential = DeviceCodeCredential(
        client_id=public, tenant_id=server.tenant, authority=server.url, disable_instance_discovery=True,
        prompt_callback=show, timeout=120,
    )
    token = credential.get_token("https://graph.microsoft.com/DeviceManagementConfiguration.ReadWrite.All")
    answer = requests.get(
        f"{server.url}/beta/deviceManagement/deviceConfigurations",
        headers={"Authorization": f"Bearer {token.token}"}, timeout=60,
    )
    assert answer.status_code == 200, answer.text


def test_a_browser_and_what_comes_of_it(server, graph, public, administrator, monkeypatch, tmp_path):
    """Code with PKCE through MSAL's own listener and the browser that it opens, then refresh."""
    script = tmp_path / "browser.sh"
    here = Path(__file__).parent / "browser.py"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {here} "$1"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{script} %s &")
    monkeypatch.setenv("PERSON", str(administrator.file))
    client = msal.PublicClientApplication(
        public, authority=f"{server.url}/{server.tenant}", instance_discovery=False,
    )
    answer = client.acquire_token_interactive(SCOPES, timeout=120)
    assert "access_token" in answer, answer
    assert answer["id_token_claims"]["preferred_username"] == "grace@contoso.com"
    account = client.get_accounts()[0]
    assert account["home_account_id"] == f"{answer['id_token_claims']['oid']}.{server.tenant}"

    again = client.acquire_token_silent(SCOPES, account=account, force_refresh=True)
    assert again["access_token"] != answer["access_token"]
    assert call(server, again["access_token"], "me").status_code == 200

    # Signed out everywhere: neither what there is nor what could be refreshed is good any more.
    graph("POST", "users/grace@contoso.com/revokeSignInSessions", status=200)
    assert call(server, again["access_token"], "me").status_code == 401
    after = client.acquire_token_silent_with_error(SCOPES, account=account, force_refresh=True)
    assert after["error"] == "invalid_grant", after
