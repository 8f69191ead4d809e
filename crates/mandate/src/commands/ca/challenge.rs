//! `mandate ca challenge`.

use clap::Args;
use mandate_engine::{Actor, NewChallenge};
use mandate_model::{CertificateTemplate, SanSpec, Timestamp};

use super::Place;
use crate::output;

/// Make a one-time challenge for a SCEP client that no profile reaches
#[derive(Debug, Args)]
pub(super) struct Challenge {
    #[command(flatten)]
    place: Place,
    /// Subject that the client will ask for, such as "CN=printer, O=Contoso"
    #[arg(long)]
    subject: String,
    /// Alternative name that it may ask for: dns:NAME, email:ADDRESS, upn:NAME or uri:ADDRESS; may be given several times
    #[arg(long, value_name = "NAME")]
    san: Vec<String>,
    /// Template of the certificate
    #[arg(long, default_value = CertificateTemplate::DEFAULT)]
    template: String,
    /// RSA key size that it will use, if not the template's
    #[arg(long, value_name = "BITS")]
    key_bits: Option<u32>,
    /// Validity of the certificate in days [default: a year, or the template's longest]
    #[arg(long)]
    days: Option<i64>,
    /// How long the challenge may be used, such as 30m, 1h or 7d
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration)]
    valid: i64,
}

impl Challenge {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let new = NewChallenge {
            subject: self.subject,
            alternative_names: self
                .san
                .iter()
                .map(|text| alternative_name(text))
                .collect::<anyhow::Result<_>>()?,
            template: self.template,
            key_bits: self.key_bits,
            validity_days: self.days,
            lifetime: self.valid,
        };
        let engine = self.place.engine().await?;
        let minted = engine.mint_manual_challenge(&Actor::system(), new).await?;
        engine.store().close().await;
        if self.place.json {
            output::json(&minted);
            return Ok(());
        }
        output::line(&minted.challenge);
        output::note(&format!(
            "good for one request for `{}` with an RSA key of {} bits until {}; the address is that of the server with \
             `/scep`",
            minted.subject, minted.key_bits, minted.expires_at
        ));
        Ok(())
    }
}

fn alternative_name(text: &str) -> anyhow::Result<SanSpec> {
    let Some((form, value)) = text.split_once(':').filter(|(_, value)| !value.is_empty()) else {
        anyhow::bail!(
            "`{text}` is no alternative name: write `dns:`, `email:`, `upn:` or `uri:` and its value"
        );
    };
    let value = value.to_owned();
    Ok(match form.to_ascii_lowercase().as_str() {
        "dns" => SanSpec::Dns(value),
        "email" => SanSpec::Email(value),
        "upn" => SanSpec::UserPrincipalName(value),
        "uri" => SanSpec::Uri(value),
        other => {
            anyhow::bail!(
                "`{other}` is no form of alternative name: `dns`, `email`, `upn` and `uri` are"
            )
        }
    })
}

/// A number with `m`, `h` or `d`, in microseconds.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no duration such as `30m`, `1h` or `7d`");
    let unit = match text.chars().last() {
        Some('m') => Timestamp::MINUTE,
        Some('h') => Timestamp::HOUR,
        Some('d') => Timestamp::DAY,
        _ => return Err(wrong()),
    };
    let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number
        .checked_mul(unit)
        .filter(|all| *all > 0)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("90m"), Ok(90 * Timestamp::MINUTE));
        assert_eq!(duration("7d"), Ok(7 * Timestamp::DAY));
        for wrong in ["", "1", "h", "-1h", "0m", "1w", "99999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_alternative_name_has_a_form() {
        assert_eq!(
            alternative_name("uri:https://x/y").unwrap(),
            SanSpec::Uri("https://x/y".to_owned())
        );
        assert_eq!(
            alternative_name("DNS:printer").unwrap(),
            SanSpec::Dns("printer".to_owned())
        );
        for wrong in ["printer", "dns:", "ip:1.2.3.4"] {
            assert!(alternative_name(wrong).is_err(), "{wrong}");
        }
    }
}
