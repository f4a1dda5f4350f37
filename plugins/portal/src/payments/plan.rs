//! The payments of a vehicle against the amount of its contract. It knows no host.

use crate::model::Amount;

/// A problem of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanProblem {
    /// There are payments, and no amount that they are parts of.
    NoAmount,
    /// They add up to more.
    Exceeded,
    /// The plan is said to be complete, and they add up to less.
    Incomplete,
}

impl PlanProblem {
    /// The end of the key of its text.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoAmount => "plan-no-amount",
            Self::Exceeded => "plan-exceeded",
            Self::Incomplete => "plan-incomplete",
        }
    }
}

/// Adds up payments; none where that is more than can be counted.
pub(crate) fn add_up(payments: impl IntoIterator<Item = Amount>) -> Option<Amount> {
    let sum = payments.into_iter().try_fold(0_i64, |sum, payment| sum.checked_add(payment.cents()))?;
    Some(Amount::from_cents(sum))
}

/// Checks the payments of a vehicle against its contract.
pub(crate) fn check_plan(contract: Option<Amount>, is_complete: bool, payments: &[Amount]) -> Result<(), PlanProblem> {
    let Some(contract) = contract else {
        return if payments.is_empty() && !is_complete { Ok(()) } else { Err(PlanProblem::NoAmount) };
    };
    let sum = add_up(payments.iter().copied()).ok_or(PlanProblem::Exceeded)?;
    if sum.cents() > contract.cents() {
        return Err(PlanProblem::Exceeded);
    }
    if is_complete && sum.cents() < contract.cents() {
        return Err(PlanProblem::Incomplete);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(contract: Option<i64>, is_complete: bool, payments: &[i64]) -> Option<PlanProblem> {
        let payments: Vec<Amount> = payments.iter().map(|cents| Amount::from_cents(*cents)).collect();
        check_plan(contract.map(Amount::from_cents), is_complete, &payments).err()
    }

    #[test]
    fn payments_are_parts_of_the_contract() {
        assert_eq!(check(Some(1_000), false, &[]), None);
        assert_eq!(check(Some(1_000), false, &[400, 600]), None);
        assert_eq!(check(Some(1_000), false, &[400, 601]), Some(PlanProblem::Exceeded));
        assert_eq!(check(Some(1_000), false, &[i64::MAX, i64::MAX]), Some(PlanProblem::Exceeded));
    }

    #[test]
    fn a_complete_plan_adds_up_to_the_contract() {
        assert_eq!(check(Some(1_000), true, &[400, 600]), None);
        assert_eq!(check(Some(1_000), true, &[400, 599]), Some(PlanProblem::Incomplete));
        assert_eq!(check(Some(1_000), true, &[]), Some(PlanProblem::Incomplete));
    }

    #[test]
    fn without_an_amount_there_is_nothing_to_pay() {
        assert_eq!(check(None, false, &[]), None);
        assert_eq!(check(None, false, &[1]), Some(PlanProblem::NoAmount));
        assert_eq!(check(None, true, &[]), Some(PlanProblem::NoAmount));
    }
}
