//! The log and metrics. Lines belong to the call they are written in, and to the request behind it.

use crate::bindings::log as raw;

pub use raw::{Level, Scalar, Span};

/// Writes a line; the macros [`info!`](crate::info) and its kin are the short way.
pub fn write(level: Level, message: &str, fields: &[(&str, Scalar)]) {
    let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    raw::emit(level, message, &fields);
}

/// Adds to a counter of the manifest.
pub fn counter(name: &str, add: u64, labels: &[(&str, &str)]) {
    raw::counter(name, add, &owned(labels));
}

/// A measured value, for a histogram of the manifest.
pub fn observe(name: &str, value: f64, labels: &[(&str, &str)]) {
    raw::observe(name, value, &owned(labels));
}

fn owned(labels: &[(&str, &str)]) -> Vec<(String, String)> {
    labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

macro_rules! scalar_from {
    ($($from:ty => $case:ident),+ $(,)?) => {
        $(impl From<$from> for Scalar {
            fn from(value: $from) -> Self {
                Self::$case(value.into())
            }
        })+
    };
}

scalar_from!(&str => Text, String => Text, &String => Text, i64 => Integer, i32 => Integer, u32 => Integer, f64 => Number, bool => Boolean);

/// Writes a line to the log: first its fields, then what `format!` takes.
///
/// ```no_run
/// # use cairn_plugin::info;
/// # let (id, left) = (String::new(), 3);
/// info!("booked");
/// info!(event = &id, full = left == 0; "{left} places left");
/// ```
#[macro_export]
macro_rules! log_at {
    ($level:ident, $($name:ident = $value:expr),+ ; $($text:tt)+) => {
        $crate::log::write(
            $crate::log::Level::$level,
            &format!($($text)+),
            &[$((stringify!($name), $crate::log::Scalar::from($value))),+],
        )
    };
    ($level:ident, $($text:tt)+) => {
        $crate::log::write($crate::log::Level::$level, &format!($($text)+), &[])
    };
}

/// A line for who looks for a fault; see [`log_at!`].
#[macro_export]
macro_rules! debug { ($($line:tt)+) => { $crate::log_at!(Debug, $($line)+) }; }

/// A line about what happened; see [`log_at!`].
#[macro_export]
macro_rules! info { ($($line:tt)+) => { $crate::log_at!(Info, $($line)+) }; }

/// A line about what should not happen, but does no harm; see [`log_at!`].
#[macro_export]
macro_rules! warn { ($($line:tt)+) => { $crate::log_at!(Warn, $($line)+) }; }

/// A line about what somebody has to look at; see [`log_at!`].
#[macro_export]
macro_rules! error { ($($line:tt)+) => { $crate::log_at!(Error, $($line)+) }; }
