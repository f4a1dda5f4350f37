//! Units of measured values, and what they are converted to. It knows no host.

/// Quantity that a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    Speed,
    Temperature,
    Power,
    Torque,
    Pressure,
    Rotation,
    Acceleration,
    Voltage,
    Current,
    Energy,
    Length,
    Angle,
    Time,
    Mass,
    Force,
    Frequency,
    /// A part of a whole, or a number of its own.
    Share,
}

/// A unit: how it is written, and what becomes of a value: `value * factor + offset` in the unit `target`.
#[derive(Debug, PartialEq)]
pub(crate) struct Unit {
    spellings: &'static [&'static str],
    pub(crate) quantity: Quantity,
    /// Empty for a number without a unit.
    pub(crate) target: &'static str,
    pub(crate) factor: f64,
    pub(crate) offset: f64,
}

const fn unit(
    spellings: &'static [&'static str],
    quantity: Quantity,
    target: &'static str,
    factor: f64,
    offset: f64,
) -> Unit {
    Unit { spellings, quantity, target, factor, offset }
}

const UNITS: [Unit; 50] = [
    unit(&["km/h", "kmh", "kph", "kmph"], Quantity::Speed, "km/h", 1.0, 0.0),
    unit(&["mph", "mi/h"], Quantity::Speed, "km/h", 1.609_344, 0.0),
    unit(&["m/s", "mps"], Quantity::Speed, "km/h", 3.6, 0.0),
    unit(&["°C", "C", "degC", "℃"], Quantity::Temperature, "°C", 1.0, 0.0),
    unit(&["°F", "F", "degF", "℉"], Quantity::Temperature, "°C", 5.0 / 9.0, -160.0 / 9.0),
    unit(&["K"], Quantity::Temperature, "°C", 1.0, -273.15),
    unit(&["kW"], Quantity::Power, "kW", 1.0, 0.0),
    unit(&["W"], Quantity::Power, "kW", 0.001, 0.0),
    unit(&["hp", "bhp"], Quantity::Power, "kW", 0.745_699_872, 0.0),
    unit(&["PS", "pk"], Quantity::Power, "kW", 0.735_498_75, 0.0),
    unit(&["Nm", "N·m", "N*m"], Quantity::Torque, "Nm", 1.0, 0.0),
    unit(&["lb-ft", "lbf-ft", "lb·ft", "ft-lb", "lbft"], Quantity::Torque, "Nm", 1.355_817_948, 0.0),
    unit(&["bar"], Quantity::Pressure, "bar", 1.0, 0.0),
    unit(&["mbar", "hPa"], Quantity::Pressure, "bar", 0.001, 0.0),
    unit(&["kPa"], Quantity::Pressure, "bar", 0.01, 0.0),
    unit(&["Pa"], Quantity::Pressure, "bar", 0.000_01, 0.0),
    unit(&["psi"], Quantity::Pressure, "bar", 0.068_947_572_9, 0.0),
    unit(&["rpm", "1/min", "r/min", "min-1"], Quantity::Rotation, "rpm", 1.0, 0.0),
    unit(&["g"], Quantity::Acceleration, "g", 1.0, 0.0),
    unit(&["m/s²", "m/s^2", "m/s2"], Quantity::Acceleration, "g", 1.0 / 9.806_65, 0.0),
    unit(&["V"], Quantity::Voltage, "V", 1.0, 0.0),
    unit(&["mV"], Quantity::Voltage, "V", 0.001, 0.0),
    unit(&["kV"], Quantity::Voltage, "V", 1_000.0, 0.0),
    unit(&["A"], Quantity::Current, "A", 1.0, 0.0),
    unit(&["mA"], Quantity::Current, "A", 0.001, 0.0),
    unit(&["kWh"], Quantity::Energy, "kWh", 1.0, 0.0),
    unit(&["Wh"], Quantity::Energy, "kWh", 0.001, 0.0),
    unit(&["MJ"], Quantity::Energy, "kWh", 1.0 / 3.6, 0.0),
    unit(&["km"], Quantity::Length, "km", 1.0, 0.0),
    unit(&["mi", "mile", "miles"], Quantity::Length, "km", 1.609_344, 0.0),
    unit(&["m"], Quantity::Length, "m", 1.0, 0.0),
    unit(&["ft"], Quantity::Length, "m", 0.304_8, 0.0),
    unit(&["mm"], Quantity::Length, "mm", 1.0, 0.0),
    unit(&["cm"], Quantity::Length, "mm", 10.0, 0.0),
    unit(&["in", "inch"], Quantity::Length, "mm", 25.4, 0.0),
    unit(&["°", "deg"], Quantity::Angle, "°", 1.0, 0.0),
    unit(&["rad"], Quantity::Angle, "°", 180.0 / std::f64::consts::PI, 0.0),
    unit(&["s", "sec"], Quantity::Time, "s", 1.0, 0.0),
    unit(&["ms"], Quantity::Time, "s", 0.001, 0.0),
    unit(&["min"], Quantity::Time, "s", 60.0, 0.0),
    unit(&["h"], Quantity::Time, "s", 3_600.0, 0.0),
    unit(&["kg"], Quantity::Mass, "kg", 1.0, 0.0),
    unit(&["lb", "lbs"], Quantity::Mass, "kg", 0.453_592_37, 0.0),
    unit(&["N"], Quantity::Force, "N", 1.0, 0.0),
    unit(&["kN"], Quantity::Force, "N", 1_000.0, 0.0),
    unit(&["lbf"], Quantity::Force, "N", 4.448_221_615, 0.0),
    unit(&["Hz"], Quantity::Frequency, "Hz", 1.0, 0.0),
    unit(&["kHz"], Quantity::Frequency, "Hz", 1_000.0, 0.0),
    unit(&["%", "pct"], Quantity::Share, "%", 1.0, 0.0),
    unit(&["-", "1"], Quantity::Share, "", 1.0, 0.0),
];

