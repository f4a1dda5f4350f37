//! The five steps of production and their order. It knows no host.

use serde::{Deserialize, Serialize};

/// A step of production, in the order in which they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Step {
    #[default]
    Ontwerp,
    Engineering,
    Productie,
    Afmontage,
    Levering,
}

impl Step {
    pub(crate) const ALL: [Self; 5] =
        [Self::Ontwerp, Self::Engineering, Self::Productie, Self::Afmontage, Self::Levering];

    /// Its value in content, and the end of the keys of its texts.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ontwerp => "ontwerp",
            Self::Engineering => "engineering",
            Self::Productie => "productie",
            Self::Afmontage => "afmontage",
            Self::Levering => "levering",
        }
    }

    /// The step of that name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// State that is reported of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StepState {
    Started,
    Done,
}

impl StepState {
    /// Its value in content.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
        }
    }
}

/// Times of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepTimes {
    #[serde(default)]
    pub(crate) started_at: Option<String>,
    #[serde(default)]
    pub(crate) done_at: Option<String>,
}

impl StepTimes {
    /// The status as customers see it.
    pub(crate) const fn status(&self) -> &'static str {
        match (&self.started_at, &self.done_at) {
            (_, Some(_)) => "done",
            (Some(_), None) => "active",
            (None, None) => "todo",
        }
    }
}

/// The steps of a vehicle, as its field `steps` stores them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    #[serde(default)]
    ontwerp: StepTimes,
    #[serde(default)]
    engineering: StepTimes,
    #[serde(default)]
    productie: StepTimes,
    #[serde(default)]
    afmontage: StepTimes,
    #[serde(default)]
    levering: StepTimes,
}

/// Effect of a report on the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StepChange {
    /// The steps after it.
    Applied(Box<Progress>),
    /// They say so already.
    Known,
    /// This step has to be done before.
    Missing(Step),
}

impl Progress {
    pub(crate) const fn times(&self, step: Step) -> &StepTimes {
        match step {
            Step::Ontwerp => &self.ontwerp,
            Step::Engineering => &self.engineering,
            Step::Productie => &self.productie,
            Step::Afmontage => &self.afmontage,
            Step::Levering => &self.levering,
        }
    }

    const fn times_mut(&mut self, step: Step) -> &mut StepTimes {
        match step {
            Step::Ontwerp => &mut self.ontwerp,
            Step::Engineering => &mut self.engineering,
            Step::Productie => &mut self.productie,
            Step::Afmontage => &mut self.afmontage,
            Step::Levering => &mut self.levering,
        }
    }

    /// When the step was done.
    pub(crate) fn done_at(&self, step: Step) -> Option<&str> {
        self.times(step).done_at.as_deref()
    }

    /// The first step that is not done; none where all are.
    pub(crate) fn open_step(&self) -> Option<Step> {
        Step::ALL.into_iter().find(|step| self.done_at(*step).is_none())
    }

    /// The step in whose column a vehicle is: the first that is not done, or the last.
    pub(crate) fn current_step(&self) -> Step {
        self.open_step().unwrap_or(Step::Levering)
    }

    /// State that is reported next of a step that is not done.
    pub(crate) fn next_state(&self, step: Step) -> StepState {
        if self.times(step).status() == "todo" { StepState::Started } else { StepState::Done }
    }

    /// True if some step has begun.
    pub(crate) fn has_begun(&self) -> bool {
        Step::ALL.into_iter().any(|step| self.times(step).status() != "todo")
    }

    /// The steps after a report. A step begins and ends only when those before it are done; one that is done without having begun began then.
    pub(crate) fn report(&self, step: Step, state: StepState, at: &str) -> StepChange {
        let times = self.times(step);
        let is_known = match state {
            StepState::Started => times.status() != "todo",
            StepState::Done => times.done_at.is_some(),
        };
        if is_known {
            return StepChange::Known;
        }
        if let Some(missing) = self.open_step().filter(|open| *open < step) {
            return StepChange::Missing(missing);
        }
        let mut after = self.clone();
        let times = after.times_mut(step);
        times.started_at.get_or_insert_with(|| at.to_owned());
        if state == StepState::Done {
            times.done_at = Some(at.to_owned());
        }
        StepChange::Applied(Box::new(after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn applied(change: StepChange) -> Progress {
        match change {
            StepChange::Applied(progress) => *progress,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn steps_begin_and_end_in_their_order() {
        let mut progress = Progress::default();
        assert!(!progress.has_begun() && progress.current_step() == Step::Ontwerp);
        for (number, step) in Step::ALL.into_iter().enumerate() {
            for later in &Step::ALL[number + 1..] {
                for state in [StepState::Started, StepState::Done] {
                    assert_eq!(progress.report(*later, state, "x"), StepChange::Missing(step));
                }
            }
            progress = applied(progress.report(step, StepState::Started, "1"));
            assert_eq!((progress.times(step).status(), progress.current_step()), ("active", step));
            // Begun is not done.
            if let Some(next) = Step::ALL.get(number + 1) {
                assert_eq!(progress.report(*next, StepState::Started, "x"), StepChange::Missing(step));
            }
            progress = applied(progress.report(step, StepState::Done, "2"));
            assert_eq!(progress.times(step).status(), "done");
        }
        assert_eq!((progress.open_step(), progress.current_step()), (None, Step::Levering));
    }

    #[test]
    fn what_is_known_changes_nothing() {
        let begun = applied(Progress::default().report(Step::Ontwerp, StepState::Started, "1"));
        assert_eq!(begun.report(Step::Ontwerp, StepState::Started, "9"), StepChange::Known);
        let done = applied(begun.report(Step::Ontwerp, StepState::Done, "2"));
        for state in [StepState::Started, StepState::Done] {
            assert_eq!(done.report(Step::Ontwerp, state, "9"), StepChange::Known);
        }
        assert_eq!(done.times(Step::Ontwerp).started_at.as_deref(), Some("1"));
    }

    #[test]
    fn a_step_that_is_done_at_once_began_then() {
        let done = applied(Progress::default().report(Step::Ontwerp, StepState::Done, "5"));
        assert_eq!(done.times(Step::Ontwerp).started_at.as_deref(), Some("5"));
    }

    #[test]
    fn steps_are_stored_by_their_names() {
        let stored = json!({ "ontwerp": { "startedAt": "1", "doneAt": "2" }, "later": 1 });
        let progress: Progress = serde_json::from_value(stored).unwrap();
        assert_eq!(progress.open_step(), Some(Step::Engineering));
        for step in Step::ALL {
            assert_eq!(Step::find(step.name()), Some(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.name());
        }
        assert_eq!(Step::find("Ontwerp"), None);
        let names: Vec<_> = [StepState::Started, StepState::Done].map(StepState::name).into();
        assert_eq!(names, ["started", "done"]);
    }
}
