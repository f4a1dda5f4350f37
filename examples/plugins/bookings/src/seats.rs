//! The rule of places: who gets one, who waits, who is refused. It knows no host; [`crate::desk`] tells it what is there.

use crate::model::State;

/// The places of one event, while changes of its bookings are decided one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    places: u32,
    confirmed: u32,
    waiting_list: bool,
}

/// Decision about a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is stored with this state.
    Take(State),
    /// There is no place, and nothing to wait for.
    Full,
}

impl Seats {
    /// An event with so many places, of which so many are taken.
    #[must_use]
    pub const fn new(places: u32, confirmed: u32, waiting_list: bool) -> Self {
        Self { places, confirmed, waiting_list }
    }

    /// How many are taken now.
    #[must_use]
    pub const fn confirmed(&self) -> u32 {
        self.confirmed
    }

    /// How many are left. None where there are fewer places than are taken, as after an event was made smaller.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.places.saturating_sub(self.confirmed)
    }

    /// A booking goes from one state (none: it is new) to what is asked for (none: it is deleted).
    pub fn change(&mut self, from: Option<State>, to: Option<State>) -> Verdict {
        use State::{Cancelled, Confirmed, Waiting};
        match (from, to) {
            // A confirmed booking keeps its place, whatever else changes.
            (Some(Confirmed), Some(Confirmed)) => Verdict::Take(Confirmed),
            (Some(Confirmed), other) => {
                self.confirmed = self.confirmed.saturating_sub(1);
                Verdict::Take(other.unwrap_or(Cancelled))
            }
            (_, None | Some(Cancelled)) => Verdict::Take(Cancelled),
            // An editor may confirm a waiting booking only if a place is free.
            (Some(Waiting), Some(Confirmed)) => {
                if self.take() {
                    Verdict::Take(Confirmed)
                } else {
                    Verdict::Full
                }
            }
            (Some(Waiting), Some(Waiting)) => Verdict::Take(Waiting),
            // New, or cancelled and back again: whatever is asked for, the next in the queue.
            (None | Some(Cancelled), Some(Confirmed | Waiting)) => {
                if self.take() {
                    Verdict::Take(Confirmed)
                } else if self.waiting_list {
                    Verdict::Take(Waiting)
                } else {
                    Verdict::Full
                }
            }
        }
    }

    /// Takes a place, if there is one.
    pub fn take(&mut self) -> bool {
        let there = self.free() > 0;
        self.confirmed += u32::from(there);
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Cancelled, Confirmed, Waiting};

    fn seats(places: u32, confirmed: u32) -> Seats {
        Seats::new(places, confirmed, true)
    }

    #[test]
    fn of_a_hundred_bookings_of_twenty_places_twenty_are_confirmed_and_eighty_wait() {
        let mut seats = seats(20, 0);
        let verdicts: Vec<_> = (0..100).map(|_| seats.change(None, Some(Waiting))).collect();
        assert_eq!(verdicts.iter().filter(|v| **v == Verdict::Take(Confirmed)).count(), 20);
        assert_eq!(verdicts.iter().filter(|v| **v == Verdict::Take(Waiting)).count(), 80);
        assert_eq!((seats.confirmed(), seats.free()), (20, 0));
    }

    #[test]
    fn without_a_waiting_list_the_rest_is_refused() {
        let mut seats = Seats::new(1, 0, false);
        assert_eq!(seats.change(None, Some(Confirmed)), Verdict::Take(Confirmed));
        assert_eq!(seats.change(None, Some(Confirmed)), Verdict::Full);
    }

    #[test]
    fn nobody_gets_a_place_by_asking_for_the_state() {
        assert_eq!(seats(1, 1).change(None, Some(Confirmed)), Verdict::Take(Waiting));
        assert_eq!(seats(1, 1).change(Some(Waiting), Some(Confirmed)), Verdict::Full);
        assert_eq!(seats(2, 1).change(Some(Waiting), Some(Confirmed)), Verdict::Take(Confirmed));
    }

    #[test]
    fn who_cancels_deletes_or_steps_back_makes_room() {
        for to in [None, Some(Cancelled), Some(Waiting)] {
            let mut seats = seats(1, 1);
            seats.change(Some(Confirmed), to);
            assert_eq!(seats.free(), 1, "{to:?}");
        }
    }

    #[test]
    fn who_comes_back_queues_again() {
        assert_eq!(seats(1, 1).change(Some(Cancelled), Some(Confirmed)), Verdict::Take(Waiting));
        assert_eq!(seats(2, 1).change(Some(Cancelled), Some(Waiting)), Verdict::Take(Confirmed));
    }

    #[test]
    fn other_changes_of_a_booking_take_nothing() {
        for state in [Confirmed, Waiting, Cancelled] {
            let mut seats = seats(5, 3);
            assert_eq!(seats.change(Some(state), Some(state)), Verdict::Take(state));
            assert_eq!(seats.confirmed(), 3);
        }
    }

    #[test]
    fn an_event_made_smaller_or_a_count_gone_wrong_never_goes_below_nothing() {
        let mut seats = seats(1, 3);
        assert_eq!((seats.free(), seats.change(None, Some(Waiting))), (0, Verdict::Take(Waiting)));
        let mut empty = Seats::new(1, 0, true);
        empty.change(Some(Confirmed), None);
        assert_eq!(empty.confirmed(), 0);
    }

    /// Every order of every step: never more confirmed than places, and the count is that of the bookings.
    #[test]
    fn no_order_of_steps_gives_out_a_place_twice() {
        let steps = [Some(Confirmed), Some(Waiting), Some(Cancelled), None];
        for order in 0..4_usize.pow(6) {
            let mut seats = seats(2, 0);
            let mut bookings = [None; 3];
            for turn in 0..6_usize {
                let (who, to) = (turn % 3, steps[order / 4_usize.pow(u32::try_from(turn).unwrap()) % 4]);
                if let Verdict::Take(state) = seats.change(bookings[who], to) {
                    bookings[who] = to.map(|_| state);
                }
                let confirmed = bookings.iter().filter(|b| **b == Some(Confirmed)).count();
                assert_eq!(seats.confirmed() as usize, confirmed, "order {order}, turn {turn}");
                assert!(confirmed <= 2);
            }
        }
    }
}
