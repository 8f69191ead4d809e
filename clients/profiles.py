"""Profiles as a script writes them."""

import base64


def trusted_root(name: str, server) -> dict:
    """The root that the server's own certificates come from."""
    lines = server.root.read_text(encoding="utf-8").splitlines()
    der = base64.b64decode("".join(line for line in lines if not line.startswith("-----")))
    return {
        "@odata.type": "#microsoft.graph.iosTrustedRootCertificate",
        "displayName": name,
        "certFileName": "root.cer",
        "trustedRootCertificate": base64.b64encode(der).decode(),
    }


def scep(name: str, root: str) -> dict:
    """A certificate of each device's own."""
    return {
        "@odata.type": "#microsoft.graph.iosScepCertificateProfile",
        "displayName": name,
        "certificateValidityPeriodScale": "years",
        "certificateValidityPeriodValue": 1,
        "renewalThresholdPercentage": 20,
        "certificateStore": "user",
        "subjectNameFormat": "custom",
        "subjectNameFormatString": "CN={{UserName}},E={{EmailAddress}}",
        "subjectAlternativeNameType": "emailAddress",
        "keySize": "size2048",
        "keyUsage": "digitalSignature,keyEncipherment",
        "extendedKeyUsages": [
            {"name": "Client Authentication", "objectIdentifier": "1.3.6.1.5.5.7.3.2"},
        ],
        "scepServerUrls": ["https://mdm.contoso.com/scep"],
        "rootCertificate@odata.bind":
            f"https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{root}')",
    }


def mail(name: str, identity: str | None = None) -> dict:
    """A mail account."""
    body = {
        "@odata.type": "#microsoft.graph.iosEasEmailProfileConfiguration",
        "displayName": name,
        "description": "Mail for everybody",
        "accountName": "Contoso",
        "hostName": "mail.contoso.com",
        "emailAddressSource": "primarySmtpAddress",
        "usernameSource": "userPrincipalName",
        "authenticationMethod": "certificate" if identity else "usernameAndPassword",
        "durationOfEmailToSync": "oneWeek",
        "requireSsl": True,
    }
    if identity:
        body["identityCertificate@odata.bind"] = (
            f"https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('{identity}')"
        )
    return body


def root_der(server) -> bytes:
    """The server's root as DER."""
    return base64.b64decode(trusted_root("", server)["trustedRootCertificate"])
