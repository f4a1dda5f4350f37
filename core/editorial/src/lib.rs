//! How content teams publish: schedules, releases, review, comments, the content calendar, owners and escalation.
