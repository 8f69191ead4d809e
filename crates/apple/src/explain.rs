//! What a configuration profile says, for people.

use mandate_engine::{AccountView, PayloadKey, PayloadView};
use plist::{Dictionary, Value};

/// The payloads of a profile that we compiled; nothing of anything else.
pub(crate) fn explain(document: &[u8]) -> Vec<PayloadView> {
    let read = Value::from_reader_xml(document).ok();
    let content = read
        .as_ref()
        .and_then(Value::as_dictionary)
        .and_then(|profile| profile.get("PayloadContent"))
        .and_then(Value::as_array);
    let payloads = content.into_iter().flatten();
    payloads
        .filter_map(Value::as_dictionary)
        .map(payload)
        .collect()
}

fn payload(keys: &Dictionary) -> PayloadView {
    let payload_type = text(keys, "PayloadType");
    let mut listed = Vec::new();
    for (name, value) in keys {
        if !EVERYWHERE.contains(&name.as_str()) {
            list(name, value, &mut listed);
        }
    }
    PayloadView {
        account: (payload_type == "com.apple.eas.account").then(|| account(keys)),
        payload_type,
        display_name: text(keys, "PayloadDisplayName"),
        keys: listed,
    }
}

fn account(keys: &Dictionary) -> AccountView {
    let flag = |name: &str| keys.get(name).and_then(Value::as_boolean);
    AccountView {
        name: text(keys, "PayloadDisplayName"),
        address: text(keys, "EmailAddress"),
        user_name: text(keys, "UserName"),
        host_name: text(keys, "Host"),
        tls: flag("SSL").unwrap_or_default(),
        oauth: flag("OAuth").unwrap_or_default(),
        certificate: keys.contains_key("PayloadCertificateUUID"),
    }
}

fn text(keys: &Dictionary, name: &str) -> String {
    let value = keys.get(name).and_then(Value::as_string);
    value.unwrap_or_default().to_owned()
}

fn list(name: &str, value: &Value, listed: &mut Vec<PayloadKey>) {
    let value = match value {
        Value::Dictionary(inner) => {
            for (key, value) in inner {
                list(&format!("{name}.{key}"), value, listed);
            }
            return;
        }
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                list(&format!("{name}.{number}"), value, listed);
            }
            return;
        }
        Value::String(text) => text.clone(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Data(octets) => format!("{} octets", octets.len()),
        Value::Date(date) => date.to_xml_format(),
        other => format!("{other:?}"),
    };
    listed.push(PayloadKey {
        name: name.to_owned(),
        value,
    });
}

/// Keys that every payload has and that tell people nothing.
const EVERYWHERE: [&str; 5] = [
    "PayloadType",
    "PayloadVersion",
    "PayloadIdentifier",
    "PayloadUUID",
    "PayloadDisplayName",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_profile_has_no_payloads() {
        for document in [&b""[..], b"<plist><string>x</string></plist>", b"\xff\xfe"] {
            assert_eq!(explain(document), []);
        }
    }

    #[test]
    fn an_account_is_read_as_a_device_would() {
        let document = br#"<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>PayloadContent</key><array>
<dict><key>PayloadType</key><string>com.apple.security.root</string>
  <key>PayloadContent</key><data>AAEC</data></dict>
<dict><key>PayloadType</key><string>com.apple.eas.account</string>
  <key>PayloadDisplayName</key><string>Contoso</string>
  <key>Host</key><string>mail.contoso.com</string>
  <key>EmailAddress</key><string>ada@contoso.com</string>
  <key>UserName</key><string>CONTOSO\ada</string>
  <key>SSL</key><true/><key>MailNumberOfPastDaysToSync</key><integer>7</integer>
  <key>Nested</key><dict><key>A</key><array><string>b</string></array></dict></dict>
</array></dict></plist>"#;
        let payloads = explain(document);
        assert_eq!(payloads.len(), 2);
        assert_eq!(payloads[0].account, None);
        let octets = &payloads[0].keys[0];
        assert_eq!(
            (octets.name.as_str(), octets.value.as_str()),
            ("PayloadContent", "3 octets")
        );
        let account = payloads[1].account.as_ref().unwrap();
        assert_eq!(account.user_name, "CONTOSO\\ada");
        assert_eq!(account.host_name, "mail.contoso.com");
        assert!(account.tls && !account.oauth && !account.certificate);
        let named = |name: &str| payloads[1].keys.iter().find(|key| key.name == name);
        assert_eq!(named("MailNumberOfPastDaysToSync").unwrap().value, "7");
        assert_eq!(named("Nested.A.0").unwrap().value, "b");
        assert!(named("PayloadType").is_none());
    }
}
