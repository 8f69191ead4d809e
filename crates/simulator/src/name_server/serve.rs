//! Questions in, answers out.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::message::Question;
use super::{Saying, Sayings};

/// What both ways in share.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) sayings: Sayings,
    pub(super) asked: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    fn answer(&self, message: &[u8], is_tcp: bool) -> Option<Vec<u8>> {
        let question = Question::read(message)?;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(question.name.clone());
        drop(asked);
        let sayings = self.sayings.lock().unwrap_or_else(PoisonError::into_inner);
        let saying = sayings.get(&question.name);
        question.answer(saying.unwrap_or(&Saying::NoSuchName), is_tcp)
    }
}

pub(super) async fn over_udp(socket: UdpSocket, desk: Desk) {
    let mut buffer = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        if let Some(answer) = desk.answer(&buffer[..length], false) {
            drop(socket.send_to(&answer, from).await);
        }
    }
}

pub(super) async fn over_tcp(listener: TcpListener, desk: Desk) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, desk.clone()));
    }
}

/// Each message is preceded by its length in two octets (RFC 1035 §4.2.2).
async fn converse(mut stream: TcpStream, desk: Desk) {
    while let Ok(length) = stream.read_u16().await {
        let mut message = vec![0; usize::from(length)];
        if stream.read_exact(&mut message).await.is_err() {
            return;
        }
        let Some(answer) = desk.answer(&message, true) else {
            return;
        };
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX);
        let written = stream.write_u16(length).await;
        if written.is_err() || stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}
