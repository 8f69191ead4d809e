//! The end state as a table by state, with reasons.

use std::fmt::Write as _;

use mandate_engine::DeviceStatus;
use mandate_model::State;

const ORDER: [(State, &str); 5] = [
    (State::Succeeded, "Succeeded"),
    (State::Conflict, "Conflict"),
    (State::Error, "Error"),
    (State::Pending, "Pending"),
    (State::NotApplicable, "Not applicable"),
];

/// The phones of each state; those that are well only counted by version, the others named with their reason.
pub(super) fn by_state(statuses: &[DeviceStatus]) -> String {
    let mut text = String::from("\nContoso mail, by state\n");
    for (state, label) in ORDER {
        let group: Vec<&DeviceStatus> = statuses
            .iter()
            .filter(|status| status.status.state() == state)
            .collect();
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{label:<15}{:>3}", group.len());
        if state == State::Succeeded {
            let _ = writeln!(text, "    {}", versions(&group));
            continue;
        }
        for status in group {
            let person = status
                .user
                .as_ref()
                .map_or("(no user)", |user| user.display_name.as_str());
            let version = status.device.facts.os_version.as_deref().unwrap_or("?");
            let _ = writeln!(
                text,
                "    {person}, iOS {version}: {}",
                status.status.reason.message()
            );
            let _ = writeln!(text, "      → {}", status.status.reason.next_step());
        }
    }
    text
}

fn versions(group: &[&DeviceStatus]) -> String {
    let mut versions: Vec<&str> = group
        .iter()
        .map(|status| status.device.facts.os_version.as_deref().unwrap_or("?"))
        .collect();
    versions.sort_unstable();
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for version in versions {
        match counted.last_mut() {
            Some((last, count)) if *last == version => *count += 1,
            _ => counted.push((version, 1)),
        }
    }
    let parts: Vec<String> = counted
        .iter()
        .map(|(version, count)| format!("{count} × iOS {version}"))
        .collect();
    format!("{}; seen in each phone's profile list", parts.join(", "))
}
