//! Exact decimals for money, quantities and rates: small and quick inside a sandbox, and never a float.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    iter::Sum,
    ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign},
    str::FromStr,
};

/// Digits after the point that a [`Decimal`] can hold. The host takes fewer: see [`EditError::OutOfRange`](crate::EditError::OutOfRange).
pub const MAX_SCALE: u8 = 18;

const POWERS: [i64; MAX_SCALE as usize + 1] = {
    let mut powers = [1; MAX_SCALE as usize + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// An exact decimal: `units × 10^-scale`, up to 18 digits.
///
/// Sums, differences and products are exact or refused, never rounded behind your back: the `checked_` forms answer
/// `None` when the exact result does not fit, the operators panic. Equality and order look at the value, so 1.5 equals
/// 1.50; the text shows the digits as they are.
///
/// ```
/// use crossdock_sdk::dec;
/// let price = dec!(19.99);
/// assert_eq!((price * dec!(3)).to_string(), "59.97");
/// assert_eq!(price.percent_off(dec!(5)).round(2), dec!(18.99));
/// ```
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    // The generated bindings read and write both fields: see `bindings.rs`.
    pub(crate) units: i64,
    pub(crate) scale: u8,
}

impl Decimal {
    /// 0.
    pub const ZERO: Decimal = Decimal { units: 0, scale: 0 };
    /// 1.
    pub const ONE: Decimal = Decimal { units: 1, scale: 0 };
    /// 100.
    pub const HUNDRED: Decimal = Decimal { units: 100, scale: 0 };

    /// `units × 10^-scale`: `Decimal::new(1999, 2)` is 19.99. Panics when the scale is over [`MAX_SCALE`].
    pub const fn new(units: i64, scale: u8) -> Decimal {
        assert!(scale <= MAX_SCALE, "a decimal has at most 18 digits after the point");
        Decimal { units, scale }
    }

    /// The digits without the point.
    pub const fn units(self) -> i64 {
        self.units
    }

    /// Digits after the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether it is 0.
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether it is below 0.
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Without its sign.
    pub fn abs(self) -> Decimal {
        if self.units < 0 { -self } else { self }
    }

    /// The same value without trailing zeros after the point.
    #[inline]
    pub fn normalize(mut self) -> Decimal {
        while self.scale > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Rounded to so many digits after the point, half away from zero. Shorter numbers stay as they are.
    #[inline]
    pub fn round(self, digits: u8) -> Decimal {
        if self.scale <= digits {
            return self;
        }
        let divisor = power(self.scale - digits);
        let (mut units, rest) = (self.units / divisor, self.units % divisor);
        if rest.abs() * 2 >= divisor {
            units += self.units.signum();
        }
        Decimal { units, scale: digits }
    }

    /// So many per cent of it, exact: `dec!(200).percent(dec!(7.5))` is 15.
    #[track_caller]
    pub fn percent(self, percent: Decimal) -> Decimal {
        self * percent * Decimal { units: 1, scale: 2 }
    }

    /// It, less so many per cent, exact: round it to the currency afterwards.
    #[track_caller]
    pub fn percent_off(self, percent: Decimal) -> Decimal {
        self.percent(Decimal::HUNDRED - percent)
    }

    /// The exact sum; `None` when it does not fit.
    #[inline]
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        if let (Some(a), Some(b)) = (self.at_scale(scale), other.at_scale(scale))
            && let Some(units) = a.checked_add(b)
        {
            return Some(Decimal { units, scale });
        }
        self.add_wide(other, scale, 1)
    }

    /// The exact difference; `None` when it does not fit.
    #[inline]
    pub fn checked_sub(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        if let (Some(a), Some(b)) = (self.at_scale(scale), other.at_scale(scale))
            && let Some(units) = a.checked_sub(b)
        {
            return Some(Decimal { units, scale });
        }
        self.add_wide(other, scale, -1)
    }

    /// The exact product; `None` when it does not fit.
    #[inline]
    pub fn checked_mul(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale + other.scale;
        match times(self.units, other.units) {
            Some(units) if scale <= MAX_SCALE => Some(Decimal { units, scale }),
            _ => self.mul_wide(other),
        }
    }

    /// The quotient rounded to so many digits, half away from zero; `None` when it does not fit or `other` is 0.
    pub fn checked_div(self, other: Decimal, digits: u8) -> Option<Decimal> {
        if other.units == 0 || digits > MAX_SCALE {
            return None;
        }
        let (mut above, mut below) = (i128::from(self.units), i128::from(other.units));
        let shift = i32::from(digits) + i32::from(other.scale) - i32::from(self.scale);
        let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
        if shift >= 0 {
            above = above.checked_mul(factor)?;
        } else {
            below = below.checked_mul(factor)?;
        }
        let (mut units, rest) = (above / below, above % below);
        if rest.unsigned_abs() >= below.unsigned_abs() - rest.unsigned_abs() {
            units += above.signum() * below.signum();
        }
        i64::try_from(units).ok().map(|units| Decimal { units, scale: digits })
    }

    /// Reads a literal at compile time; the body of [`dec!`](crate::dec). Text in quotes is taken too.
    #[doc(hidden)]
    pub const fn literal(text: &str) -> Decimal {
        let mut bytes = text.as_bytes();
        if let [b'"', rest @ .., b'"'] = bytes {
            bytes = rest;
        }
        match parse(bytes) {
            Some(decimal) => decimal,
            None => panic!("no exact decimal: write digits, at most one point, at most 18 digits, such as 19.99"),
        }
    }

    /// The units at a scale that is not smaller than its own; `None` when they do not fit.
    #[inline]
    pub(crate) fn at_scale(self, scale: u8) -> Option<i64> {
        if self.scale == scale { Some(self.units) } else { times(self.units, power(scale - self.scale)) }
    }

    // The rare cases stand apart, so that the usual ones stay small where they are inlined.

    #[cold]
    #[inline(never)]
    fn add_wide(self, other: Decimal, scale: u8, sign: i128) -> Option<Decimal> {
        Decimal::shorten(self.wide(scale) + sign * other.wide(scale), scale.into())
    }

    #[cold]
    #[inline(never)]
    fn mul_wide(self, other: Decimal) -> Option<Decimal> {
        Decimal::shorten(i128::from(self.units) * i128::from(other.units), u32::from(self.scale) + u32::from(other.scale))
    }

    #[cold]
    #[inline(never)]
    fn cmp_wide(self, other: Decimal, scale: u8) -> Ordering {
        self.wide(scale).cmp(&other.wide(scale))
    }

    /// The units at a scale that is not smaller than its own: below 10^19 × 10^18, which fits an i128 with room to spare.
    fn wide(self, scale: u8) -> i128 {
        i128::from(self.units) * i128::from(power(scale - self.scale))
    }

    /// Drops trailing zeros until it fits; `None` when digits that count would be lost.
    fn shorten(mut units: i128, mut scale: u32) -> Option<Decimal> {
        loop {
            if scale <= u32::from(MAX_SCALE)
                && let Ok(units) = i64::try_from(units)
            {
                return Some(Decimal { units, scale: scale as u8 });
            }
            if scale == 0 || units % 10 != 0 {
                return None;
            }
            units /= 10;
            scale -= 1;
        }
    }
}

/// The product, if it fits. A check for overflow costs a call inside a sandbox, and amounts are rarely large.
#[inline(always)]
fn times(a: i64, b: i64) -> Option<i64> {
    let small = |number: i64| i32::try_from(number).is_ok();
    if small(a) && small(b) { Some(a * b) } else { times_large(a, b) }
}

#[cold]
#[inline(never)]
fn times_large(a: i64, b: i64) -> Option<i64> {
    a.checked_mul(b)
}

#[inline]
fn power(exponent: u8) -> i64 {
    POWERS[exponent as usize]
}

const fn parse(bytes: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    let (mut units, mut scale, mut count, mut point, mut at) = (0_i64, 0_u8, 0, false, 0);
    while at < digits.len() {
        match digits[at] {
            b'.' if !point => point = true,
            digit @ b'0'..=b'9' => {
                let Some(tens) = units.checked_mul(10) else { return None };
                let Some(sum) = tens.checked_add((digit - b'0') as i64) else { return None };
                units = sum;
                count += 1;
                if point {
                    scale += 1;
                    if scale > MAX_SCALE {
                        return None;
                    }
                }
            }
            _ => return None,
        }
        at += 1;
    }
    if count == 0 || (point && scale == 0) {
        return None;
    }
    Some(Decimal { units: if negative { -units } else { units }, scale })
}

/// An exact decimal, checked while compiling: `dec!(19.99)`.
///
/// ```
/// use crossdock_sdk::{Decimal, dec};
/// const MINIMUM: Decimal = dec!(0.01);
/// assert_eq!(MINIMUM, Decimal::new(1, 2));
/// ```
#[macro_export]
macro_rules! dec {
    ($number:literal) => {
        const { $crate::Decimal::literal(stringify!($number)) }
    };
}

/// The text is no exact decimal of at most 18 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADecimal;

impl fmt::Display for NotADecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a number such as 19.99")
    }
}

