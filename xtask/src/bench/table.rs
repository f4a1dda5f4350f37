//! Tables of what was measured.

/// A Markdown table of tab-separated rows.
pub(super) fn markdown_table(head: &[&str], rows: &str) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head) + &line(&vec!["---"; head.len()]);
    for row in rows.lines().filter(|row| !row.is_empty()) {
        text += &line(&row.split('\t').collect::<Vec<_>>());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_a_markdown_table() {
        let text = markdown_table(&["case", "rps"], "a\t979\nb\t479\n");
        assert_eq!(text, "| case | rps |\n| --- | --- |\n| a | 979 |\n| b | 479 |\n");
    }
}
