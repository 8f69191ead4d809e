use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Filter;

fn device() -> Map<String, Value> {
    let Value::Object(body) = json!({
        "deviceName": "Ada's iPhone",
        "serialNumber": "C02XY",
        "isSupervised": false,
        "lastSyncDateTime": "2026-03-01T10:00:00.5Z",
        "enrolledDateTime": "2026-01-01T00:00:00Z",
        "userId": null,
        "freeStorageSpaceInBytes": 9_007_199_254_740_993_i64,
        "id": "0190f5fe-0000-7000-8000-000000000001",
        "roleScopeTagIds": ["0", "West"],
        "keyUsage": "keyEncipherment,digitalSignature",
        "deviceActionResults": [{"actionName": "wipe", "actionState": "failed"}, {"actionName": "sync", "actionState": "done"}],
    }) else {
        unreachable!()
    };
    body
}

fn fits(filter: &str) -> bool {
    Filter::parse(filter)
        .unwrap_or_else(|error| panic!("{filter}: {error}"))
        .matches("managedDevice", &device())
}

#[test]
fn what_clients_send_is_understood() {
    for filter in [
        "deviceName eq 'ADA''S iphone'",
        "serialNumber ne 'x'",
        "isSupervised eq false",
        "isSupervised ne true",
        "not isSupervised",
        "contains(serialNumber,'02x') and startsWith(deviceName,'ada') and ENDSWITH(deviceName,'iPhone')",
        "tolower(serialNumber) eq 'c02xy' and toupper(serialNumber) eq 'C02XY'",
        "lastSyncDateTime le 2026-03-01T12:00:00.500+02:00",
        "lastSyncDateTime le 2026-03-01T12:00:00.500 02:00",
        "lastSyncDateTime gt 2026-02-28 and lastSyncDateTime lt '2026-03-02T00:00:00Z'",
        "enrolledDateTime eq '2026-01-01T01:00:00+01:00'",
        "userId eq null and deviceName ne null",
        "id eq 0190F5FE-0000-7000-8000-000000000001",
        "id in ('x','0190f5fe-0000-7000-8000-000000000001')",
        "freeStorageSpaceInBytes eq 9007199254740993 and freeStorageSpaceInBytes gt 1.5",
        "roleScopeTagIds/any(t:t eq 'west')",
        "roleScopeTagIds/any() and roleScopeTagIds/$count eq 2",
        "roleScopeTagIds/all(t:length(t) le 4)",
        "deviceActionResults/any(a:a/actionName eq 'wipe' and a/actionState eq 'failed')",
        "keyUsage has 'digitalSignature'",
        "keyUsage has microsoft.graph.keyUsages'keyEncipherment, digitalSignature'",
        "isof('microsoft.graph.managedDevice') and isof('#microsoft.graph.entity') eq true",
        "not isof('microsoft.graph.user') and not (isof('microsoft.graph.group'))",
        "microsoft.graph.user/mail eq 'x' or isof('microsoft.graph.user') eq false",
        "microsoft.graph.user/mail eq null",
        "((deviceName eq 'x' or (serialNumber eq 'c02xy')))",
        "concat(serialNumber,'!') eq 'c02xy!' and trim(' a ') eq 'a'",
        "not deviceName eq 'x'",
    ] {
        assert!(fits(filter), "{filter}");
    }
}