impl std::error::Error for NotADecimal {}

impl FromStr for Decimal {
    type Err = NotADecimal;
    fn from_str(text: &str) -> Result<Decimal, NotADecimal> {
        parse(text.as_bytes()).ok_or(NotADecimal)
    }
}

impl TryFrom<&str> for Decimal {
    type Error = NotADecimal;
    fn try_from(text: &str) -> Result<Decimal, NotADecimal> {
        text.parse()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [b'0'; 24];
        let (mut at, mut rest, mut left) = (buffer.len(), self.units.unsigned_abs(), usize::from(self.scale));
        let point = self.scale > 0;
        while rest > 0 || left > 0 || at == buffer.len() || buffer[at] == b'.' {
            at -= 1;
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if left > 0 {
                left -= 1;
                if left == 0 && point {
                    at -= 1;
                    buffer[at] = b'.';
                }
            }
        }
        f.pad_integral(self.units >= 0, "", std::str::from_utf8(&buffer[at..]).unwrap_or_default())
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    #[inline]
    fn cmp(&self, other: &Decimal) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.at_scale(scale), other.at_scale(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.cmp_wide(*other, scale),
        }
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let short = self.normalize();
        (short.units, short.scale).hash(state);
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Decimal {
            fn from(units: $integer) -> Decimal {
                Decimal { units: units.into(), scale: 0 }
            }
        }
    )*};
}
from_integer!(u8, u16, u32, i8, i16, i32, i64);

macro_rules! operator {
    ($trait:ident, $method:ident, $checked:ident) => {
        impl $trait for Decimal {
            type Output = Decimal;
            /// Panics when the exact result does not fit.
            #[track_caller]
            #[inline]
            fn $method(self, other: Decimal) -> Decimal {
                match self.$checked(other) {
                    Some(result) => result,
                    None => overflow(),
                }
            }
        }
    };
}
operator!(Add, add, checked_add);
operator!(Sub, sub, checked_sub);
operator!(Mul, mul, checked_mul);

#[cold]
#[track_caller]
fn overflow() -> ! {
    panic!("a number does not fit 18 digits: round before you multiply on")
}

impl Neg for Decimal {
    type Output = Decimal;
    #[track_caller]
    fn neg(self) -> Decimal {
        Decimal::ZERO - self
    }
}

impl AddAssign for Decimal {
    #[track_caller]
    fn add_assign(&mut self, other: Decimal) {
        *self = *self + other;
    }
}

impl SubAssign for Decimal {
    #[track_caller]
    fn sub_assign(&mut self, other: Decimal) {
        *self = *self - other;
    }
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Decimal>>(numbers: I) -> Decimal {
        numbers.fold(Decimal::ZERO, Add::add)
    }
}
