//! What is true of all rules.

use mandate_model::membership_rule::{MembershipRule, RuleSubject};
use proptest::prelude::*;

use super::ada;

fn text() -> impl Strategy<Value = String> {
    let letter = prop::sample::select(vec![
        'a',
        'A',
        'd',
        's',
        'S',
        '"',
        '`',
        '\'',
        ' ',
        'ë',
        '\n',
        '\u{1F600}',
        '\\',
        '@',
    ]);
    prop::collection::vec(letter, 0..6).prop_map(|letters| letters.into_iter().collect())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        if matches!(character, '"' | '`') {
            quoted.push('`');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}

fn condition(left: &'static str) -> impl Strategy<Value = String> {
    let operators = prop::sample::select(vec![
        "-eq",
        "ne",
        "-startsWith",
        "-NOTSTARTSWITH",
        "endsWith",
        "-notEndsWith",
        "-contains",
        "-notContains",
    ]);
    prop_oneof![
        (operators, text())
            .prop_map(move |(operator, text)| format!("{left} {operator} {}", quoted(&text))),
        prop::collection::vec(text(), 1..4).prop_map(move |texts| {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("{left} -in [{}]", texts.join(","))
        }),
        Just(format!("{left} -match \"^[a-d]+$\"")),
        Just(format!("{left} -ne null")),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        condition("user.department"),
        condition("user.city"),
        condition("user.streetAddress"),
        condition("user.otherMails"),
        condition("_").prop_map(|test| format!("user.proxyAddresses -any ({test})")),
        condition("_").prop_map(|test| format!("(user.imAddresses -all (-not ({test})))")),
        Just("user.accountEnabled -eq true".to_owned()),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" -and ")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" or ")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.prop_map(|inner| format!("-not ({inner})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = MembershipRule::parse(&text);
    }

    #[test]
    fn no_words_of_the_language_make_the_reader_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "user.department", "device.deviceOSType", "user.proxyAddresses", "-eq", "-in", "-any", "-match", "-not",
            "-and", "-or", "(", ")", "[", "]", ",", "_", "null", "true", "\"a\"", "'b'", "\"(\"", "`", "\"",
        ]), 0..24)
    ) {
        let _ = MembershipRule::parse(&words.join(" "));
    }

    #[test]
    fn a_rule_that_is_written_and_read_again_is_the_same(rule in rule()) {
        if let Ok(read) = MembershipRule::parse(&rule) {
            let written = read.to_string();
            let again = MembershipRule::parse(&written);
            prop_assert_eq!(again.as_ref(), Ok(&read), "{}", written);
            prop_assert_eq!(again.unwrap().to_string(), written);
        }
    }

    #[test]
    fn a_generated_rule_is_one(rule in rule()) {
        prop_assume!(rule.chars().count() <= 3072);
        let read = MembershipRule::parse(&rule);
        prop_assert!(read.is_ok(), "{}: {:?}", rule, read);
    }

    #[test]
    fn not_is_the_opposite_and_the_explanation_says_the_same(rule in rule()) {
        let ada = ada();
        let subject = RuleSubject::User(&ada);
        let (Ok(one), Ok(other)) = (
            MembershipRule::parse(&rule),
            MembershipRule::parse(&format!("-not ({rule})")),
        ) else {
            return Ok(());
        };
        prop_assert_ne!(one.matches(&subject), other.matches(&subject));
        prop_assert_eq!(one.explain(&subject).holds, one.matches(&subject));
    }
}
