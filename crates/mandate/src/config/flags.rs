//! What the command line says.

use clap::Args;

/// Flags of `serve` and `config`. Each is also a variable (`--device-https` is `MANDATE_DEVICE_HTTPS`) and a key of
/// `mandate.toml` (`device_https`)
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Flags {
    /// Address for plain HTTP: loopback, or behind a proxy [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) http: Option<String>,
    /// Address for TLS [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) https: Option<String>,
    /// Address for TLS that asks devices for their certificate [default: 0.0.0.0:8444]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) device_https: Option<String>,
    /// Host name that people and devices use; may be given several times, the first is told to devices [default:
    /// localhost, 127.0.0.1]
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// Address that devices are told, if it is not https://HOST:PORT of --https
    #[arg(long, value_name = "URL")]
    pub(crate) device_url: Option<String>,
    /// Address or network of a proxy that is believed when it says for whom it asks; may be given several times [default:
    /// those on this machine, on the plain listener]
    #[arg(long, value_name = "NETWORK")]
    pub(crate) trusted_proxy: Vec<String>,
    /// PostgreSQL instead of the file in the data directory
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Certificate chain (PEM) for TLS, instead of one of this instance's own authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<String>,
    /// Key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<String>,
    /// Push service instead of Apple's, for tests
    #[arg(long, value_name = "URL")]
    pub(crate) apns_endpoint: Option<String>,
    /// Roots (PEM) of that push service
    #[arg(long, value_name = "FILE")]
    pub(crate) apns_roots: Option<String>,
    /// Address that is told of certificates near their end, by POST
    #[arg(long, value_name = "URL")]
    pub(crate) webhook_url: Option<String>,
    /// File with the secret that signs what it is told
    #[arg(long, value_name = "FILE", requires = "webhook_url")]
    pub(crate) webhook_secret_file: Option<String>,
    /// Address that is told of each change, by POST
    #[arg(long, value_name = "URL")]
    pub(crate) audit_webhook_url: Option<String>,
    /// File with the secret that signs what it is told
    #[arg(long, value_name = "FILE", requires = "audit_webhook_url")]
    pub(crate) audit_webhook_secret_file: Option<String>,
    /// How long audit entries are kept, in days; 0 for ever [default: 730]
    #[arg(long, value_name = "DAYS")]
    pub(crate) audit_retention_days: Option<i64>,
    /// Days before the end of a certificate on which to tell [default: 60,30,14,7,1]
    #[arg(long, value_name = "DAYS")]
    pub(crate) expiry_alert_days: Option<String>,
    /// Mail server for mails to people: host, or host and port
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) smtp_server: Option<String>,
    /// How the connection to it is protected: starttls, tls or none [default: starttls]
    #[arg(long, value_name = "HOW")]
    pub(crate) smtp_security: Option<String>,
    /// Name to sign in to it with
    #[arg(long, value_name = "NAME")]
    pub(crate) smtp_username: Option<String>,
    /// File with the password of that name; the variable `MANDATE_SMTP_PASSWORD` may hold it instead
    #[arg(long, value_name = "FILE")]
    pub(crate) smtp_password_file: Option<String>,
    /// Roots (PEM) that it is trusted under, besides those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) smtp_roots: Option<String>,
    /// Address that mails to people come from, such as `IT <it@example.com>`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// Name server that is asked for the records of domains, by its address [default: whom this machine asks]
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub(crate) dns_server: Option<String>,
    /// Attributes of people, parted by commas, one of which is the short name of their account on Macs
    #[arg(long, value_name = "ATTRIBUTES")]
    pub(crate) mac_user_attributes: Option<String>,
    /// Accept what only simulators send: single DES and SHA-1 in SCEP, profiles in clear
    #[arg(long)]
    pub(crate) legacy_clients: bool,
    /// Enrol devices although there is no push certificate; they cannot be woken
    #[arg(long)]
    pub(crate) enrolment_without_push: bool,
    /// What is logged, such as `info` or `mandate=debug` [default: info]
    #[arg(long, value_name = "FILTER")]
    pub(crate) log: Option<String>,
}
