//! What PDFium leaves of right-to-left text: it turns the order of the characters, and those that one glyph stands for,
//! or that stand on one another, turn with it.

use super::glyph::{Glyph, Turn};
use super::words::{gap, is_rtl};

/// Letters of one word stand no farther apart than this, in font sizes.
const TOUCHING: f32 = 0.1;

/// Puts the characters of a ligature back in order, and a vowel sign behind the letter that it stands on.
pub(super) fn mend(glyphs: &mut Vec<Glyph>) {
    if !glyphs.iter().any(|glyph| is_rtl(glyph.char)) {
        return;
    }
    for ligature in glyphs.chunk_by_mut(is_one_glyph) {
        ligature.reverse();
    }
    let mut at = 0;
    while at < glyphs.len() {
        let signs = glyphs.iter().skip(at).take_while(|glyph| is_sign(glyph.char)).count();
        if signs == 0 || !stand_on_next(glyphs, at, at + signs) {
            at += signs.max(1);
            continue;
        }
        if let Some(turned) = glyphs.get_mut(at..=at + signs) {
            turned.rotate_right(1);
        }
        // A program that sets signs apart from letters puts a space without width before them.
        let space = at.checked_sub(1).filter(|space| glyphs.get(*space).is_some_and(|g| g.char == ' '));
        let before = space.and_then(|space| glyphs.get(space.checked_sub(1)?));
        if let (Some(space), Some(before), Some(letter)) = (space, before, glyphs.get(at))
            && gap(before.rect, letter.rect) < TOUCHING * letter.size
        {
            glyphs.remove(space);
            at -= 1;
        }
        at += signs + 1;
    }
}

/// Whether the signs stand on the letter after them, and not on the one before.
fn stand_on_next(glyphs: &[Glyph], start: usize, end: usize) -> bool {
    let is_on = |letter: &Glyph| {
        letter.turn == Turn::Right
            && is_rtl(letter.char)
            && glyphs.get(start..end).unwrap_or_default().iter().all(|sign| {
                let middle = (sign.rect[0] + sign.rect[2]) / 2.0;
                (letter.rect[0]..=letter.rect[2]).contains(&middle)
            })
    };
    let before = start.checked_sub(1).and_then(|at| glyphs.get(at));
    glyphs.get(end).is_some_and(is_on) && !before.is_some_and(is_on)
}

/// Whether both come from one glyph, such as lam and alef.
fn is_one_glyph(a: &Glyph, b: &Glyph) -> bool {
    let is_letter = |glyph: &Glyph| is_rtl(glyph.char) && !is_sign(glyph.char);
    is_letter(a) && is_letter(b) && a.origin == b.origin && a.rect == b.rect
}

/// Hebrew and Arabic vowel signs.
fn is_sign(char: char) -> bool {
    matches!(char, '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters with the left edges of their boxes, each as wide as told.
    fn check(input: &[(char, f32, f32)], expected: &str) {
        let glyph = |&(char, left, width): &(char, f32, f32)| Glyph {
            char,
            rect: [left, 0.0, left + width, 10.0],
            origin: [left, 10.0],
            size: 10.0,
            bold: false,
            turn: Turn::Right,
            hidden: false,
        };
        let mut glyphs: Vec<Glyph> = input.iter().map(glyph).collect();
        mend(&mut glyphs);
        assert_eq!(glyphs.iter().map(|glyph| glyph.char).collect::<String>(), expected);
    }

    #[test]
    fn a_ligature_keeps_its_order() {
        check(&[('خ', 58.0, 7.0), ('ا', 51.0, 7.0), ('ل', 51.0, 7.0), ('ل', 45.0, 6.0)], "خلال");
        check(&[('خ', 58.0, 7.0), ('ا', 51.0, 7.0), ('ل', 45.0, 6.0)], "خال");
        check(&[('a', 51.0, 7.0), ('b', 51.0, 7.0)], "ab");
    }

    #[test]
    fn a_sign_follows_its_letter() {
        let expected = "أيض\u{64b}ا";
        let [alef_hamza, yeh, dad, alef] =
            [('أ', 220.0, 3.0), ('ي', 217.0, 3.5), ('ض', 207.0, 10.0), ('ا', 204.0, 3.0)];
        check(&[alef_hamza, yeh, (' ', 217.0, 3.5), ('\u{64b}', 208.0, 2.0), dad, alef], expected);
        check(&[alef_hamza, yeh, dad, ('\u{64b}', 208.0, 2.0), alef], expected);
        // A space that is one.
        let far = ('ض', 190.0, 10.0);
        check(&[yeh, (' ', 217.0, 3.5), ('\u{64b}', 192.0, 2.0), far], "ي ض\u{64b}");
        check(&[('\u{64b}', 208.0, 2.0)], "\u{64b}");
    }
}
