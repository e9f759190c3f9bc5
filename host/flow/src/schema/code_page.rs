//! The letters that an ERP's tables can hold. One byte is one letter; what a page lacks is written without its accents
//! where that is still the same letter, and named where it is not.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A code page. Tables of Visual FoxPro name theirs in their header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodePage {
    /// Nothing but ASCII.
    Ascii,
    /// DOS in the United States.
    Cp437,
    /// DOS in western Europe and Canada.
    Cp850,
    /// Windows in western Europe and America.
    Cp1252,
    /// Unicode: it holds everything.
    Unicode,
}

const CP437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const CP850: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const CP1252: &str =
    "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

impl CodePage {
    /// The page that the header of a table names (its byte 29). Nothing for one that we do not know: then it must be said.
    pub fn of_header(language_driver: u8) -> Option<CodePage> {
        match language_driver {
            0x01 => Some(CodePage::Cp437),
            0x02 => Some(CodePage::Cp850),
            0x03 | 0x57 => Some(CodePage::Cp1252),
            _ => None,
        }
    }

    /// The page of this number, as Windows counts them: 437, 850, 1252; 20127 for ASCII, 65001 for Unicode. Nothing for one
    /// that we do not know.
    pub fn of_number(number: u32) -> Option<CodePage> {
        match number {
            20127 => Some(CodePage::Ascii),
            437 => Some(CodePage::Cp437),
            850 => Some(CodePage::Cp850),
            1252 => Some(CodePage::Cp1252),
            65001 => Some(CodePage::Unicode),
            _ => None,
        }
    }

    /// Whether it has this letter.
    pub fn holds(self, letter: char) -> bool {
        let beyond = match self {
            CodePage::Unicode => return true,
            CodePage::Ascii => "",
            CodePage::Cp437 => CP437,
            CodePage::Cp850 => CP850,
            CodePage::Cp1252 => CP1252,
        };
        letter.is_ascii() || beyond.contains(letter)
    }

    /// The text in letters that it has, and the letters that it lacks. Latin letters lose their accents and typographic
    /// marks become plain ones; other scripts are not transliterated, because what comes of it is no address: they stay.
    pub fn fold(self, text: &str) -> (String, String) {
        let (mut folded, mut lacking) = (String::with_capacity(text.len()), String::new());
        for letter in text.chars() {
            let plain = if self.holds(letter) { None } else { is_latin(letter).then(|| deunicode::deunicode_char(letter)).flatten() };
            match plain {
                Some(plain) => folded.push_str(plain),
                None => {
                    if !self.holds(letter) && !lacking.contains(letter) {
                        lacking.push(letter);
                    }
                    folded.push(letter);
                }
            }
        }
        (folded, lacking)
    }
}

/// Latin letters, accents that follow their letter, and marks between words.
fn is_latin(letter: char) -> bool {
    matches!(letter, '\u{a0}'..='\u{24f}' | '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}')
}

impl fmt::Display for CodePage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CodePage::Ascii => "ASCII",
            CodePage::Cp437 => "code page 437",
            CodePage::Cp850 => "code page 850",
            CodePage::Cp1252 => "code page 1252",
            CodePage::Unicode => "Unicode",
        })
    }
}
