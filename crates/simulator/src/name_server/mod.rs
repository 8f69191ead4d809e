//! A name server on loopback, over UDP and TCP (RFC 1035), with its own reading and writing of messages. It answers what it
//! was told to answer, and misbehaves where it was told to.

mod message;
mod serve;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

/// What is said of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// TXT records; each is cut into strings of 255 octets at most.
    Texts(Vec<Vec<u8>>),
    /// A CNAME record.
    Alias(String),
    /// There is no such name (`NXDOMAIN`).
    NoSuchName,
    /// The name is there, but nothing of the kind that was asked for.
    Nothing,
    /// The server is in trouble (`SERVFAIL`).
    Trouble,
    /// No answer at all.
    Silence,
    /// TXT records, over TCP only: over UDP the answer is cut short.
    OverTcpOnly(Vec<Vec<u8>>),
    /// The answer to another question: its id is wrong.
    OtherId(Vec<Vec<u8>>),
    /// A name that is a pointer to itself (RFC 1035 §4.1.4).
    Loop,
    /// A message that ends in the middle of a record.
    CutOff,
}

type Sayings = Arc<Mutex<BTreeMap<String, Saying>>>;

/// A running name server; it ends when it is dropped.
#[derive(Debug)]
pub struct NameServer {
    address: SocketAddr,
    sayings: Sayings,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl NameServer {
    /// Starts one at a free port of loopback, the same for UDP and TCP.
    pub async fn start() -> io::Result<Self> {
        let (udp, tcp) = bind().await?;
        let address = udp.local_addr()?;
        let sayings = Sayings::default();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let desk = serve::Desk {
            sayings: sayings.clone(),
            asked: asked.clone(),
        };
        let mut serving = JoinSet::new();
        serving.spawn(serve::over_udp(udp, desk.clone()));
        serving.spawn(serve::over_tcp(tcp, desk));
        Ok(Self {
            address,
            sayings,
            asked,
            _serving: serving,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this is said of a name, in lower case and without a dot at the end.
    pub fn say(&self, name: &str, saying: Saying) {
        let mut sayings = self.sayings.lock().unwrap_or_else(PoisonError::into_inner);
        sayings.insert(name.to_owned(), saying);
    }

    /// The same for TXT records that are plain texts.
    pub fn say_texts(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| text.as_bytes().to_vec());
        self.say(name, Saying::Texts(texts.collect()));
    }

    /// Names that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }
}

/// A port that is free for both.
async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let udp = UdpSocket::bind(("127.0.0.1", 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A port that is free for UDP is seldom taken for TCP.
const TRIES: usize = 20;