#[test]
fn what_does_not_hold_does_not_fit() {
    for filter in [
        "deviceName eq 'x'",
        "userId gt 'a' or userId lt 'a' or userId ge null",
        "contains(userId,'a')",
        "isSupervised",
        "deviceActionResults/any(a:a/actionName eq 'wipe' and a/actionState eq 'done')",
        "deviceActionResults/all(a:a/actionState eq 'done')",
        "keyUsage has 'other'",
        "deviceName in ('a','b')",
        "serialNumber eq 5",
        "roleScopeTagIds eq 'west'",
        "a eq b and deviceName eq 'x'",
    ] {
        assert!(!fits(filter), "{filter}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (filter, position, part) in [
        ("deviceName eq", 14, "the end"),
        ("deviceName eq 'x", 15, "closing quote"),
        ("(deviceName eq 'x'", 19, "`)`"),
        ("deviceName eq 'x')", 18, "`)`"),
        ("deviceName is 'x'", 12, "`is`"),
        ("soundex(deviceName) eq 'x'", 1, "soundex"),
        ("deviceName", 0, ""),
        ("'x'", 1, "neither true nor false"),
        ("deviceName eq 'x' and 5", 23, "neither true nor false"),
        ("deviceName eq #", 15, "`#`"),
        ("id eq 12x", 7, "12x"),
        ("id in ()", 8, "a value"),
        ("", 1, "the end"),
        ("tags/any(t:)", 12, "`)`"),
        ("a-b eq 'x'", 2, "`-`"),
        ("isof()", 6, "type"),
    ] {
        match Filter::parse(filter) {
            Ok(_) => assert_eq!(position, 0, "{filter}"),
            Err(error) => {
                assert_eq!(error.position, Some(position), "{filter}: {error}");
                assert!(error.to_string().contains(part), "{filter}: {error}");
            }
        }
    }
}

#[test]
fn equalities_and_prefixes_are_found_for_the_store() {
    let filter =
        Filter::parse("tolower(userPrincipalName) eq 'a@b' and accountEnabled eq true").unwrap();
    assert_eq!(filter.equality("userPrincipalName").as_deref(), Some("a@b"));
    assert_eq!(filter.equality("mail"), None);
    let filter = Filter::parse("startsWith(deviceName,'iP')").unwrap();
    assert_eq!(filter.prefix("deviceName").as_deref(), Some("iP"));
    let filter = Filter::parse("id in ('a','b')").unwrap();
    assert_eq!(filter.one_of("id").unwrap(), ["a", "b"]);
    let filter = Filter::parse("id eq 'a' or id eq 'b'").unwrap();
    assert_eq!(filter.one_of("id").unwrap(), ["a", "b"]);
    assert_eq!(filter.equality("id"), None);
}

#[test]
fn depth_and_size_are_bounded() {
    assert!(Filter::parse(&format!("{}true{}", "(".repeat(100), ")".repeat(100))).is_err());
    assert!(Filter::parse(&format!("{}true", "not ".repeat(500))).is_err());
    assert!(Filter::parse(&format!("{}true", "tolower(".repeat(200))).is_err());
    let many = vec!["isSupervised"; 1500].join(" or ");
    assert!(!fits(&many));
    assert!(Filter::parse(&vec!["isSupervised"; 3000].join(" or ")).is_err());
    let list = vec!["'x'"; 1001].join(",");
    assert!(Filter::parse(&format!("id in ({list})")).is_err());
}

#[test]
fn unknown_properties_are_named_and_derived_ones_explained() {
    let check = |filter: &str, name: &str| Filter::parse(filter).unwrap().check(name);
    assert!(
        check(
            "deviceName eq 'x' and deviceActionResults/any(a:a/actionName eq 'x')",
            "managedDevice"
        )
        .is_ok()
    );
    let error = check("deviceName eq 'x' and devicename2 eq 'y'", "managedDevice").unwrap_err();
    assert!(error.message.contains("`devicename2`"), "{error}");
    let error = check(
        "deviceActionResults/any(a:a/nonsense eq 'x')",
        "managedDevice",
    )
    .unwrap_err();
    assert!(error.message.contains("`nonsense`"), "{error}");
    let error = check("hostName eq 'x'", "deviceConfiguration").unwrap_err();
    assert!(
        error
            .message
            .contains("microsoft.graph.iosEasEmailProfileConfiguration/hostName"),
        "{error}"
    );
    assert!(
        check(
            "microsoft.graph.androidManagedStoreAppConfiguration/x eq true",
            "deviceConfiguration"
        )
        .is_ok()
    );
}

proptest! {
    #[test]
    fn no_input_panics(text in "\\PC{0,60}") {
        let _ = Filter::parse(&text);
    }

    #[test]
    fn no_filter_panics(text in "[a-c' ()/:,.$0-9-]{0,40}|(a|eq|ne|and|or|not|in|any|has|isof|\\(|\\)|'x'|/|:|,| |null|1){0,20}") {
        if let Ok(filter) = Filter::parse(&text) {
            let _ = filter.matches("managedDevice", &device());
            let _ = filter.check("managedDevice");
            prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap().to_string(), filter.to_string());
        }
    }
}
