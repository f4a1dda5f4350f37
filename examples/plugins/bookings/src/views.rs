//! The admin's views. They only name what is shown and how: the host reads, checks rights and draws.

use crate::Bookings;
use cairn_plugin::ViewRequest;
use cairn_plugin::prelude::*;
use serde_json::Value;

const BOARD: &str = include_str!("../views/board.json");
const CALENDAR: &str = include_str!("../views/calendar.json");

impl Views for Bookings {
    fn view(_call: &Call, request: &ViewRequest) -> Result<Value> {
        let view = match request.view.as_str() {
            "board" => BOARD,
            "calendar" => CALENDAR,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        Ok(serde_json::from_str(view)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_views_are_json() {
        for text in [BOARD, CALENDAR] {
            let view: Value = serde_json::from_str(text).unwrap();
            assert!(view["type"].as_str().is_some_and(|uid| uid.starts_with("plugin::bookings.")));
        }
    }
}
