//! Numbers as people read them.

use std::time::Duration;

/// A count with its digits in groups of three.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let grouped = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group));
    grouped.collect::<Vec<_>>().join(",")
}

/// A count and what is counted, in the plural unless there is one.
pub fn counted(number: u64, name: &str) -> String {
    format!("{} {name}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A file's length.
pub fn file_bytes(number: u64) -> String {
    if number < 1_000_000 { counted(number, "byte") } else { format!("{:.2} MB", number as f64 / 1e6) }
}

/// An amount of memory.
pub fn memory(bytes: u64) -> String {
    const UNITS: [(&str, f64); 3] = [("GiB", 1073741824.0), ("MiB", 1048576.0), ("KiB", 1024.0)];
    let bytes = bytes as f64;
    let unit = UNITS.into_iter().find(|&(_, size)| bytes >= size);
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, size)| format!("{:.1} {unit}", bytes / size))
}

/// Seconds to the digit that matters.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 0.001 => format!("{:.2} ms", s * 1e3),
        s if s < 0.9995 => format!("{:.0} ms", s * 1e3),
        s if s < 119.95 => format!("{s:.1} s"),
        s if s < 3600.0 => format!("{} min {} s", s as u64 / 60, s as u64 % 60),
        s => format!("{} h {} min", s as u64 / 3600, s as u64 / 60 % 60),
    }
}

/// A time on a clock: minutes and seconds, and hours where there are.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A rate of instructions.
pub fn cycles_per_second(rate: f64) -> String {
    match rate {
        r if r < 999.5 => format!("{r:.0} cycles/s"),
        r if r < 999_950.0 => format!("{:.1}k cycles/s", r / 1e3),
        r => format!("{:.1}M cycles/s", r / 1e6),
    }
}

/// A text from elsewhere without anything that a terminal would obey.
pub fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_have_units() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!((counted(1, "segment"), counted(0, "segment")), ("1 segment".into(), "0 segments".into()));
        assert_eq!([198_264, 8_060_000].map(file_bytes), ["198,264 bytes", "8.06 MB"]);
        assert_eq!([12, 2048, 14_280_000_000].map(memory), ["12 bytes", "2.0 KiB", "13.3 GiB"]);
        let shown = [0.0001, 0.014, 0.9996, 57.31, 119.97, 725.0, 7325.0].map(seconds);
        assert_eq!(shown, ["0.10 ms", "14 ms", "1.0 s", "57.3 s", "1 min 59 s", "12 min 5 s", "2 h 2 min"]);
        assert_eq!([5, 65, 3725].map(Duration::from_secs).map(clock), ["0:05", "1:05", "1:02:05"]);
        assert_eq!([12.0, 74_812.0, 1.1e8].map(cycles_per_second), ["12 cycles/s", "74.8k cycles/s", "110.0M cycles/s"]);
    }

    #[test]
    fn a_terminal_obeys_nothing_in_a_printable_text() {
        assert_eq!(printable("a\x1b[31mb\r\n\tc\u{9b}"), "a\u{fffd}[31mb\u{fffd}\n\tc\u{fffd}");
    }
}
