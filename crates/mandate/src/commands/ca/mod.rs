//! `mandate ca`: authorities, those of others, templates, challenges and revocations.

mod authority;
mod challenge;
mod issuer;
mod revocation;
mod root_key;
mod template;

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use mandate_pki::keys::KeyKind;
use zeroize::Zeroizing;

use super::place::Place;

/// Look after the certificate authority
#[derive(Debug, Args)]
pub(crate) struct Ca {
    #[command(subcommand)]
    command: CaCommand,
}

#[derive(Debug, Subcommand)]
enum CaCommand {
    /// Show the authorities that issue and issued
    Show(authority::Show),
    /// Let an issuing authority that you have already issue from now on
    Import(authority::Import),
    /// Make a new issuing authority under the same root, and let it issue from now on
    Rollover(authority::Rollover),
    /// Put the key of the root away, and bring it back
    RootKey(root_key::RootKey),
    /// Templates that say what certificates are good for
    Template(template::Template),
    /// Authorities of others that are asked for certificates
    Issuer(issuer::Issuer),
    /// Make a one-time challenge for a SCEP client that no profile reaches
    Challenge(challenge::Challenge),
    /// Revoke a certificate
    Revoke(revocation::Revoke),
    /// Revocations that authorities of others are to be told
    Revocations(revocation::Revocations),
}

impl Ca {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            CaCommand::Show(show) => show.run().await,
            CaCommand::Import(import) => import.run().await,
            CaCommand::Rollover(rollover) => rollover.run().await,
            CaCommand::RootKey(root_key) => root_key.run().await,
            CaCommand::Template(template) => template.run().await,
            CaCommand::Issuer(issuer) => issuer.run().await,
            CaCommand::Challenge(challenge) => challenge.run().await,
            CaCommand::Revoke(revoke) => revoke.run().await,
            CaCommand::Revocations(revocations) => revocations.run().await,
        }
    }
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum KeyChoice {
    /// RSA of 2048 bits: what every client understands
    Rsa2048,
    /// RSA of 3072 bits
    Rsa3072,
    /// RSA of 4096 bits
    Rsa4096,
    /// NIST P-256; SCEP is then answered by a registration authority with an RSA key
    P256,
    /// NIST P-384; the same
    P384,
}

impl From<KeyChoice> for KeyKind {
    fn from(choice: KeyChoice) -> Self {
        match choice {
            KeyChoice::Rsa2048 => Self::Rsa2048,
            KeyChoice::Rsa3072 => Self::Rsa3072,
            KeyChoice::Rsa4096 => Self::Rsa4096,
            KeyChoice::P256 => Self::P256,
            KeyChoice::P384 => Self::P384,
        }
    }
}

/// The only line of a file that holds a password, a challenge or a token.
fn secret_line(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let line = text.trim_end_matches(['\n', '\r']);
    anyhow::ensure!(!line.is_empty(), "`{}` is empty", path.display());
    anyhow::ensure!(
        !line.contains('\n'),
        "`{}` must hold one line",
        path.display()
    );
    Ok(Zeroizing::new(line.to_owned()))
}

/// Writes a new file that only its owner can read; never over another one.
fn write_secret(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("cannot make the file `{}`", path.display()))?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Hexadecimal digits as people compare them.
fn spaced(digits: &str) -> String {
    let pairs: Vec<String> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
        .collect();
    pairs.join(":")
}
