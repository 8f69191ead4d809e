//! What is wrong with a rule is said with its place.

use mandate_model::membership_rule::MembershipRule;

/// A rule, line and column of its first error, and a part of what is said.
const WRONG: [(&str, usize, usize, &str); 36] = [
    ("", 1, 1, "expected a property"),
    ("   ", 1, 4, "end of the rule"),
    ("user.department", 1, 16, "operator"),
    (r#"user.department "Sales""#, 1, 17, "operator"),
    (r#"user.department -is "Sales""#, 1, 17, "`-is`"),
    ("user.department -eq", 1, 20, "text in quotes"),
    ("user.department -eq Sales", 1, 21, "`Sales`"),
    (r#"user.department -eq "Sales"#, 1, 21, "quote"),
    ("user.department -eq 'Sales", 1, 21, "quote"),
    (
        r#"user.department -eq "a" user.city -eq "b""#,
        1,
        25,
        "`-and`, `-or`",
    ),
    (r#"(user.department -eq "a""#, 1, 25, "`)`"),
    (r#"user.department -eq "a")"#, 1, 24, "`)`"),
    (r#"user.department -eq "a" -and"#, 1, 29, "property"),
    ("user.departement -eq \"a\"", 1, 1, "known property"),
    ("\n\n  user.nothing -eq \"a\"", 3, 3, "user.nothing"),
    ("department -eq \"a\"", 1, 1, "user.department"),
    ("person.department -eq \"a\"", 1, 1, "`user.` or `device.`"),
    (r#"user.department -in "a""#, 1, 21, "list"),
    (r"user.department -in []", 1, 22, "text in quotes"),
    (r#"user.department -in ["a" "b"]"#, 1, 26, "`,` or `]`"),
    (r"user.department -startsWith null", 1, 29, "`null`"),
    (r#"user.department -lt "a""#, 1, 17, "-lt"),
    ("user.accountEnabled -eq 1", 1, 25, "`true` or `false`"),
    ("user.accountEnabled -match \"t\"", 1, 21, "-match"),
    (r#"user.department -any (_ -eq "a")"#, 1, 17, "one value"),
    (r#"user.proxyAddresses -any _ -eq "a""#, 1, 26, "`(`"),
    (
        r#"user.proxyAddresses -any (user.city -eq "a")"#,
        1,
        27,
        "`_`",
    ),
    (r#"_ -eq "a""#, 1, 1, "`-any`"),
    (
        r#"user.city -eq "a" -and device.deviceOSType -eq "iPad""#,
        1,
        24,
        "same",
    ),
    (
        r#"user.displayName -match "(""#,
        1,
        25,
        "regular expression",
    ),
    (
        r#"user.displayName -match "(a)\1""#,
        1,
        25,
        "backreferences",
    ),
    ("user.memberOf -any (_ -in ['x'])", 1, 1, "not supported"),
    ("user.employeeHireDate -ge system.now", 1, 27, "date"),
    ("Direct Reports for \"x\"", 1, 1, "Direct Reports"),
    ("user.city -eq \u{201c}a\u{201d}", 1, 15, "straight quotes"),
    ("user.city\0 -eq \"a\"", 1, 10, "U+0000"),
];

#[test]
fn an_error_has_its_place_and_says_what_was_expected() {
    for (rule, line, column, part) in WRONG {
        let error = MembershipRule::parse(rule).expect_err(rule);
        let place = (error.position.line, error.position.column);
        assert_eq!(place, (line, column), "{rule}: {error}");
        assert!(error.problem.contains(part), "{rule}: {error}");
    }
}

#[test]
fn places_count_characters_and_lines() {
    let error = MembershipRule::parse("user.city -eq \"Zoë😀\"\n  -and ?").unwrap_err();
    let position = error.position;
    assert_eq!(
        (position.offset, position.line, position.column),
        (28, 2, 8)
    );
    assert_eq!(
        error.to_string(),
        "line 2, column 8: expected a property, an operator or a value, but found the character `?`"
    );
}
