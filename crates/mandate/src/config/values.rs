//! Values of settings that are more than a text.

use std::net::{IpAddr, SocketAddr};

use anyhow::Context as _;
use mandate_web::{Network, TrustedProxies};

/// A name server by its address: no name, as nobody could be asked for it.
pub(super) fn name_server(text: &str) -> anyhow::Result<SocketAddr> {
    let text = text.trim();
    let whole = text.parse::<SocketAddr>().ok();
    let bare = || {
        let address: IpAddr = text.trim_matches(['[', ']']).parse().ok()?;
        Some(SocketAddr::new(address, 53))
    };
    whole.or_else(bare).with_context(|| {
        format!("`dns_server` is `{text}`, but must be an address such as `192.0.2.53` or `[2001:db8::53]:5353`")
    })
}

/// Networks that are parted by commas.
pub(super) fn proxies_of(text: &str) -> anyhow::Result<TrustedProxies> {
    let networks: Result<Vec<Network>, _> = names(text).iter().map(|name| name.parse()).collect();
    Ok(TrustedProxies::new(
        networks.context("`trusted_proxy` cannot be read")?,
    ))
}

/// Names that are parted by commas.
pub(super) fn names(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// How many days audit entries are kept; 0 for ever.
pub(super) fn retention_days(text: &str) -> anyhow::Result<i64> {
    let days = text.trim().parse().ok();
    days.filter(|days| (0..=36_500).contains(days))
        .with_context(|| {
            format!("`audit_retention_days` is `{text}`, but must be whole days from 0 (for ever) to 36500")
        })
}

/// Days as `60,30,7`: the most first, each once.
pub(super) fn days(text: &str) -> anyhow::Result<Vec<i64>> {
    let wrong = |word: &str| {
        anyhow::anyhow!(
            "`expiry_alert_days` has `{word}`, but must be whole days from 1 to 730, such as `60,30,7`"
        )
    };
    let mut days = Vec::new();
    for word in text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let day: i64 = word.parse().map_err(|_| wrong(word))?;
        if !(1..=730).contains(&day) {
            return Err(wrong(word));
        }
        days.push(day);
    }
    days.sort_unstable_by(|one, other| other.cmp(one));
    days.dedup();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_any_order_and_wrong_ones_refused_by_name() {
        assert_eq!(days("7, 60,30,7").unwrap(), [60, 30, 7]);
        assert_eq!(days("").unwrap(), Vec::<i64>::new());
        for wrong in ["x", "0", "731", "-1", "7;8"] {
            let error = days(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn entries_are_kept_for_days_or_for_ever() {
        assert_eq!(retention_days("0").unwrap(), 0);
        assert_eq!(retention_days(" 730 ").unwrap(), 730);
        for wrong in ["", "x", "-1", "36501", "1.5"] {
            let error = retention_days(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("`{wrong}`")), "{error}");
        }
    }

    #[test]
    fn a_name_server_is_an_address_with_or_without_a_port() {
        for (text, address) in [
            ("192.0.2.53", "192.0.2.53:53"),
            (" 127.0.0.1:5353 ", "127.0.0.1:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]:5353", "[2001:db8::53]:5353"),
        ] {
            assert_eq!(name_server(text).unwrap().to_string(), address);
        }
        for wrong in ["", "ns.example.com", "192.0.2.53:x", "192.0.2"] {
            let error = name_server(wrong).unwrap_err().to_string();
            assert!(error.contains("dns_server"), "{error}");
        }
    }
}
