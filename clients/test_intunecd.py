"""IntuneCD as it is: backup, backup again, restore."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import profiles

HERE = Path(sys.executable).parent

# Areas that mandate does not have at all end in a plain refusal in any tenant without them.
MANAGED = "deviceManagement/deviceConfigurations"


@pytest.fixture(scope="module")
def estate(server, graph):
    """A group, and mail with everything it refers to, assigned."""
    sales = graph("POST", "groups", {
        "displayName": "Sales IntuneCD", "mailEnabled": False, "mailNickname": "salesicd",
        "securityEnabled": True, "groupTypes": [],
    }, 201)
    root = graph("POST", MANAGED, profiles.trusted_root("ICD Root", server), 201)
    scep = graph("POST", MANAGED, profiles.scep("ICD Sign-in", root["id"]), 201)
    mail = graph("POST", MANAGED, profiles.mail("ICD Mail", identity=scep["id"]), 201)
    for profile in (root, scep, mail):
        graph("POST", f"{MANAGED}/{profile['id']}/assign", {"assignments": [
            {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": sales["id"]}},
        ]}, 200)
    tag = graph("POST", "deviceManagement/roleScopeTags", {
        "@odata.type": "#microsoft.graph.roleScopeTag", "displayName": "ICD Tag", "description": "A school",
    }, 200)
    role = graph("POST", "deviceManagement/roleDefinitions", {
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleDefinition",
        "displayName": "ICD Role", "description": "Looks at profiles", "roleScopeTagIds": ["0"],
        "rolePermissions": [{"resourceActions": [{
            "allowedResourceActions": ["Microsoft.Intune_DeviceConfigurations_Read"],
            "notAllowedResourceActions": [],
        }]}],
    }, 200)
    graph("POST", "deviceManagement/roleAssignments", {
        "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
        "displayName": "ICD Assignment", "description": "", "members": [sales["id"]],
        "resourceScopes": [sales["id"]], "scopeType": "resourceScope",
        "roleDefinition@odata.bind":
            f"https://graph.microsoft.com/beta/deviceManagement/roleDefinitions('{role['id']}')",
    })
    return {"group": sales, "root": root, "scep": scep, "mail": mail, "tag": tag, "role": role}


def intunecd(server, command: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / f"IntuneCD-start{command}"), "-m", "1", *arguments],
        env={
            **server.environment(),
            "TENANT_NAME": "contoso.com", "CLIENT_ID": server.app.id, "CLIENT_SECRET": server.app.secret,
            "AUDIT_DAYS_BACK": "1",
        },
        capture_output=True, text=True, timeout=600, check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.json"))
    }


def test_backup_twice_writes_the_same_files(server, estate, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        output = intunecd(server, "backup", "-p", str(folder), "-o", "json", "-v")
        for word in ("[ERROR]", "Traceback", "Error backing up", "Request failed"):
            assert word not in output, output
    written = files(first)
    for name in ("ICD Mail", "ICD Sign-in", "ICD Root", "ICD Role", "ICD Tag"):
        assert any(name in file for file in written), sorted(written)
    assert written == files(second)


def test_a_deleted_profile_comes_back_with_its_assignments(server, graph, estate, tmp_path):
    folder = tmp_path / "backup"
    folder.mkdir()
    intunecd(server, "backup", "-p", str(folder), "-o", "json")
    mail = estate["mail"]
    before = graph("GET", f"{MANAGED}/{mail['id']}?$expand=assignments", status=200)
    graph("DELETE", f"{MANAGED}/{mail['id']}")
    output = intunecd(server, "update", "-p", str(folder), "-u", "-v")
    for word in ("[ERROR]", "Traceback", "Request failed"):
        assert word not in output, output
    found = graph("GET", f"{MANAGED}?$filter=displayName eq 'ICD Mail'&$expand=assignments", status=200)["value"]
    assert len(found) == 1, found
    after = found[0]
    for name in before:
        if name.startswith("@") or "@odata" in name or name in (
            "id", "version", "createdDateTime", "lastModifiedDateTime", "assignments",
        ):
            continue
        assert after[name] == before[name], name
    targets = [assignment["target"]["groupId"] for assignment in after["assignments"]]
    assert targets == [estate["group"]["id"]]


def test_a_backup_says_who_changed_what(server, estate, tmp_path):
    """With the audit, IntuneCD commits each file in the name of who changed it last."""
    folder = tmp_path / "backup"
    folder.mkdir()
    for command in (["init", "-q"], ["config", "user.name", "x"], ["config", "user.email", "x@contoso.com"],
                    ["commit", "-q", "--allow-empty", "-m", "start"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True, timeout=60)
    output = intunecd(server, "backup", "-p", str(folder), "-o", "json", "--audit", "-v")
    for word in ("[ERROR]", "Traceback", "Request failed", "Error"):
        assert word not in output, output
    log = subprocess.run(["git", "-C", str(folder), "log", "--format=%an %s"], check=True, capture_output=True,
                         text=True, timeout=60).stdout
    assert "tools" in log, log


def test_a_deleted_role_comes_back(server, graph, estate, tmp_path):
    folder = tmp_path / "backup"
    folder.mkdir()
    intunecd(server, "backup", "-p", str(folder), "-o", "json")
    role = f"deviceManagement/roleDefinitions/{estate['role']['id']}"
    for assignment in graph("GET", f"{role}/roleAssignments", status=200)["value"]:
        graph("DELETE", f"deviceManagement/roleAssignments/{assignment['id']}")
    graph("DELETE", role)
    output = intunecd(server, "update", "-p", str(folder), "-u", "-v")
    for word in ("[ERROR]", "Traceback", "Request failed"):
        assert word not in output, output
    found = graph("GET", "deviceManagement/roleDefinitions?$filter=isBuiltIn eq false", status=200)["value"]
    assert [one["displayName"] for one in found] == ["ICD Role"]
    # IntuneCD keeps assignments of roles in its backup, but does not write them.
    allowed = found[0]["rolePermissions"][0]["resourceActions"][0]["allowedResourceActions"]
    assert allowed == ["Microsoft.Intune_DeviceConfigurations_Read"]


def test_an_update_without_a_change_changes_nothing(server, graph, estate, tmp_path):
    folder = tmp_path / "backup"
    folder.mkdir()
    intunecd(server, "backup", "-p", str(folder), "-o", "json")
    before = {p["id"]: p["version"] for p in graph("GET", MANAGED, status=200)["value"]}
    intunecd(server, "update", "-p", str(folder), "-u")
    after = {p["id"]: p["version"] for p in graph("GET", MANAGED, status=200)["value"]}
    assert after == before
