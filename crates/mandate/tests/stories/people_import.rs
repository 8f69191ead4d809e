//! People from a file, at the machine while the server runs.

use std::path::Path;

use serde_json::Value;

use crate::house::{Program, places};

async fn import(program: &Program, file: &Path, more: &[&str]) -> (bool, Value) {
    let words = [
        &["people", "import", "--json"],
        more,
        &[file.to_str().unwrap()],
    ]
    .concat();
    let (went_well, said) = program.command(&words).await;
    let json = said
        .rsplit_once("error:")
        .map_or(said.as_str(), |(json, _)| json);
    (
        went_well,
        serde_json::from_str(json).unwrap_or(Value::from(said)),
    )
}

#[tokio::test]
async fn the_file_of_entra_is_imported_at_the_machine_while_the_server_runs() {
    for place in places().await {
        let program = Program::start(place).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("people.csv");
        let text = "version:v1.0,,,\r\n\
            Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required\r\n\
            Example: Chris,chris@contoso.com,pa55word-of-chris,No\r\n\
            Ada Lovelace,ada@contoso.com,pa55word-of-ada,No\r\n\
            Bob,bob@contoso.com,pa55word-of-bob,Yes\r\n";
        std::fs::write(&file, text).unwrap();
        let (went_well, looked) = import(&program, &file, &["--dry-run"]).await;
        assert!(went_well, "{looked}");
        assert_eq!(
            (&looked["created"], &looked["dryRun"]),
            (&2.into(), &true.into())
        );
        assert!(!looked.to_string().contains("pa55word"), "{looked}");
        let (went_well, taken) = import(&program, &file, &[]).await;
        assert!(went_well && taken["created"] == 2, "{taken}");
        assert_eq!(taken["ignoredColumns"].as_array().unwrap().len(), 1);
        let (went_well, again) = import(&program, &file, &["--update", "--group", "Nowhere"]).await;
        assert!(
            !went_well && again.to_string().contains("there is no such group"),
            "{again}"
        );
        std::fs::write(&file, "upn,name\nbad name@x,X\n").unwrap();
        let (went_well, refused) = import(&program, &file, &[]).await;
        assert!(!went_well && refused["refused"] == 1, "{refused}");
    }
}
