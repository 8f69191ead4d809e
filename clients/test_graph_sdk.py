"""The Graph beta SDK for Python, signing in through azure-identity."""

import asyncio
import json
import subprocess

import pytest
from azure.identity.aio import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.device_management.device_configurations.device_configurations_request_builder import (
    DeviceConfigurationsRequestBuilder,
)
from msgraph_beta.generated.device_management.device_configurations.item.assign.assign_post_request_body import (
    AssignPostRequestBody,
)
from msgraph_beta.generated.device_management.managed_devices.managed_devices_request_builder import (
    ManagedDevicesRequestBuilder,
)
from msgraph_beta.generated.models.certificate_validity_period_scale import CertificateValidityPeriodScale
from msgraph_beta.generated.models.device_configuration_assignment import DeviceConfigurationAssignment
from msgraph_beta.generated.models.eas_authentication_method import EasAuthenticationMethod
from msgraph_beta.generated.models.email_sync_duration import EmailSyncDuration
from msgraph_beta.generated.models.extended_key_usage import ExtendedKeyUsage
from msgraph_beta.generated.models.group import Group
from msgraph_beta.generated.models.group_assignment_target import GroupAssignmentTarget
from msgraph_beta.generated.models.ios_eas_email_profile_configuration import IosEasEmailProfileConfiguration
from msgraph_beta.generated.models.ios_scep_certificate_profile import IosScepCertificateProfile
from msgraph_beta.generated.models.ios_trusted_root_certificate import IosTrustedRootCertificate
from msgraph_beta.generated.models.key_size import KeySize
from msgraph_beta.generated.models.key_usages import KeyUsages
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.password_profile import PasswordProfile
from msgraph_beta.generated.models.reference_create import ReferenceCreate
from msgraph_beta.generated.models.reference_update import ReferenceUpdate
from msgraph_beta.generated.models.subject_alternative_name_type import SubjectAlternativeNameType
from msgraph_beta.generated.models.subject_name_format import SubjectNameFormat
from msgraph_beta.generated.models.user import User
from msgraph_beta.generated.models.user_email_source import UserEmailSource

import conftest
import profiles

DEVICES = 2500


def client(server) -> GraphServiceClient:
    """A client as the documentation of the SDK makes one, told another host."""
    credential = ClientSecretCredential(
        server.tenant, server.app.id, server.app.secret,
        authority=server.url, disable_instance_discovery=True,
    )
    provider = AzureIdentityAuthenticationProvider(credential, allowed_hosts=[conftest.HOST])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{server.url}/beta"
    return GraphServiceClient(request_adapter=adapter)


