//! A mail server that takes every mail, and what is in a mail that arrived.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail server of one test. It speaks as much SMTP (RFC 5321) as a sender needs.
pub(super) struct MailReceiver {
    port: u16,
    received: Arc<Mutex<Vec<ReceivedMail>>>,
}

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub(super) struct ReceivedMail {
    pub(super) to: String,
    /// Headers and bodies, as they were sent.
    pub(super) raw: String,
}

impl MailReceiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let mails = received.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(receive_mails(connection, mails.clone()));
            }
        });
        Self { port, received }
    }

    /// Its address, as the configuration names it.
    pub(super) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The mails to an address so far.
    pub(super) fn mails_to(&self, address: &str) -> Vec<ReceivedMail> {
        self.received.lock().iter().filter(|mail| mail.to == address).cloned().collect()
    }
}

async fn receive_mails(connection: TcpStream, mails: Arc<Mutex<Vec<ReceivedMail>>>) -> std::io::Result<()> {
    let (read, mut write) = connection.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 test ready\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match word.as_str() {
            "EHLO" | "HELO" => b"250 test\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                b"250 taken\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                mails.lock().push(ReceivedMail { to: to.clone(), raw });
                b"250 stored\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

impl ReceivedMail {
    /// The subject, where it is one line of ASCII.
    pub(super) fn subject(&self) -> &str {
        self.raw.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default()
    }

    /// The content of its parts of a media type.
    pub(super) fn parts(&self, media_type: &str) -> Vec<Vec<u8>> {
        find_parts(&self.raw, media_type)
    }

    /// Its plain text.
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.parts("text/plain").swap_remove(0)).unwrap()
    }
}

/// The parts of that type below a part: its own content, or that of the parts within it (RFC 2045, RFC 2046).
fn find_parts(part: &str, media_type: &str) -> Vec<Vec<u8>> {
    let (head, content) = part.split_once("\r\n\r\n").unwrap_or((part, ""));
    // Continued lines of a header are one.
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v))
    };
    let kind = header("Content-Type").unwrap_or("text/plain");
    if let Some((_, boundary)) = kind.split_once("boundary=") {
        let boundary = boundary.split(';').next().unwrap_or_default().trim_matches('"');
        let delimiter = format!("--{boundary}");
        let pieces = content.split(&delimiter).skip(1).filter(|piece| !piece.starts_with("--"));
        return pieces.flat_map(|piece| find_parts(piece.trim_start_matches("\r\n"), media_type)).collect();
    }
    if !kind.starts_with(media_type) {
        return Vec::new();
    }
    vec![match header("Content-Transfer-Encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
        "base64" => STANDARD.decode(content.split_whitespace().collect::<String>()).unwrap(),
        "quoted-printable" => decode_quoted_printable(content),
        _ => content.as_bytes().to_vec(),
    }]
}

fn decode_quoted_printable(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = (byte == b'=').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}
