//! As much of HTTP as SCEP needs, one request a connection.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};

/// A message that is larger would not be SCEP's.
const MAX_BODY: usize = 1 << 20;

/// What was asked.
pub(crate) struct Asked {
    /// The address after the host, such as `/scep?operation=GetCACaps`
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// The message of a `PKIOperation`: the body, or, from certmonger, base64 in the address (RFC 8894 §4.3).
    pub(crate) fn message(&self) -> Vec<u8> {
        match self.target.split_once("message=") {
            None => self.body.clone(),
            Some((_, text)) => {
                let text = text
                    .replace("%2B", "+")
                    .replace("%2F", "/")
                    .replace("%3D", "=")
                    .replace("%0A", "");
                STANDARD.decode(text).unwrap()
            }
        }
    }
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Answers on a free port of the loopback interface until the tests end.
pub(crate) fn serve(answer: impl Fn(&Asked) -> Answer + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away is no failure of ours.
            let _ = answer_one(&stream, &answer);
        }
    });
    address
}

fn answer_one(mut stream: &TcpStream, answer: &impl Fn(&Asked) -> Answer) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (line, body) = receive(stream)?;
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let Answer { content_type, body } = answer(&Asked { target, body });
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

/// Asks, by POST where there is a body, and must be answered with 200. By HTTP/1.0, so that no answer comes in chunks.
pub(crate) fn ask(address: SocketAddr, target: &str, body: Option<&[u8]>) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default();
    let head = format!(
        "{method} {target} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut reader = BufReader::new(stream);
    let (line, headers) = read_head(&mut reader).unwrap();
    let mut body = Vec::new();
    reader.read_to_end(&mut body).unwrap();
    let text = String::from_utf8_lossy(&body);
    assert!(line.contains(" 200 "), "{line}: {text}");
    Answer {
        content_type: header(&headers, "content-type").unwrap_or_default(),
        body,
    }
}

/// The first line and the body.
fn receive(stream: &TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let (line, headers) = read_head(&mut reader)?;
    let length = header(&headers, "content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0).min(MAX_BODY)];
    if header(&headers, "expect").is_some() {
        (&*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    reader.read_exact(&mut body)?;
    Ok((line, body))
}

fn read_head(reader: &mut impl BufRead) -> std::io::Result<(String, Vec<String>)> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let length = reader.read_line(&mut line)?;
        if length == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let headers = lines.split_off(1.min(lines.len()));
    Ok((lines.pop().unwrap_or_default(), headers))
}

fn header(headers: &[String], name: &str) -> Option<String> {
    headers.iter().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
