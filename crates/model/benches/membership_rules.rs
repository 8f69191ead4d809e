//! How long one person takes against 500 rules, and one rule over 50,000 people.
//!
//! `cargo bench -p mandate-model --bench membership_rules`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement is a test that prints"
)]

use std::time::Instant;

use mandate_model::membership_rule::{MembershipRule, RuleSubject};
use mandate_model::{Timestamp, User, UserId};
use serde_json::{Map, json};
use uuid::Uuid;

const RULES: usize = 500;
const PEOPLE: u128 = 50_000;

fn main() {
    let people: Vec<User> = (0..PEOPLE).map(person).collect();
    let began = Instant::now();
    let rules: Vec<MembershipRule> = (0..RULES).map(rule).collect();
    println!("{RULES} rules read in {:?}", began.elapsed());
    let began = Instant::now();
    let subject = RuleSubject::User(&people[0]);
    let fitting = rules.iter().filter(|rule| rule.matches(&subject)).count();
    println!(
        "one person against {RULES} rules ({fitting} fit): {:?}",
        began.elapsed()
    );
    for rule in [&rules[0], &rules[3]] {
        let began = Instant::now();
        let members = people
            .iter()
            .filter(|user| rule.matches(&RuleSubject::User(user)))
            .count();
        println!(
            "one rule over {PEOPLE} people ({members} fit): {:?}  {rule}",
            began.elapsed()
        );
    }
}

fn rule(number: usize) -> MembershipRule {
    let text = match number % 4 {
        0 => format!(
            r#"(user.department -eq "Department {}") -and (user.accountEnabled -eq true)"#,
            number % 50
        ),
        1 => format!(r#"user.city -in ["City {number}", "Utrecht", "Lund"] -or user.country -eq "SE""#),
        2 => r#"user.proxyAddresses -any (_ -endsWith "@example.com") -and -not (user.jobTitle -contains "chief")"#
            .to_owned(),
        _ => format!(r#"user.userPrincipalName -match "^p\d*{}@""#, number % 10),
    };
    MembershipRule::parse(&text).unwrap()
}

fn person(number: u128) -> User {
    let name = format!("p{number}@example.com");
    User {
        id: UserId(Uuid::from_u128(number)),
        user_principal_name: name.clone(),
        display_name: format!("Person {number}"),
        given_name: None,
        surname: None,
        mail: Some(name),
        on_premises_sam_account_name: None,
        on_premises_domain_name: None,
        on_premises_net_bios_name: None,
        on_premises_distinguished_name: None,
        on_premises_security_identifier: None,
        account_enabled: true,
        other: Map::from_iter([
            (
                "department".to_owned(),
                json!(format!("Department {}", number % 50)),
            ),
            ("city".to_owned(), json!("Utrecht")),
            ("jobTitle".to_owned(), json!("Engineer")),
        ]),
        created_at: Timestamp(0),
    }
}
