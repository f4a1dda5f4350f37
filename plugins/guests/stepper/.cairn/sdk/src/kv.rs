//! Small private state: nothing an editor should see. It joins the open transaction.

use crate::bindings::kv as raw;
use crate::{Result, time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The value of a key; none where there is none, or it has expired.
///
/// # Errors
/// What the host says, or a value that does not fit `T`.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>> {
    let entry = raw::get(&[key.to_owned()])?.pop().flatten();
    entry.map(|entry| Ok(serde_json::from_slice(&entry.value)?)).transpose()
}

/// Sets the value of a key.
///
/// # Errors
/// What the host says.
pub fn put(key: &str, value: &impl Serialize) -> Result<()> {
    write(key, value, None, None)
}

/// Sets the value of a key for so long.
///
/// # Errors
/// What the host says.
pub fn put_for(key: &str, value: &impl Serialize, expires_in: Duration) -> Result<()> {
    write(key, value, Some(expires_in), None)
}

/// Sets the value of a key that has none, for so long. False where it has one, which stays.
///
/// # Errors
/// What the host says.
pub fn put_new(key: &str, value: &impl Serialize, expires_in: Duration) -> Result<bool> {
    match write(key, value, Some(expires_in), Some(0)) {
        Ok(()) => Ok(true),
        Err(crate::Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn write(key: &str, value: &impl Serialize, expires_in: Option<Duration>, expect_revision: Option<u64>) -> Result<()> {
    let value = serde_json::to_vec(value)?;
    let expires_in = expires_in.map(time::millis);
    raw::put(&[raw::PutEntry { key: key.to_owned(), value, expires_in, expect_revision }])
}

/// Removes a key; false where it was not there.
///
/// # Errors
/// What the host says.
pub fn delete(key: &str) -> Result<bool> {
    Ok(raw::delete(&[key.to_owned()])? > 0)
}

/// Adds to a counter, which begins at 0, and returns what it is then.
///
/// # Errors
/// What the host says.
pub fn increment(key: &str, by: i64) -> Result<i64> {
    raw::increment(key, by, None)
}
