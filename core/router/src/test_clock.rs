//! `POST /_test/clock`: moves the clock of a program under test. The route exists only where the program was started with such a clock.

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use cairn_access::MovableClock;
use cairn_http::error::WireError;
use cairn_http::extract::json::parse_json;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The routes that move a clock.
pub(crate) fn routes(clock: Arc<MovableClock>) -> Router {
    Router::new().route("/_test/clock", post(move |body: Bytes| std::future::ready(move_clock(&clock, &body))))
}

/// Moves the clock to `at`, from which it runs on.
fn move_clock(clock: &MovableClock, body: &[u8]) -> Result<StatusCode, WireError> {
    let body = parse_json(body)?;
    let time: Option<DateTime<Utc>> = body["at"].as_str().and_then(|at| at.parse().ok());
    let time = time.ok_or_else(|| WireError::for_field("at", "must be an instant such as 2027-03-01T09:00:00Z"))?;
    clock.move_to(time).map_err(|refused| WireError::for_field("at", refused.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_access::Clock;

    #[test]
    fn clock_moves_to_later_instants_alone() {
        let start: DateTime<Utc> = "2030-01-01T00:00:00Z".parse().unwrap();
        let clock = MovableClock::starting_at(start);
        for malformed in ["", "[]", "{}", "{\"at\": 5}", "{\"at\": \"tomorrow\"}", "{\"at\": \"2029-01-01T00:00:00Z\"}"]
        {
            assert!(move_clock(&clock, malformed.as_bytes()).is_err(), "{malformed}");
        }
        assert_eq!(move_clock(&clock, b"{\"at\": \"2031-05-01T10:00:00+02:00\"}").unwrap(), StatusCode::NO_CONTENT);
        assert!(clock.now() >= "2031-05-01T08:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }
}