@pytest.fixture(scope="module")
def fleet(server):
    """Devices enrolled over the wire, more than a few pages of them."""
    state = server.data.parent / "fleet.json"
    done = subprocess.run(
        [conftest.binary("mandate-sim"), "load", "--server", server.plain, "--tenant", server.tenant,
         "--client-id", server.app.id, "--client-secret", server.app.secret, "--count", str(DEVICES),
         "--users", "250", "--domain", "contoso.com", "--state", str(state), "enrol"],
        capture_output=True, text=True, timeout=900, check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def story(server):
    graph = client(server)
    ada = await graph.users.post(User(
        account_enabled=True, display_name="Ada SDK", user_principal_name="ada.sdk@contoso.com",
        mail="ada.sdk@contoso.com", mail_nickname="ada.sdk",
        password_profile=PasswordProfile(password="a long enough passphrase 17"),
    ))
    assert ada.id and ada.user_principal_name == "ada.sdk@contoso.com"
    group = await graph.groups.post(Group(
        display_name="SDK", mail_enabled=False, mail_nickname="sdk", security_enabled=True, group_types=[],
    ))
    await graph.groups.by_group_id(group.id).members.ref.post(
        ReferenceCreate(odata_id=f"{server.url}/beta/directoryObjects/{ada.id}")
    )
    members = await graph.groups.by_group_id(group.id).members.get()
    assert [member.id for member in members.value] == [ada.id]

    configurations = graph.device_management.device_configurations
    root = await configurations.post(IosTrustedRootCertificate(
        odata_type="#microsoft.graph.iosTrustedRootCertificate",
        display_name="SDK Root", cert_file_name="root.cer",
        trusted_root_certificate=profiles.root_der(server),
    ))
    scep = await configurations.post(IosScepCertificateProfile(
        odata_type="#microsoft.graph.iosScepCertificateProfile",
        display_name="SDK Sign-in",
        certificate_validity_period_scale=CertificateValidityPeriodScale.Years,
        certificate_validity_period_value=1,
        renewal_threshold_percentage=20,
        subject_name_format=SubjectNameFormat.Custom,
        subject_name_format_string="CN={{UserName}}",
        subject_alternative_name_type=SubjectAlternativeNameType.EmailAddress,
        key_size=KeySize.Size2048,
        key_usage=[KeyUsages.DigitalSignature],
        extended_key_usages=[ExtendedKeyUsage(name="Client Authentication", object_identifier="1.3.6.1.5.5.7.3.2")],
        scep_server_urls=[f"{server.url}/scep"],
        additional_data={
            "rootCertificate@odata.bind":
                f"https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{root.id}')",
        },
    ))
    assert isinstance(scep, IosScepCertificateProfile)
    mail = await configurations.post(IosEasEmailProfileConfiguration(
        odata_type="#microsoft.graph.iosEasEmailProfileConfiguration",
        display_name="SDK Mail", account_name="Contoso", host_name="mail.contoso.com",
        email_address_source=UserEmailSource.PrimarySmtpAddress,
        authentication_method=EasAuthenticationMethod.Certificate,
        duration_of_email_to_sync=EmailSyncDuration.OneWeek,
        require_ssl=True,
        additional_data={
            "identityCertificate@odata.bind":
                f"https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{scep.id}')",
        },
    ))
    for profile in (root, scep, mail):
        target = GroupAssignmentTarget(odata_type="#microsoft.graph.groupAssignmentTarget", group_id=group.id)
        done = await configurations.by_device_configuration_id(profile.id).assign.post(
            AssignPostRequestBody(assignments=[DeviceConfigurationAssignment(target=target)])
        )
        assert [assignment.target.group_id for assignment in done.value] == [group.id]

    query = DeviceConfigurationsRequestBuilder.DeviceConfigurationsRequestBuilderGetQueryParameters(
        filter="displayName eq 'SDK Mail'", expand=["assignments"],
    )
    found = await configurations.get(request_configuration=RequestConfiguration(query_parameters=query))
    assert len(found.value) == 1
    read = found.value[0]
    assert isinstance(read, IosEasEmailProfileConfiguration)
    assert read.host_name == "mail.contoso.com" and read.require_ssl is True
    assert read.assignments[0].target.group_id == group.id

    # The mail profile is bound to the certificate profile, and stays so.
    with pytest.raises(ODataError) as refused:
        await configurations.by_device_configuration_id(scep.id).delete()
    assert "SDK Mail" in refused.value.error.message

    read.host_name = "post.contoso.com"
    await configurations.by_device_configuration_id(mail.id).patch(IosEasEmailProfileConfiguration(
        odata_type="#microsoft.graph.iosEasEmailProfileConfiguration", host_name="post.contoso.com",
    ))
    again = await configurations.by_device_configuration_id(mail.id).get()
    assert again.host_name == "post.contoso.com" and again.version == read.version + 1

    overview = await configurations.by_device_configuration_id(mail.id).device_status_overview.get()
    assert overview.pending_count == 0
    statuses = await configurations.by_device_configuration_id(mail.id).device_statuses.get()
    assert statuses.value == []

    with pytest.raises(ODataError) as missing:
        await configurations.by_device_configuration_id("00000000-0000-0000-0000-00000000dead").get()
    assert missing.value.response_status_code == 404


def test_from_a_person_to_an_assigned_mail_profile(server):
    asyncio.run(story(server))


async def all_devices(server, size):
    graph = client(server)
    query = ManagedDevicesRequestBuilder.ManagedDevicesRequestBuilderGetQueryParameters(
        top=size, select=["id", "deviceName", "userPrincipalName"],
    )
    page = await graph.device_management.managed_devices.get(
        request_configuration=RequestConfiguration(query_parameters=query)
    )
    ids, pages = [], 0
    while True:
        pages += 1
        assert len(page.value) <= size
        ids += [device.id for device in page.value]
        if not page.odata_next_link:
            return ids, pages
        assert page.odata_next_link.startswith(server.url), page.odata_next_link
        page = await graph.device_management.managed_devices.with_url(page.odata_next_link).get()


def test_thousands_of_devices_come_in_pages(server, fleet):
    ids, pages = asyncio.run(all_devices(server, 400))
    assert len(ids) == DEVICES and len(set(ids)) == DEVICES
    assert pages == -(-DEVICES // 400)


async def statuses_of(server, profile):
    graph = client(server)
    item = graph.device_management.device_configurations.by_device_configuration_id(profile)
    overview = await item.device_status_overview.get()
    page = await item.device_statuses.get()
    statuses = list(page.value)
    while page.odata_next_link:
        page = await item.device_statuses.with_url(page.odata_next_link).get()
        statuses += page.value
    return overview, statuses


def test_statuses_tell_what_became_of_a_profile(server, fleet, graph):
    made = graph("POST", "deviceManagement/deviceConfigurations", profiles.mail("Mail for all"), 201)
    graph("POST", f"deviceManagement/deviceConfigurations/{made['id']}/assign", {"assignments": [
        {"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}},
    ]}, 200)
    overview, statuses = asyncio.run(statuses_of(server, made["id"]))
    assert overview.pending_count == DEVICES, overview
    assert len(statuses) == DEVICES
    assert {status.status.value for status in statuses} == {"unknown"}, "nothing has been delivered yet"
    assert all(status.device_display_name and status.user_principal_name for status in statuses)
