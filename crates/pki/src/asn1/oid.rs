//! Object identifiers by name.

use crate::Oid;

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal;)*) => {
        $($(#[$doc])* pub const $name: Oid = Oid::new_unwrap($dotted);)*
    };
}

oids! {
    /// `CN`
    COMMON_NAME = "2.5.4.3";
    /// `SN`
    SURNAME = "2.5.4.4";
    /// `SERIALNUMBER`, of a device or person, not of a certificate
    SERIAL_NUMBER = "2.5.4.5";
    /// `C`
    COUNTRY = "2.5.4.6";
    /// `L`
    LOCALITY = "2.5.4.7";
    /// `ST`
    STATE = "2.5.4.8";
    /// `STREET`
    STREET = "2.5.4.9";
    /// `O`
    ORGANISATION = "2.5.4.10";
    /// `OU`
    ORGANISATIONAL_UNIT = "2.5.4.11";
    /// `T`
    TITLE = "2.5.4.12";
    /// `G`
    GIVEN_NAME = "2.5.4.42";
    /// `I`
    INITIALS = "2.5.4.43";
    /// `dnQualifier`
    DN_QUALIFIER = "2.5.4.46";
    /// `UID`; holds the topic in certificates for Apple's push service
    USER_ID = "0.9.2342.19200300.100.1.1";
    /// `DC`
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
    /// `E`
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

    /// Extended key usage: TLS server
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// Extended key usage: TLS client
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// Extended key usage: code signing
    CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    /// Extended key usage: S/MIME
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// Extended key usage: answers about certificates by OCSP
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// Extended key usage: Windows smart card logon
    SMART_CARD_LOGON = "1.3.6.1.4.1.311.20.2.2";
    /// The `otherName` of a Windows user principal name
    USER_PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3";
}

macro_rules! inner_oids {
    ($($name:ident = $dotted:literal;)*) => {
        $(pub(crate) const $name: Oid = Oid::new_unwrap($dotted);)*
    };
}

inner_oids! {
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
    RSAES_OAEP = "1.2.840.113549.1.1.7";
    MGF1 = "1.2.840.113549.1.1.8";
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    SHA1_WITH_RSA_OIW = "1.3.14.3.2.29";
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    P256 = "1.2.840.10045.3.1.7";
    P384 = "1.3.132.0.34";
    P521 = "1.3.132.0.35";
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";

    SHA1 = "1.3.14.3.2.26";
    SHA256 = "2.16.840.1.101.3.4.2.1";
    SHA384 = "2.16.840.1.101.3.4.2.2";
    SHA512 = "2.16.840.1.101.3.4.2.3";

    DES_CBC = "1.3.14.3.2.7";
    DES_EDE3_CBC = "1.2.840.113549.3.7";
    AES128_CBC = "2.16.840.1.101.3.4.1.2";
    AES192_CBC = "2.16.840.1.101.3.4.1.22";
    AES256_CBC = "2.16.840.1.101.3.4.1.42";
    AES128_GCM = "2.16.840.1.101.3.4.1.6";
    AES192_GCM = "2.16.840.1.101.3.4.1.26";
    AES256_GCM = "2.16.840.1.101.3.4.1.46";

    CMS_DATA = "1.2.840.113549.1.7.1";
    CMS_SIGNED = "1.2.840.113549.1.7.2";
    CMS_ENVELOPED = "1.2.840.113549.1.7.3";
    CMS_AUTH_ENVELOPED = "1.2.840.113549.1.9.16.1.23";
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7";
    EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
    MS_EXTENSION_REQUEST = "1.3.6.1.4.1.311.2.1.14";

    SUBJECT_KEY_ID = "2.5.29.14";
    KEY_USAGE = "2.5.29.15";
    SUBJECT_ALT_NAME = "2.5.29.17";
    BASIC_CONSTRAINTS = "2.5.29.19";
    CRL_NUMBER = "2.5.29.20";
    CRL_REASON = "2.5.29.21";
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    AUTHORITY_KEY_ID = "2.5.29.35";
    EXTENDED_KEY_USAGE = "2.5.29.37";
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    OCSP = "1.3.6.1.5.5.7.48.1";
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";

    SCEP_MESSAGE_TYPE = "2.16.840.1.113733.1.9.2";
    SCEP_PKI_STATUS = "2.16.840.1.113733.1.9.3";
    SCEP_FAIL_INFO = "2.16.840.1.113733.1.9.4";
    SCEP_SENDER_NONCE = "2.16.840.1.113733.1.9.5";
    SCEP_RECIPIENT_NONCE = "2.16.840.1.113733.1.9.6";
    SCEP_TRANSACTION_ID = "2.16.840.1.113733.1.9.7";
    SCEP_FAIL_INFO_TEXT = "1.3.6.1.5.5.7.24.1";
}
