//! What nobody would write in good faith.

use mandate_model::membership_rule::{MOST_RULE_CHARACTERS, MembershipRule, RuleSubject};

use super::ada;

fn refusal(rule: &str) -> String {
    MembershipRule::parse(rule)
        .expect_err("it is refused")
        .problem
}

#[test]
fn a_rule_may_have_as_many_characters_as_microsoft_allows_and_no_more() {
    let of_length = |length: usize| {
        let (before, after) = ("user.city -eq \"", "\"");
        format!(
            "{before}{}{after}",
            "ë".repeat(length - before.len() - after.len())
        )
    };
    assert!(MembershipRule::parse(&of_length(MOST_RULE_CHARACTERS)).is_ok());
    let error = MembershipRule::parse(&of_length(MOST_RULE_CHARACTERS + 1)).unwrap_err();
    assert_eq!(error.position.offset, MOST_RULE_CHARACTERS);
    assert!(refusal(&"(".repeat(1 << 20)).contains("3,072"));
    assert!(refusal(&"\n".repeat(1 << 20)).contains("3,072"));
}

#[test]
fn nesting_is_bounded_whatever_it_is_made_of() {
    for deep in ["(", "-not ", "not(", "((-not "] {
        let rule = deep.repeat(MOST_RULE_CHARACTERS / deep.len() - 10);
        assert!(refusal(&rule).contains("levels of nesting"), "{deep}");
    }
    let rule = format!("{}user.city -eq null{}", "(".repeat(32), ")".repeat(32));
    assert!(MembershipRule::parse(&rule).is_ok());
}

#[test]
fn a_regular_expression_takes_neither_the_memory_nor_the_time() {
    assert!(refusal(r#"user.city -match "(\w{1000}){1000}""#).contains("too big"));
    let many = vec![r#"user.city -match "a""#; 17].join(" -or ");
    assert!(refusal(&many).contains("at most 16"));
    // Doubles with each letter where patterns are tried by going back.
    let rule = MembershipRule::parse(r#"user.city -match "^(a|a)*(a*)*b$""#).unwrap();
    let mut ada = ada();
    ada.other
        .insert("city".to_owned(), "a".repeat(100_000).into());
    assert!(!rule.matches(&RuleSubject::User(&ada)));
}

#[test]
fn quotes_and_brackets_that_do_not_end_are_refused() {
    for rule in [
        "\"",
        "'",
        "`",
        "user.city -eq \"`",
        "user.city -in [",
        "user.city -in [\"a\",",
        ")(",
        "user.proxyAddresses -any (",
        "[]",
        ",",
        "-",
        "--",
        "user.",
        ".",
        "user..",
        "_",
    ] {
        assert!(MembershipRule::parse(rule).is_err(), "{rule}");
    }
}
