//! The wire between a server and its PostgreSQL, which can be cut at any moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Place;

/// Passes on everything that is said, until it is cut.
pub(crate) struct Wire {
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    /// The database's own address.
    database: String,
    is_cut: watch::Sender<bool>,
    /// How much more the server may say before the cut; negative for no limit.
    left: AtomicI64,
}

impl Wire {
    /// A wire to the database of a place, and the place at the other end of it. `None` for a file.
    pub(crate) async fn to(place: &Place) -> Option<(Self, Place)> {
        let Place::Postgres(url) = place else {
            return None;
        };
        let (scheme, rest) = url.split_once("://").expect("an address");
        let (authority, name) = rest.split_once('/').expect("an address with a database");
        let (user, host) = authority.rsplit_once('@').expect("an address with a user");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let state = Arc::new(State {
            database: host.to_owned(),
            is_cut: watch::Sender::new(false),
            left: AtomicI64::new(-1),
        });
        let accepting = tokio::spawn(accept(listener, state.clone()));
        let place = Place::Postgres(format!("{scheme}://{user}@{address}/{name}"));
        Some((Self { state, accepting }, place))
    }

    /// Cuts the wire when the server has spoken this often from now on.
    pub(crate) fn cut_after(&self, words: i64) {
        self.state.left.store(words, Ordering::SeqCst);
        if words == 0 {
            self.state.is_cut.send_replace(true);
        }
    }

    /// Makes it whole again. Connections that were cut stay lost.
    pub(crate) fn mend(&self) {
        self.state.left.store(-1, Ordering::SeqCst);
        self.state.is_cut.send_replace(false);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((server, _)) = listener.accept().await else {
            return;
        };
        if *state.is_cut.borrow() {
            continue;
        }
        tokio::spawn(pass_on(server, state.clone()));
    }
}

/// One connection, for as long as the wire is whole.
async fn pass_on(server: TcpStream, state: Arc<State>) {
    let mut is_cut = state.is_cut.subscribe();
    let database = TcpStream::connect(&state.database).await.unwrap();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_database, mut to_database) = database.into_split();
    let saying = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match from_server.read(&mut buffer).await {
                Ok(length) if length > 0 && state.may_speak() => {
                    if to_database.write_all(&buffer[..length]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    };
    let hearing = tokio::io::copy(&mut from_database, &mut to_server);
    tokio::select! {
        () = saying => {}
        _ = hearing => {}
        _ = is_cut.wait_for(|cut| *cut) => {}
    }
}

impl State {
    /// Counts one word; the one that is too many cuts the wire.
    fn may_speak(&self) -> bool {
        let before = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                Some(if left > 0 { left - 1 } else { left })
            });
        if before == Ok(0) {
            self.is_cut.send_replace(true);
            return false;
        }
        true
    }
}
