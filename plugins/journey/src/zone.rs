//! Local times of a definition's zone. Guests carry no time zones: the host converts, many times in one call.

use cairn_plugin::{Error, Instant, Result, zones};
use chrono::NaiveDateTime;

/// Most times of one call.
const MAX_TIMES: usize = 1_000;
const FORM: &str = "%Y-%m-%dT%H:%M:%S";

/// A time zone of IANA.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone<'a>(pub(crate) &'a str);

impl Zone<'_> {
    /// The local times of instants, in their order. Parts of a second are cut off.
    ///
    /// # Errors
    /// `Invalid` for an unknown zone; what the host says.
    pub(crate) fn to_local(self, at: &[Instant]) -> Result<Vec<NaiveDateTime>> {
        let mut local = Vec::with_capacity(at.len());
        for part in at.chunks(MAX_TIMES) {
            for text in zones::to_local(self.0, part)? {
                local.push(parse_local(&text).ok_or_else(|| Error::Internal(format!("no local time: {text:?}")))?);
            }
        }
        Ok(local)
    }

    /// The local time of one instant.
    ///
    /// # Errors
    /// As [`to_local`](Self::to_local).
    pub(crate) fn local(self, at: Instant) -> Result<NaiveDateTime> {
        self.to_local(&[at])?.pop().ok_or_else(|| Error::Internal("no local time".to_owned()))
    }

    /// The instants of local times, in their order. A time that clocks skip moves forward by what they skip; of one that comes twice the
    /// first counts.
    ///
    /// # Errors
    /// `Invalid` for an unknown zone; what the host says.
    pub(crate) fn to_instants(self, local: &[NaiveDateTime]) -> Result<Vec<Instant>> {
        let mut instants = Vec::with_capacity(local.len());
        for part in local.chunks(MAX_TIMES) {
            let texts: Vec<String> = part.iter().map(|time| time.format(FORM).to_string()).collect();
            instants.extend(zones::to_instants(self.0, &texts)?);
        }
        Ok(instants)
    }
}

/// A local time as the host writes it, in whole seconds.
fn parse_local(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text.get(..19)?, FORM).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_are_parsed_in_whole_seconds() {
        for text in ["2026-03-29T09:30:00", "2026-03-29T09:30:00.250"] {
            assert_eq!(parse_local(text).unwrap().format(FORM).to_string(), "2026-03-29T09:30:00", "{text}");
        }
        assert_eq!(parse_local("2026-03-29"), None);
    }
}
