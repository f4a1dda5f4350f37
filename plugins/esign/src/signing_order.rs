//! Order of signing: groups one after another, all within a group at the same time. It knows no host.

use crate::envelope_state::{RecipientStatus, Role};

/// Facts about a recipient that the order depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) group: i64,
    pub(crate) role: Role,
    pub(crate) status: RecipientStatus,
}

/// The group that signs now: the first with somebody who has not signed; none where all have.
pub(crate) fn find_current_group(turns: impl Iterator<Item = Turn>) -> Option<i64> {
    turns
        .filter(|turn| turn.role == Role::Signer && turn.status != RecipientStatus::Signed)
        .map(|turn| turn.group)
        .min()
}

/// True if it is the turn of a signer of that group: all of the groups before have signed.
pub(crate) fn is_turn(group: i64, turns: impl Iterator<Item = Turn>) -> bool {
    find_current_group(turns).is_none_or(|current| group <= current)
}

#[cfg(test)]
mod tests {
    use super::*;
    use RecipientStatus::{Notified, Signed, Viewed, Waiting};

    fn turn(group: i64, status: RecipientStatus) -> Turn {
        Turn { group, role: Role::Signer, status }
    }

    #[test]
    fn a_group_waits_for_all_of_the_groups_before() {
        let turns = [turn(1, Signed), turn(1, Viewed), turn(2, Waiting), turn(5, Waiting)];
        assert_eq!(find_current_group(turns.into_iter()), Some(1));
        assert!(is_turn(1, turns.into_iter()) && !is_turn(2, turns.into_iter()));
        let turns = [turn(1, Signed), turn(1, Signed), turn(2, Notified), turn(5, Waiting)];
        assert_eq!(find_current_group(turns.into_iter()), Some(2));
        assert!(is_turn(2, turns.into_iter()) && !is_turn(5, turns.into_iter()));
    }

    #[test]
    fn who_gets_a_copy_holds_up_nobody() {
        let copy = Turn { group: 1, role: Role::Cc, status: Waiting };
        assert_eq!(find_current_group([copy, turn(2, Waiting)].into_iter()), Some(2));
        assert_eq!(find_current_group([copy, turn(2, Signed)].into_iter()), None);
    }

    #[test]
    fn what_nobody_has_to_sign_is_nobodys_turn() {
        assert_eq!(find_current_group(std::iter::empty()), None);
        assert!(is_turn(7, std::iter::empty()));
    }
}
