//! The mails of one person: those to them, and those that are answered to them. Reported, and erased.

use super::parse_json;
use crate::connection::Value;
use crate::dialect::Dialect;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use cairn_contact_details::email::list_variants;
use cairn_model::ColumnType;
use cairn_model::case_fold::fold_case;
use serde_json::Value as Json;

/// A mail of a person, with what it said.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonalMail {
    /// Numeric id of the mail.
    pub id: i64,
    /// Name of the template.
    pub template: String,
    /// State of the mail.
    pub state: String,
    /// Display name of the recipient.
    pub to_name: Option<String>,
    /// Values for the template, without confidential ones.
    pub data: Json,
    /// Its subject, if it was sent.
    pub subject: Option<String>,
    /// Its text, if it was sent and is not old.
    pub text: Option<String>,
    /// Time of the request, in milliseconds.
    pub created_at: i64,
}

impl namespaces::Mails<Reader<'_>> {
    /// Lists the mails of an address, whatever its case and however its domain is spelled, behind an id.
    pub fn list_by_person(&self, address: &str, after: i64, limit: i64) -> Result<Vec<PersonalMail>> {
        let (condition, mut values) = person_condition(self.tx.conn.dialect(), address);
        values.extend([after.into(), limit.into()]);
        let (after, limit) = (values.len() - 1, values.len());
        let sql = format!(
            "SELECT id, template, state, to_name, data, subject, body_text, created_at FROM cairn_mails
             WHERE {condition} AND id > ?{after} ORDER BY id LIMIT ?{limit}"
        );
        self.tx.conn.query_all("reading the mails of a person", &sql, &values[..], |r| {
            let (id, data): (i64, String) = (r.get(0)?, r.get(4)?);
            Ok(PersonalMail {
                id,
                template: r.get(1)?,
                state: r.get(2)?,
                to_name: r.get(3)?,
                data: parse_json(|| format!("cairn_mails {id}"), &data)?,
                subject: r.get(5)?,
                text: r.get(6)?,
                created_at: r.get(7)?,
            })
        })
    }
}

impl namespaces::Mails<&mut WriteTx<'_>> {
    /// Deletes mails of an address, whatever its case and however its domain is spelled, those that wait among them. At most `limit`; returns
    /// their number.
    pub fn delete_by_person(&mut self, address: &str, limit: i64) -> Result<usize> {
        let (condition, mut values) = person_condition(self.tx.conn.dialect(), address);
        values.push(limit.into());
        let chosen = format!("SELECT id FROM cairn_mails WHERE {condition} ORDER BY id LIMIT ?{}", values.len());
        let secrets = format!("DELETE FROM cairn_mail_secrets WHERE mail IN ({chosen})");
        self.tx.conn.execute("removing the mails of a person", &secrets, &values[..])?;
        let mails = format!("DELETE FROM cairn_mails WHERE id IN ({chosen})");
        self.tx.conn.execute("removing the mails of a person", &mails, &values[..])
    }
}

/// The condition that a mail is the person's, and the values it binds.
fn person_condition(dialect: &dyn Dialect, address: &str) -> (String, Vec<Value>) {
    let (mut values, mut conditions) = (Vec::new(), Vec::new());
    for variant in list_variants(address) {
        let variant = fold_case(&variant);
        values.push(Value::Text(variant.clone()));
        let bound = values.len();
        let letters = dialect.folding_letters(ColumnType::Text, &variant).bind(|text| {
            values.push(text.into());
            format!("?{}", values.len())
        });
        for column in ["to_address", "reply_to"] {
            let folded = dialect.folded_expression(column, ColumnType::Text, &letters);
            conditions.push(format!("{folded} = ?{bound}"));
        }
    }
    (format!("({})", conditions.join(" OR ")), values)
}

#[cfg(test)]
mod tests {
    use crate::notify::NewMail;
    use crate::testing::test_stores;
    use serde_json::json;

    #[tokio::test(flavor = "multi_thread")]
    async fn mails_of_a_person_are_found_and_deleted_whatever_the_case() {
        for store in test_stores() {
            let mails = [
                ("Ann@Example.com", None),
                ("info@example.com", Some("ANN@example.com")),
                ("bob@example.com", None),
                ("JÖRG@example.com", None),
                // Mails are stored with the ASCII form of the domain.
                ("post@xn--bcher-kva.example", None),
            ];
            for (n, (address, reply_to)) in mails.into_iter().enumerate() {
                let mail = NewMail {
                    once_key: format!("mail {n}"),
                    template: "hello".to_owned(),
                    locale: "en".to_owned(),
                    to_address: address.to_owned(),
                    to_name: None,
                    reply_to: reply_to.map(str::to_owned),
                    data: json!({ "n": n }),
                    secret: Some(json!({ "code": "x" })),
                    admin_user: None,
                    topic: None,
                };
                store.write(move |tx| tx.mails().create(&mail, 5)).await.unwrap();
            }
            let first = store.read(|r| r.mails().list_by_person("ann@example.com", 0, 1)).unwrap();
            assert_eq!((first.len(), &first[0].data), (1, &json!({ "n": 0 })));
            let rest = store.read(|r| r.mails().list_by_person("ANN@example.com", first[0].id, 9)).unwrap();
            assert_eq!(rest.iter().map(|mail| &mail.data["n"]).collect::<Vec<_>>(), [1]);
            let secret_of = |id: i64| store.read(|r| r.mails().get_secret(id)).unwrap();
            assert!(secret_of(rest[0].id).is_some());
            assert_eq!(store.write(|tx| tx.mails().delete_by_person("ann@example.com", 1)).await.unwrap(), 1);
            assert_eq!(store.write(|tx| tx.mails().delete_by_person("ann@example.com", 9)).await.unwrap(), 1);
            assert_eq!(secret_of(rest[0].id), None);
            assert_eq!(store.read(|r| r.mails().list_by_person("jörg@example.com", 0, 9)).unwrap().len(), 1);
            assert_eq!(store.write(|tx| tx.mails().delete_by_person("jörg@example.com", 9)).await.unwrap(), 1);
            let of_domain = store.read(|r| r.mails().list_by_person("post@bücher.example", 0, 9)).unwrap();
            assert_eq!(of_domain.iter().map(|mail| &mail.data["n"]).collect::<Vec<_>>(), [4]);
            assert_eq!(store.write(|tx| tx.mails().delete_by_person("Post@Bücher.example", 9)).await.unwrap(), 1);
            assert_eq!(store.read(|r| r.mails().count_by_state()).unwrap(), [("waiting".to_owned(), 1)]);
        }
    }
}
