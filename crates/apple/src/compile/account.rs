//! `iosEasEmailProfileConfiguration` as `com.apple.eas.account`.

use mandate_model::{AccountKey, Profile, Refusal};
use serde_json::Value;

use super::context::{Context, Payload, text};
use super::document::Document;
use super::gate::Gate;
use super::{certificates, smime, user_name};

/// Adds the certificates that the account needs, then the account.
pub(super) fn add(context: &Context<'_>, document: &mut Document) -> Result<(), Refusal> {
    let profile = context.input.profile;
    let user = context.user()?;
    let mut gate = Gate::new(profile, context.os);
    let host = gate.required_text("hostName")?;
    let address = user_name::address(gate.required_text("emailAddressSource")?, user)?;
    let user_name = user_name::user_name(&mut gate, user)?;

    let identity = authentication(context, &mut gate, document)?;
    let smime = smime::Certificates::add(context, &mut gate, &address, document)?;

    let key = AccountKey {
        host: host.to_lowercase(),
        address: address.to_lowercase(),
    };
    let label = gate.required_text("accountName")?;
    let mut account = context.payload(
        "com.apple.eas.account",
        "account",
        &account_identity(profile, &key),
        label,
    );
    account.set("Host", host);
    account.set("EmailAddress", text(&address));
    account.set("UserName", text(&user_name));
    // The device's own default is false, which nobody means.
    account.set("SSL", gate.flag("requireSsl").unwrap_or(true));
    if let Some(oauth) = gate.flag("useOAuth") {
        account.set("OAuth", oauth);
    }
    if let Some(identity) = identity {
        account.set("PayloadCertificateUUID", identity);
    }
    set_services(&mut gate, &mut account);
    set_mail(&mut gate, &mut account);
    smime.set(&mut gate, &mut account);
    if let Some(vpn) = gate.text("perAppVPNProfileId") {
        account.set("VPNUUID", vpn);
    }
    document.push(account);
    document.accounts.push(key);
    document.skipped.append(&mut gate.skipped);
    Ok(())
}

/// `PayloadUUID` of the identity that signs in, if one does.
fn authentication(
    context: &Context<'_>,
    gate: &mut Gate<'_>,
    document: &mut Document,
) -> Result<Option<String>, Refusal> {
    match gate.text("authenticationMethod") {
        Some("certificate") => {
            let certificate = context.referenced(context.input.profile, "identityCertificate")?;
            let identity = certificates::add_identity(context, certificate, document)?;
            Ok(Some(identity.uuid))
        }
        Some("derivedCredential") => Err(no_derived_credentials()),
        _ => Ok(None),
    }
}

/// What makes the account another one: the settings that the catalogue marks, with host and address as devices
/// compare them. An address that comes from another attribute but reads the same is the same.
fn account_identity(profile: &Profile, key: &AccountKey) -> String {
    let settings = profile
        .kind
        .settings
        .iter()
        .filter(|setting| setting.identity);
    let parts = settings.map(|setting| match setting.property {
        "hostName" => key.host.clone(),
        "emailAddressSource" => key.address.clone(),
        property => {
            let value = profile.settings.get(property).unwrap_or(&Value::Null);
            format!("{property}={}", setting.effective(value))
        }
    });
    parts.collect::<Vec<_>>().join("\0")
}

/// Left out, a service is on and users may change it; so every service is written.
fn set_services(gate: &mut Gate<'_>, account: &mut Payload) {
    if let Some(chosen) = gate.text("easServices") {
        for (service, name) in SERVICES {
            account.set(
                &format!("Enable{name}"),
                chosen.split(',').any(|one| one == *service),
            );
        }
    }
    if let Some(may_change) = gate.flag("easServicesUserOverrideEnabled") {
        for (_, name) in SERVICES {
            account.set(&format!("Enable{name}UserOverridable"), may_change);
        }
    }
}

fn set_mail(gate: &mut Gate<'_>, account: &mut Payload) {
    let days = gate
        .text("durationOfEmailToSync")
        .and_then(|name| DAYS.iter().find(|(known, _)| *known == name));
    if let Some((_, days)) = days {
        account.set("MailNumberOfPastDaysToSync", *days);
    }
    for (property, key) in BLOCKS {
        if let Some(blocked) = gate.flag(property) {
            account.set(key, blocked);
        }
    }
}

pub(super) fn no_derived_credentials() -> Refusal {
    Refusal::Unsupported {
        reason: "this tenant has no issuer of derived credentials".to_owned(),
    }
}

const SERVICES: &[(&str, &str)] = &[
    ("email", "Mail"),
    ("contacts", "Contacts"),
    ("calendars", "Calendars"),
    ("reminders", "Reminders"),
    ("notes", "Notes"),
];

/// `userDefined` writes nothing: the device takes seven and the user may change it. 0 is without limit.
const DAYS: &[(&str, i64)] = &[
    ("oneDay", 1),
    ("threeDays", 3),
    ("oneWeek", 7),
    ("twoWeeks", 14),
    ("oneMonth", 31),
    ("unlimited", 0),
];

/// Graph and Apple both say "block": only forms ask the opposite.
const BLOCKS: &[(&str, &str)] = &[
    ("blockMovingMessagesToOtherEmailAccounts", "PreventMove"),
    ("blockSendingEmailFromThirdPartyApps", "PreventAppSheet"),
    (
        "blockSyncingRecentlyUsedEmailAddresses",
        "disableMailRecentsSyncing",
    ),
];
