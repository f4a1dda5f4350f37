//! A mail server that takes every mail: what a customer's own would have received.

use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

/// A mail as it came over SMTP.
#[derive(Debug, Clone)]
pub(super) struct ReceivedMail {
    pub(super) to: String,
    /// Headers and bodies, as they were sent.
    pub(super) raw: String,
}

impl ReceivedMail {
    /// The subject, where it is one line of ASCII.
    pub(super) fn subject(&self) -> &str {
        self.raw.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default()
    }
}

/// The server. It ends with the value.
pub(super) struct MailReceiver {
    port: u16,
    received: Arc<Mutex<Vec<ReceivedMail>>>,
    running: tokio::task::JoinHandle<()>,
}

impl MailReceiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let taken = received.clone();
        let running = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, taken.clone()));
            }
        });
        Self { port, received, running }
    }

    /// Its address, as the configuration names it.
    pub(super) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The mails to an address so far.
    pub(super) async fn mails_to(&self, address: &str) -> Vec<ReceivedMail> {
        self.received.lock().await.iter().filter(|mail| mail.to == address).cloned().collect()
    }
}

impl Drop for MailReceiver {
    fn drop(&mut self) {
        self.running.abort();
    }
}

/// One connection. A client that goes away ends it.
async fn converse(stream: TcpStream, received: Arc<Mutex<Vec<ReceivedMail>>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 receiver ESMTP\r\n").await.ok()?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await.ok()? {
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "RCPT" => {
                to = line.split_once('<')?.1.split_once('>')?.0.to_owned();
                "250 ok"
            }
            "DATA" => {
                write.write_all(b"354 go ahead\r\n").await.ok()?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push('\n');
                }
                received.lock().await.push(ReceivedMail { to: to.clone(), raw });
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}
