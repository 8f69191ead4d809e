//! `mandate-sim` as it is started from a shell.

use crate::mini::Mini;
use crate::payloads::{eas_payload, profile};
use std::process::Output;

async fn mandate_sim(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let run = move || {
        std::process::Command::new(env!("CARGO_BIN_EXE_mandate-sim"))
            .args(arguments)
            .output()
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apple_enrols_by_links_and_goes_on_from_its_state() {
    let mini = Mini::start().await;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("fleet.json");
    let links = directory.path().join("links");
    std::fs::write(&links, format!("{}\n\n", mini.link())).unwrap();
    let (state, links) = (state.to_str().unwrap(), links.to_str().unwrap());
    let arguments = [
        "apple",
        "--server",
        &mini.url,
        "--count",
        "3",
        "--links",
        links,
        "--os",
        "11.4,18.1",
        "--keys",
        "2",
        "--state",
        state,
        "--signature",
        "device",
        "--scep",
        "mdmb",
        "--json",
    ];
    let first = mandate_sim(&arguments).await;
    let summary: serde_json::Value = serde_json::from_slice(&first.stdout).unwrap();
    assert!(first.status.success(), "{summary}");
    assert_eq!(
        (&summary["enrolled"], &summary["mailAccounts"]),
        (&3.into(), &0.into())
    );

    mini.queue_profile(&profile(
        "com.example.mail",
        "MAIL-1",
        vec![eas_payload("A", &[])],
    ));
    let again = mandate_sim(&["apple", "--server", &mini.url, "--state", state]).await;
    let text = String::from_utf8(again.stdout).unwrap();
    assert!(
        again.status.success() && text.contains("InstallProfile Acknowledged"),
        "{text}"
    );
    assert_eq!(mini.messages_of("Authenticate").len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apple_can_be_macs() {
    let mini = Mini::start().await;
    let link = mini.link();
    let arguments = [
        "apple",
        "--server",
        &mini.url,
        "--link",
        &link,
        "--count",
        "2",
        "--platform",
        "mac",
        "--os",
        "11.7,26.0",
        "--keys",
        "2",
    ];
    let output = mandate_sim(&arguments).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let mut told: Vec<_> = mini
        .messages_of("Authenticate")
        .iter()
        .map(|message| {
            let text = |key: &str| message.get(key).unwrap().as_string().unwrap().to_owned();
            (text("ProductName"), text("BuildVersion"))
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("Mac14,2".to_owned(), "20H79".to_owned()),
            ("Mac14,2".to_owned(), "25A79".to_owned())
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load_prints_one_document_with_the_machines_facts() {
    let mini = Mini::start().await;
    let pid = std::process::id().to_string();
    let arguments = [
        "load",
        "--server",
        &mini.url,
        "--tenant",
        "tenant",
        "--client-id",
        "id",
        "--client-secret",
        "secret",
        "--count",
        "1",
        "--users",
        "1",
        "--keys",
        "2",
        "--server-pid",
        &pid,
        "idle",
        "--requests",
        "10",
    ];
    let output = mandate_sim(&arguments).await;
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["figures"]["requests"], 10);
    assert_eq!(result["enrolment"]["devices"], 1);
    assert!(result["machine"]["cores"].as_u64() > Some(0));
    assert!(result["server"]["after"]["residentMib"].as_u64() > Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_are_answered_with_what_to_do() {
    let cases: [(&[&str], &str); 4] = [
        (
            &["apple", "--server", "http://127.0.0.1:1"],
            "give `--link URL`",
        ),
        (
            &["apple", "--server", "http://127.0.0.1:1", "--tenant", "t"],
            "belong together",
        ),
        (
            &["load", "--server", "https://mdm.example.com", "idle"],
            "--i-own-this-server",
        ),
        (
            &["load", "--server", "http://127.0.0.1:1", "idle"],
            "mandate app create",
        ),
    ];
    for (arguments, advice) in cases {
        let output = mandate_sim(arguments).await;
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && text.contains(advice),
            "{arguments:?}: {text}"
        );
    }
}
