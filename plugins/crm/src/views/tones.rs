//! Tones of the states that several pages show.

/// The states of a clock, and what each says.
pub(super) const CLOCK_TONES: [(&str, &str); 4] =
    [("running", "info"), ("met", "success"), ("breached", "danger"), ("cancelled", "neutral")];

/// The statuses of a lead, and what each says.
pub(super) const LEAD_TONES: [(&str, &str); 6] = [
    ("new", "info"),
    ("working", "info"),
    ("qualified", "success"),
    ("unqualified", "neutral"),
    ("converted", "success"),
    ("spam", "danger"),
];

/// The statuses of a deal, and what each says.
pub(super) const DEAL_TONES: [(&str, &str); 3] = [("open", "info"), ("won", "success"), ("lost", "danger")];

/// The tone of a stored value.
pub(super) fn find_tone(tones: &[(&str, &'static str)], value: &str) -> &'static str {
    tones.iter().find(|(known, _)| *known == value).map_or("neutral", |(_, tone)| tone)
}
