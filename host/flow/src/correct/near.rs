//! Near misses: which of the codes that are known was probably meant.

/// At most so many are offered.
const MOST: usize = 3;

/// How near a known code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nearness {
    /// It differs only in what people and programs mix up: case, spaces, hyphens, O and 0, I and 1.
    Alike,
    /// So many letters are wrong, missing, too much or swapped.
    Letters(usize),
}

/// The known codes that are near enough to be meant, nearest first, then by name. None when it is known as it stands.
pub(crate) fn near<'k>(written: &str, known: impl Iterator<Item = &'k str> + Clone) -> Vec<(Nearness, &'k str)> {
    if written.trim().is_empty() || known.clone().any(|code| code == written) {
        return Vec::new();
    }
    let (alike, lower) = (alike(written), written.trim().to_lowercase());
    let nearness = |code: &'k str| {
        if self::alike(code) == alike {
            return Some((Nearness::Alike, code));
        }
        letters(&lower, &code.to_lowercase()).map(|letters| (Nearness::Letters(letters), code))
    };
    let mut found: Vec<_> = known.filter_map(nearness).collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}

/// How many letters lie between two texts, when they are few enough for one to be meant by the other: one in a short
/// text, two in one of more than five letters.
pub(super) fn letters(written: &str, known: &str) -> Option<usize> {
    let length = written.chars().count();
    let most = if length <= 5 { 1 } else { 2 };
    if length.abs_diff(known.chars().count()) > most {
        return None;
    }
    Some(strsim::osa_distance(written, known)).filter(|letters| *letters <= most)
}

fn alike(code: &str) -> String {
    let same = |c: char| match c {
        'O' => '0',
        'I' => '1',
        c => c,
    };
    code.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}')).flat_map(char::to_uppercase).map(same).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Nearness::{Alike, Letters};

    #[test]
    fn near_misses_in_their_order() {
        let known = ["LAMP-DESK-01", "LAMP-DESK-02", "MUG-BLUE", "MUG-BLUES", "MUG-BLU", "MUG-GLUE", "A1", "A2", "B17", "10"];
        let find = |written: &str| near(written, known.iter().copied());
        assert_eq!(find("LAMP-DESK-O1"), [(Alike, "LAMP-DESK-01"), (Letters(2), "LAMP-DESK-02")]);
        assert_eq!(find(" lamp desk 01"), [(Alike, "LAMP-DESK-01"), (Letters(2), "LAMP-DESK-02")][..1].to_vec());
        // Swapped letters are one mistake; at most three are offered, in a certain order.
        assert_eq!(find("MUG-BULE"), [(Letters(1), "MUG-BLUE"), (Letters(2), "MUG-BLU"), (Letters(2), "MUG-BLUES")]);
        // In a short code one wrong letter is all that can be meant.
        assert_eq!(find("A3"), [(Letters(1), "A1"), (Letters(1), "A2")]);
        assert_eq!(find("IO"), [(Alike, "10")]);
        assert_eq!(find("C25"), []);
        assert_eq!(find("MUG-BLUE"), [], "it is known");
        assert_eq!(find("  "), []);
    }
}
