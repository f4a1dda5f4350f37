//! A mail server that keeps the newest text to each address: links in mails are nowhere else.

use anyhow::Result;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A mail server of one bench. It speaks as much SMTP as a sender needs.
pub(super) struct Mailbox {
    /// Its address, as the configuration names it.
    pub(super) url: String,
    newest: Arc<Mutex<HashMap<String, String>>>,
}

impl Mailbox {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let newest = Arc::new(Mutex::new(HashMap::new()));
        let mails = newest.clone();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let mails = mails.clone();
                thread::spawn(move || receive_mails(connection, &mails));
            }
        });
        Ok(Self { url, newest })
    }

    /// The newest mail to an address, as it was sent.
    pub(super) fn find_mail(&self, address: &str) -> Option<String> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).get(address).cloned()
    }
}

fn receive_mails(connection: TcpStream, mails: &Mutex<HashMap<String, String>>) -> Result<()> {
    let mut write = connection.try_clone()?;
    let mut lines = BufReader::new(connection).lines();
    let mut to = String::new();
    write.write_all(b"220 bench ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match word.as_str() {
            "EHLO" | "HELO" => b"250 bench\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                b"250 taken\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    // A line that ends with an equals sign goes on in the next one (RFC 2045).
                    match line.strip_suffix('=') {
                        Some(part) => mail.push_str(part),
                        None => mail.extend([line.as_str(), "\n"]),
                    }
                }
                mails.lock().unwrap_or_else(PoisonError::into_inner).insert(to.clone(), mail);
                b"250 stored\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        write.write_all(answer)?;
    }
    Ok(())
}
