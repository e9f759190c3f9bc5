//! A look through a file's sections before any of it is compiled: whether it is whole, whether it carries WIT, how large
//! its largest function is, how many it has, how deep its parts are nested. Mistakes inside a part are the compiler's to find.

/// How deep components may be nested. Composed ones have a handful; 10,000 took wasmtime 5 s and 650 MiB.
pub(crate) const NESTING: usize = 100;

/// What is seen from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anatomy {
    /// A section of the file itself carries WIT.
    pub(crate) carries_wit: bool,
    /// Bytes of the largest function of all core modules.
    pub(crate) largest_function: usize,
    /// Functions of all core modules together.
    pub(crate) functions: usize,
    /// How deep components and modules are nested; looked at no deeper than one beyond [`NESTING`].
    pub(crate) depth: usize,
}

/// What a section may hold, by the first bytes of what it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Component,
    Module,
}

/// Looks at a file without its first eight bytes. `None` when its last section is cut short.
pub(crate) fn look(sections: &[u8], is_module: bool) -> Option<Anatomy> {
    let mut anatomy = Anatomy::default();
    walk(sections, if is_module { Part::Module } else { Part::Component }, 0, &mut anatomy)?;
    Some(anatomy)
}

fn walk(mut bytes: &[u8], part: Part, depth: usize, anatomy: &mut Anatomy) -> Option<()> {
    anatomy.depth = anatomy.depth.max(depth);
    if depth > NESTING {
        return Some(());
    }
    while let Some((id, rest)) = bytes.split_first() {
        let (length, rest) = leb(rest)?;
        let (section, rest) = rest.split_at_checked(length)?;
        match (part, *id) {
            (_, 0) if depth == 0 => {
                let (length, name) = leb(section)?;
                anatomy.carries_wit |= name.get(..length)?.starts_with(b"component-type");
            }
            (Part::Module, 10) => functions(section, anatomy).unwrap_or_default(),
            (Part::Component, 1) => inner(section, Part::Module, depth, anatomy),
            (Part::Component, 4) => inner(section, Part::Component, depth, anatomy),
            _ => {}
        }
        bytes = rest;
    }
    Some(())
}

fn inner(section: &[u8], part: Part, depth: usize, anatomy: &mut Anatomy) {
    if let Some((_, sections)) = section.split_at_checked(8) {
        walk(sections, part, depth + 1, anatomy).unwrap_or_default();
    }
}

fn functions(section: &[u8], anatomy: &mut Anatomy) -> Option<()> {
    let (count, mut rest) = leb(section)?;
    for _ in 0..count {
        let (length, after) = leb(rest)?;
        anatomy.functions += 1;
        anatomy.largest_function = anatomy.largest_function.max(length);
        rest = after.get(length..)?;
    }
    Some(())
}

/// An unsigned LEB128 number of at most 32 bits.
fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0usize;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Anatomy {
        look(&wat::parse_str(text).unwrap()[8..], text.starts_with("(module")).unwrap()
    }

    #[test]
    fn functions_are_measured_wherever_they_are() {
        assert_eq!(of("(module)"), Anatomy::default());
        let code = format!("(func {})", "nop ".repeat(1000));
        let flat = of(&format!("(module (func) {code} (func))"));
        assert_eq!((flat.largest_function, flat.functions), (1002, 3));
        let nested = of(&format!("(component (component (component (core module {code}))))"));
        assert_eq!((nested.largest_function, nested.depth), (1002, 3));
    }

    /// A section that holds a component with these sections; its length takes three bytes.
    fn around(header: &[u8], inner: &[u8]) -> Vec<u8> {
        let length = header.len() + inner.len();
        let bytes = [length & 0x7f | 0x80, length >> 7 & 0x7f | 0x80, length >> 14].map(|byte| u8::try_from(byte).unwrap());
        [&[4][..], &bytes, header, inner].concat()
    }

    #[test]
    fn nesting_is_looked_at_only_so_deep() {
        let header = b"\0asm\x0d\0\x01\0";
        let nested = |depth| (0..depth).fold(Vec::new(), |inner, _| around(header, &inner));
        assert_eq!(look(&nested(NESTING), false).unwrap().depth, NESTING);
        assert_eq!(look(&nested(NESTING + 50), false).unwrap().depth, NESTING + 1);
    }

    #[test]
    fn what_is_cut_short_is_seen_at_the_outside_only() {
        assert_eq!(look(&[1, 5, 0], false), None);
        assert_eq!(look(&[10, 3, 0xff, 0xff, 0xff], true), Some(Anatomy::default()));
    }
}
