//! Rules of stages: what a move changes besides the stage, and which stage a message leads to. They know no host.

use crate::model::{Direction, Stage, Ticket};
use cairn_plugin::{Instant, time};
use serde_json::{Map, Value, json};

/// The fields that follow from a move; empty where the stage stays.
#[must_use]
pub fn follow_move(from: Option<Stage>, to: Stage, now: Instant) -> Map<String, Value> {
    let mut fields = Map::new();
    if from == Some(to) {
        return fields;
    }
    let at = |is_it: bool| if is_it { json!(time::format(now)) } else { Value::Null };
    fields.insert("waitingSince".to_owned(), at(to == Stage::Waiting));
    fields.insert("solvedAt".to_owned(), at(to == Stage::Solved));
    fields
}

/// The same with the stage itself.
#[must_use]
pub fn move_to(from: Stage, to: Stage, now: Instant) -> Map<String, Value> {
    let mut fields = follow_move(Some(from), to, now);
    if from != to {
        fields.insert("stage".to_owned(), json!(to));
    }
    fields
}

/// The fields of a ticket that change with a message.
#[must_use]
pub fn follow_message(ticket: &Ticket, direction: Direction, at: Instant) -> Map<String, Value> {
    match (direction, ticket.stage) {
        (Direction::Out, stage) => {
            let to = if matches!(stage, Stage::New | Stage::Open) { Stage::Waiting } else { stage };
            let mut fields = move_to(stage, to, at);
            if ticket.first_answered_at.is_none() {
                fields.insert("firstAnsweredAt".to_owned(), json!(time::format(at)));
            }
            fields
        }
        (Direction::In, stage @ (Stage::Waiting | Stage::Solved)) => move_to(stage, Stage::Open, at),
        (Direction::In | Direction::Note, _) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = 1_800_000_000_000;

    fn ticket(stage: Stage, answered: bool) -> Ticket {
        let first_answered_at = answered.then(|| "2026-01-01T00:00:00.000Z".to_owned());
        Ticket { stage, first_answered_at, ..Ticket::default() }
    }

    #[test]
    fn a_move_notes_since_when_it_waits_or_is_solved() {
        let now = json!(time::format(NOW));
        assert_eq!(
            Value::Object(follow_move(Some(Stage::Open), Stage::Waiting, NOW)),
            json!({ "waitingSince": now, "solvedAt": null })
        );
        assert_eq!(
            Value::Object(follow_move(Some(Stage::Waiting), Stage::Solved, NOW)),
            json!({ "waitingSince": null, "solvedAt": now })
        );
        assert_eq!(
            Value::Object(follow_move(None, Stage::New, NOW)),
            json!({ "waitingSince": null, "solvedAt": null })
        );
    }

    #[test]
    fn a_card_that_stays_in_its_column_keeps_its_times() {
        for stage in [Stage::New, Stage::Open, Stage::Waiting, Stage::Solved] {
            assert_eq!(move_to(stage, stage, NOW), Map::new());
        }
    }

    #[test]
    fn the_first_answer_is_noted_once() {
        let first = follow_message(&ticket(Stage::New, false), Direction::Out, NOW);
        assert_eq!((&first["stage"], &first["firstAnsweredAt"]), (&json!("waiting"), &json!(time::format(NOW))));
        let second = follow_message(&ticket(Stage::Open, true), Direction::Out, NOW);
        assert_eq!((&second["stage"], second.get("firstAnsweredAt")), (&json!("waiting"), None));
    }

    #[test]
    fn an_answer_to_what_is_solved_does_not_open_it() {
        assert_eq!(follow_message(&ticket(Stage::Solved, true), Direction::Out, NOW), Map::new());
    }

    #[test]
    fn a_reply_opens_what_waited_or_was_solved() {
        for stage in [Stage::Waiting, Stage::Solved] {
            assert_eq!(follow_message(&ticket(stage, true), Direction::In, NOW)["stage"], json!("open"));
        }
        assert_eq!(follow_message(&ticket(Stage::New, false), Direction::In, NOW), Map::new());
    }

    #[test]
    fn a_note_changes_nothing() {
        for stage in [Stage::New, Stage::Open, Stage::Waiting, Stage::Solved] {
            assert_eq!(follow_message(&ticket(stage, false), Direction::Note, NOW), Map::new());
        }
    }
}
