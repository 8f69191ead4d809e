//! The key that opens the secrets: where it comes from, who may read it, and how it is replaced.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use axum::http::Method;
use mandate_engine::{Engine, Store, SystemChance, SystemClock};
use mandate_model::{ImportPurpose, Target};
use mandate_pki::seal::SealKey;
use mandate_simulator::device::Ending;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::house::{House, Openssl, Place, Program, places};

const ADA: &str = "ada@contoso.com";

/// A data directory, and the program on it.
struct Shelf {
    directory: TempDir,
}

impl Shelf {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Runs the program with variables, and nothing of this process's own that could say where a key is.
    fn run(&self, words: &[&str], variables: &[(&str, &Path)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mandate"));
        for name in [
            "MANDATE_SECRET_KEY",
            "MANDATE_SECRET_KEY_COMMAND",
            "CREDENTIALS_DIRECTORY",
        ] {
            command.env_remove(name);
        }
        command
            .args(words)
            .env("MANDATE_DATA", self.data())
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn init(&self, variables: &[(&str, &Path)]) -> Output {
        let words = "init --company Contoso --domain contoso.com --admin admin@contoso.com";
        self.run(&words.split(' ').collect::<Vec<_>>(), variables)
    }

    /// What must go well; standard output.
    fn fine(&self, words: &[&str], variables: &[(&str, &Path)]) -> String {
        let output = self.run(words, variables);
        assert!(output.status.success(), "{words:?}: {}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn set(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_makes_a_key_for_its_owner_alone_and_nobody_uses_one_that_others_may_read() {
    let shelf = Shelf::new();
    assert!(shelf.init(&[]).status.success());
    let key = shelf.data().join("secret.key");
    assert_eq!(mode(&key), 0o600);
    shelf.fine(&["key", "check"], &[]);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    for words in [
        ["key", "check"].as_slice(),
        &["serve", "--http", "127.0.0.1:0"],
        &[
            "app",
            "create",
            "--name",
            "x",
            "--role",
            "Read Only Operator",
        ],
    ] {
        let output = shelf.run(words, &[]);
        let said = errors(&output);
        assert!(!output.status.success());
        assert!(
            said.contains(&format!("chmod 600 {}", key.display())),
            "{said}"
        );
    }
}

#[test]
fn the_key_may_be_a_file_elsewhere_a_credential_of_systemd_or_what_a_command_prints() {
    for source in ["file", "credential", "command"] {
        let shelf = Shelf::new();
        let key = shelf.path("mandate-secret-key");
        let text = key.to_str().unwrap();
        shelf.fine(&["key", "generate", text], &[]);
        assert_eq!(mode(&key), 0o600);
        std::fs::create_dir(shelf.data()).unwrap();
        let directory = shelf.directory.path().to_owned();
        let command = PathBuf::from(format!("cat '{text}'"));
        let variables: Vec<(&str, &Path)> = match source {
            "file" => vec![("MANDATE_SECRET_KEY", key.as_path())],
            "credential" => vec![("CREDENTIALS_DIRECTORY", directory.as_path())],
            _ => vec![("MANDATE_SECRET_KEY_COMMAND", command.as_path())],
        };
        let made = shelf.init(&variables);
        assert!(made.status.success(), "{}", errors(&made));
        assert!(!shelf.data().join("secret.key").exists(), "none is made");
        shelf.fine(&["key", "check"], &variables);

        let content = std::fs::read_to_string(&key).unwrap();
        let shown = shelf.fine(&["config", "--json"], &variables);
        assert!(!shown.contains(content.trim()), "the key is never shown");
        let shown: Value = serde_json::from_str(&shown).unwrap();
        let settings = shown.as_array().unwrap();
        let found = |name: &str| settings.iter().find(|setting| setting["key"] == name);
        let (value, from) = match source {
            "file" => (text, "MANDATE_SECRET_KEY"),
            "credential" => (text, "systemd"),
            _ => ("cat …", "MANDATE_SECRET_KEY_COMMAND"),
        };
        let name = if source == "command" {
            "secret_key_command"
        } else {
            "secret_key"
        };
        let setting = found(name).unwrap();
        assert_eq!(
            (&setting["value"], &setting["source"]),
            (&value.into(), &from.into())
        );

        let without = shelf.run(&["key", "check"], &[]);
        assert!(
            errors(&without).contains("no key file"),
            "{}",
            errors(&without)
        );
    }
}

#[test]
fn a_source_that_gives_nothing_is_named() {
    let shelf = Shelf::new();
    assert!(shelf.init(&[]).status.success());
    let long = shelf.set("long", &"a".repeat(5000));
    let long = PathBuf::from(format!("cat {}", long.display()));
    for (name, value, said) in [
        (
            "MANDATE_SECRET_KEY",
            Path::new("/no/such/key"),
            "/no/such/key",
        ),
        (
            "MANDATE_SECRET_KEY_COMMAND",
            Path::new("false"),
            "`false` ended with",
        ),
        (
            "MANDATE_SECRET_KEY_COMMAND",
            Path::new("echo a b"),
            "gives no key",
        ),
        (
            "MANDATE_SECRET_KEY_COMMAND",
            Path::new("a 'b"),
            "never closed",
        ),
        ("MANDATE_SECRET_KEY_COMMAND", &long, "more than 4096 octets"),
    ] {
        let output = shelf.run(&["key", "check"], &[(name, value)]);
        assert!(!output.status.success());
        assert!(errors(&output).contains(said), "{}", errors(&output));
    }
    let output = shelf.run(&["key", "check", "--secret-key", "/no/such/key"], &[]);
    assert!(errors(&output).contains("/no/such/key"), "the flag counts");
}

#[test]
fn a_key_that_is_kept_elsewhere_is_replaced_in_two_steps() {
    for source in ["MANDATE_SECRET_KEY_COMMAND", "MANDATE_SECRET_KEY"] {
        let shelf = Shelf::new();
        let store = shelf.path("store");
        shelf.fine(&["key", "generate", store.to_str().unwrap()], &[]);
        let command = PathBuf::from(format!("cat {}", store.display()));
        let is_command = source == "MANDATE_SECRET_KEY_COMMAND";
        let value = if is_command { &command } else { &store };
        let variables = [(source, value.as_path())];
        std::fs::create_dir(shelf.data()).unwrap();
        assert!(shelf.init(&variables).status.success());
        let old = std::fs::read_to_string(&store).unwrap();

        if is_command {
            let refused = errors(&shelf.run(&["key", "rotate"], &variables));
            assert!(refused.contains("--new-key-file"), "{refused}");
        }
        let (both, alone) = (shelf.path("both"), shelf.path("alone"));
        let rotate = |file: &Path| {
            let file = file.to_str().unwrap();
            shelf.fine(&["key", "rotate", "--new-key-file", file], &variables)
        };
        let said = rotate(&both);
        assert!(said.contains("nothing is sealed anew yet"), "{said}");
        shelf.fine(&["key", "check"], &variables);
        let content = std::fs::read_to_string(&both).unwrap();
        assert!(content.ends_with(&old) && content.lines().count() == 2);
        assert_eq!(mode(&both), 0o600);
        assert_eq!(
            std::fs::read_to_string(&store).unwrap(),
            old,
            "nothing is replaced"
        );

        std::fs::copy(&both, &store).unwrap();
        shelf.fine(&["key", "check"], &variables);
        rotate(&alone);
        shelf.fine(&["key", "check"], &variables);
        std::fs::copy(&alone, &store).unwrap();
        let shown = shelf.fine(&["key", "check", "--json"], &variables);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["keys"].as_array().unwrap().len(), 1);
        std::fs::write(&store, &old).unwrap();
        let closed = shelf.run(&["key", "check"], &variables);
        assert!(
            !closed.status.success(),
            "the old key opens nothing any more"
        );
    }
}

/// How often is asked for what is about to be so.
const LOOKS: u32 = 1000;

#[tokio::test]
async fn a_key_is_replaced_while_the_server_is_stopped_and_not_while_it_runs() {
    for place in places().await {
        let mut program = Program::start(place).await;
        let ada = program.hire("ada").await;
        let mut phone = program.enrol(&ada).await;
        let before = std::fs::read_to_string(program.data().join("secret.key")).unwrap();

        let (done, said) = program.command(&["key", "rotate"]).await;
        assert!(!done && said.contains("stop the server first"), "{said}");
        let (done, said) = program.command(&["key", "check"]).await;
        assert!(done, "looking is allowed: {said}");

        program.kill();
        let (done, said) = program.command(&["key", "rotate"]).await;
        assert!(done, "{said}");
        let after = std::fs::read_to_string(program.data().join("secret.key")).unwrap();
        assert_ne!(before, after);
        assert_eq!(after.lines().count(), 1);
        program.restart().await;

        // Everything that was sealed is needed for this: tokens, challenges, the authority's key.
        let (status, body) = program.call(Method::GET, "/v1.0/users", None).await;
        assert_eq!(status, 200, "{body}");
        let report = phone.check_in(&program.http).await.unwrap();
        assert_eq!(report.ending, Ending::Empty);
        program.enrol(&ada).await;
        let (done, said) = program.command(&["key", "check"]).await;
        assert!(done, "{said}");
    }
}

#[tokio::test]
async fn a_key_is_not_replaced_beneath_a_command_that_seals_with_it() {
    for place in places().await {
        let mut program = Program::start(place).await;
        program.hire("ada").await;
        program.kill();
        let desk = tempfile::tempdir().unwrap();
        let (pipe, password) = (desk.path().join("pipe"), desk.path().join("password"));
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        std::fs::write(&password, "x\n").unwrap();
        let (pipe, password) = (pipe.to_str().unwrap(), password.to_str().unwrap());

        let words = ["pfx", "import", pipe, "--password-file", password];
        let words: Vec<&str> = words.into_iter().chain(["--purpose", "wifi"]).collect();
        let import = program.command(&words);
        let beside = async {
            // Opened as soon as the command reads: from here it waits for its file, with the key in memory.
            let open = pipe.to_owned();
            let file = tokio::task::spawn_blocking(move || {
                std::fs::OpenOptions::new().write(true).open(open).unwrap()
            });
            let file = file.await.unwrap();
            let rotated = program.command(&["key", "rotate"]).await;
            let other = program.command(&["connector", "key"]).await;
            let checked = program.command(&["key", "check"]).await;
            drop(file);
            (rotated, other, checked)
        };
        let ((_, imported), ((rotated, said), other, checked)) = tokio::join!(import, beside);
        assert!(!rotated && said.contains("another command"), "{said}");
        assert!(other.0 && checked.0, "{other:?} {checked:?}");
        assert!(imported.contains("the file is empty"), "{imported}");

        let (done, said) = program.command(&["key", "rotate"]).await;
        assert!(done, "{said}");
        program.restart().await;
        let (done, said) = program.command(&["connector", "key"]).await;
        assert!(done, "beside a server: {said}");
    }
}

#[tokio::test]
async fn no_command_begins_while_the_key_is_being_replaced() {
    for place in places().await {
        let program = Program::start(place).await;
        let lock = std::fs::File::create(program.data().join("key.lock")).unwrap();
        lock.lock().unwrap();
        for words in [["connector", "key"], ["app", "list"], ["key", "check"]] {
            let (done, said) = program.command(&words).await;
            assert!(!done && said.contains("is being replaced"), "{said}");
        }
        drop(lock);
        let (done, said) = program.command(&["connector", "key"]).await;
        assert!(done, "{said}");
    }
}

#[tokio::test]
async fn nobody_seals_anew_beneath_a_server_that_runs_on_the_same_postgresql() {
    for place in places().await {
        let Place::Postgres(_) = &place else { continue };
        let house = House::open(place.clone()).await;
        let running = place.store().await;
        let beside = place.store().await;
        assert!(running.hold().await.unwrap());
        assert!(beside.hold().await.unwrap(), "several may work at once");
        beside.close().await;
        let other = place.store().await;
        let key = SealKey::generate().unwrap();
        let seal_anew = || Engine::seal_anew(&other, &key, &SystemClock, &SystemChance);
        let error = seal_anew().await.unwrap_err().to_string();
        assert!(error.contains("stop every server first"), "{error}");
        running.close().await;
        let mut sealing = other.write().await.unwrap();
        assert!(sealing.holds_alone().await.unwrap());
        let late = place.store().await;
        assert!(!late.hold().await.unwrap(), "nobody begins meanwhile");
        drop(sealing);
        // A transaction that is dropped ends when its connection is used again, a moment later.
        let mut error = seal_anew().await.unwrap_err().to_string();
        for _ in 0..LOOKS {
            if !error.contains("stop every server first") {
                break;
            }
            error = seal_anew().await.unwrap_err().to_string();
        }
        assert!(error.contains("nothing was changed"), "{error}");
        drop(house);
    }
}

#[tokio::test]
async fn every_kind_of_sealed_value_is_found_and_sealed_anew() {
    let Some(openssl) = Openssl::find() else {
        return;
    };
    for place in places().await {
        let house = House::open(place.clone()).await;
        let ada = house.hire("ada").await;
        let imported = house.mail_key(&house.foreign_authority(), 31, ADA, (-1, 2));
        let purpose = ImportPurpose::SmimeEncryption;
        house.import(&openssl, ADA, purpose, &imported, &[]).await;
        let settings = json!({
            "certificateTemplateName": "clientAuthentication",
            "certificationAuthority": "",
            "certificationAuthorityName": "",
            "certificateStore": "user",
            "subjectNameFormat": "commonName",
            "certificateValidityPeriodScale": "years",
            "certificateValidityPeriodValue": 1,
            "renewalThresholdPercentage": 20,
        });
        let pkcs = house
            .profile("iosPkcsCertificateProfile", "Own", settings, &[])
            .await;
        house.target(pkcs.id, vec![Target::AllUsers]).await;
        house.enrol(house.phone(17, 5), Some(ada.id)).await;
        house.set_up_codes(ada.id).await;

        let old = house.seal_key().clone();
        let check =
            async |store: &Store, key: &SealKey| Engine::check_custody(store, key).await.unwrap();
        let before = check(house.engine.store(), &old).await;
        assert!(before.is_whole(), "{before:?}");
        assert!(
            before.counts.iter().all(|count| count.opened > 0),
            "{before:?}"
        );

        let ring = old.led_by(&SealKey::generate().unwrap());
        let store = place.store().await;
        let changed = Engine::seal_anew(&store, &ring, &SystemClock, &SystemChance).await;
        assert_eq!(changed.unwrap(), before.opened());
        let new = ring.first_alone();
        let after = check(&store, &new).await;
        assert_eq!(after.counts, before.counts);
        assert!(after.needs_only(new.id()));
        assert_eq!(check(&store, &old).await.opened(), 0);
        let again = Engine::seal_anew(&store, &ring, &SystemClock, &SystemChance).await;
        assert_eq!(again.unwrap(), 0, "doing it twice does nothing");
        store.close().await;
    }
}