/// Words of a channel's name, and what such a channel can measure. Wheels and engines have a speed, too: in revolutions.
const NAMES: [(&[&str], &[Quantity]); 10] = [
    (&["speed", "velocity", "snelheid"], &[Quantity::Speed, Quantity::Rotation]),
    (&["temperature", "temp", "temperatuur"], &[Quantity::Temperature]),
    (&["power", "vermogen"], &[Quantity::Power, Quantity::Share]),
    (&["torque", "koppel"], &[Quantity::Torque, Quantity::Share]),
    (&["pressure", "druk"], &[Quantity::Pressure, Quantity::Share]),
    (&["rpm", "toerental"], &[Quantity::Rotation]),
    (&["acceleration", "acceleratie"], &[Quantity::Acceleration]),
    (&["voltage", "spanning"], &[Quantity::Voltage]),
    (&["current", "stroom"], &[Quantity::Current]),
    (&["distance", "afstand"], &[Quantity::Length]),
];

/// The unit that is written so, whatever its capitals.
pub(crate) fn find_unit(text: &str) -> Option<&'static Unit> {
    let same = |text: &str, spelling: &str| text == spelling || text.to_lowercase() == spelling.to_lowercase();
    // The exact spelling goes first: `mV` and `MV` are not one unit.
    let exact = UNITS.iter().find(|unit| unit.spellings.contains(&text));
    exact.or_else(|| UNITS.iter().find(|unit| unit.spellings.iter().any(|spelling| same(text, spelling))))
}

/// Quantities that a channel of that name can measure; none where its name does not say.
pub(crate) fn quantities_of(name: &str) -> Option<&'static [Quantity]> {
    let lower = name.to_lowercase();
    let words = || lower.split(|c: char| !c.is_alphabetic());
    NAMES.iter().find(|(known, _)| words().any(|word| known.contains(&word))).map(|(_, quantities)| *quantities)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_spelling_is_of_one_unit() {
        let all: Vec<&str> = UNITS.iter().flat_map(|unit| unit.spellings).copied().collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for spelling in all {
            let unit = find_unit(spelling).unwrap();
            assert!(unit.spellings.contains(&spelling), "{spelling}");
        }
    }

    #[test]
    fn values_are_converted() {
        let convert = |text: &str, value: f64| {
            let unit = find_unit(text).unwrap();
            (value * unit.factor + unit.offset, unit.target)
        };
        for (text, value, expected, target) in [
            ("mph", 100.0, 160.934_4, "km/h"),
            ("m/s", 10.0, 36.0, "km/h"),
            ("KM/H", 7.0, 7.0, "km/h"),
            ("°F", 212.0, 100.0, "°C"),
            ("°F", 32.0, 0.0, "°C"),
            ("K", 273.15, 0.0, "°C"),
            ("hp", 100.0, 74.569_987_2, "kW"),
            ("psi", 14.503_773_8, 1.0, "bar"),
            ("rad", std::f64::consts::PI, 180.0, "°"),
        ] {
            let (is, unit) = convert(text, value);
            assert!((is - expected).abs() < 1e-6 && unit == target, "{value} {text} is {is} {unit}");
        }
        for unknown in ["furlong", "", "km/u²", "kmh²", "\u{0}"] {
            assert_eq!(find_unit(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn names_say_what_they_measure() {
        assert_eq!(quantities_of("Wheel speed FL"), Some([Quantity::Speed, Quantity::Rotation].as_slice()));
        assert_eq!(quantities_of("coolant_temp"), Some([Quantity::Temperature].as_slice()));
        for silent in ["gear", "tempo", "speeding", "", "lap"] {
            assert_eq!(quantities_of(silent), None, "{silent}");
        }
    }
}
