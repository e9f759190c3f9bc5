//! The types of Visual FoxPro, by the letter that stands for them in a table's header and in Sage Pro's own field list.

use super::Kind;

impl Kind {
    /// What a type letter says. Nothing for what holds no value that an order could fill: pictures and other objects,
    /// binary data, the hidden column that marks nulls.
    pub fn of_letter(letter: char, width: usize, decimals: u32) -> Option<Kind> {
        match letter.to_ascii_uppercase() {
            // `V` is a text that is kept without its padding.
            'C' | 'V' => Some(Kind::Text { width }),
            'M' => Some(Kind::Memo),
            'N' | 'F' => Some(Kind::Number { width, decimals }),
            // Four bytes: from -2147483648.
            'I' | '+' => Some(Kind::Number { width: 11, decimals: 0 }),
            // Eight bytes: some fifteen digits, of which the header says how many stand behind the point.
            'B' | 'O' => Some(Kind::Number { width: if decimals == 0 { 16 } else { 17 }, decimals }),
            'Y' => Some(Kind::Currency),
            'D' => Some(Kind::Date),
            'T' | '@' => Some(Kind::DateTime),
            'L' => Some(Kind::Flag),
            _ => None,
        }
    }
}
