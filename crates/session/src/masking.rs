//! Masked forms of numbers (product.md §7).

/// A document number for a screen: `TR1234567` → `TR****567`.
pub(crate) fn on_screen(number: &str) -> String {
    masked(number, 2, 3)
}

/// A document number for print: the last three characters behind a fixed number of stars, so that its length does not show.
pub(crate) fn on_print(number: &str) -> String {
    let tail: Vec<char> = number.chars().rev().take(if number.chars().count() > 5 { 3 } else { 0 }).collect();
    format!("*****{}", tail.iter().rev().collect::<String>())
}

/// Keeps `head` and `tail` characters when at least as many are hidden between them; otherwise hides everything.
fn masked(number: &str, head: usize, tail: usize) -> String {
    let count = number.chars().count();
    let hide_all = count < head + tail + 3;
    number
        .chars()
        .enumerate()
        .map(|(i, c)| if !hide_all && (i < head || i >= count - tail) { c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_as_the_table_says() {
        assert_eq!(on_screen("TR1234567"), "TR****567");
        assert_eq!(on_print("TR1234567"), "*****567");
    }

    #[test]
    fn a_short_number_is_hidden_whole() {
        assert_eq!(on_screen("A1234"), "*****");
        assert_eq!(on_print("A1234"), "*****");
        assert_eq!(on_screen(""), "");
    }
}
