// Exact decimals for money, quantities and rates. No float anywhere.

package crossdock

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// MaxScale is how many digits behind the point a [Decimal] can hold. The host takes fewer: see [OutOfRange].
const MaxScale = 18

// Decimal is an exact decimal, `units × 10^-scale`, of up to 18 digits; never a float. The zero value is 0.
//
// Sums, differences and products are exact or refused: the Checked forms answer false when the exact result does not
// fit, the others panic. Compare with [Decimal.Cmp] or [Decimal.Equal], which look at the value: 1.5 equals 1.50.
type Decimal struct {
	units int64
	scale uint8
}

// ErrNotADecimal is what [Parse] answers to text that is no exact decimal of at most 18 digits.
var ErrNotADecimal = errors.New("expected a number such as 19.99")

var powers = func() (powers [MaxScale + 1]int64) {
	powers[0] = 1
	for i := range MaxScale {
		powers[i+1] = powers[i] * 10
	}
	return powers
}()

// New is units × 10^-scale: New(1999, 2) is 19.99. It panics when the scale is over [MaxScale].
func New(units int64, scale uint8) Decimal {
	if scale > MaxScale {
		panic("a decimal has at most 18 digits behind the point")
	}
	return Decimal{units, scale}
}

// Int is a whole number.
func Int(whole int64) Decimal { return Decimal{units: whole} }

// Dec is a number written in the source: Dec("19.99"). It panics when it is none.
func Dec(literal string) Decimal {
	number, err := Parse(literal)
	if err != nil {
		panic("no exact decimal: " + literal)
	}
	return number
}

// Parse reads a number such as 19.99.
func Parse(text string) (Decimal, error) {
	digits := strings.TrimPrefix(text, "-")
	negative := digits != text
	if !negative {
		digits = strings.TrimPrefix(text, "+")
	}
	var number Decimal
	count, point := 0, false
	for _, digit := range []byte(digits) {
		switch {
		case digit == '.' && !point:
			point = true
		case digit >= '0' && digit <= '9':
			unit := int64(digit - '0')
			if number.units > (math.MaxInt64-unit)/10 {
				return Decimal{}, ErrNotADecimal
			}
			number.units = number.units*10 + unit
			count++
			if point {
				number.scale++
			}
			if number.scale > MaxScale {
				return Decimal{}, ErrNotADecimal
			}
		default:
			return Decimal{}, ErrNotADecimal
		}
	}
	if count == 0 || (point && number.scale == 0) {
		return Decimal{}, ErrNotADecimal
	}
	if negative {
		number.units = -number.units
	}
	return number, nil
}

// String shows the digits as they are: 1.50 stays 1.50.
func (d Decimal) String() string {
	text := strconv.FormatInt(d.units, 10)
	if d.scale == 0 {
		return text
	}
	digits := strings.TrimPrefix(text, "-")
	sign := text[:len(text)-len(digits)]
	if missing := int(d.scale) + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - int(d.scale)
	return sign + digits[:point] + "." + digits[point:]
}

// Units are the digits without the point.
func (d Decimal) Units() int64 { return d.units }

// Scale is how many digits stand behind the point.
func (d Decimal) Scale() uint8 { return d.scale }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int { return cmp(d.units, 0) }

// Normalize drops trailing zeros behind the point.
func (d Decimal) Normalize() Decimal {
	for d.scale > 0 && d.units%10 == 0 {
		d.units /= 10
		d.scale--
	}
	return d
}

// Round rounds to so many digits behind the point, half away from zero. Shorter numbers stay as they are.
func (d Decimal) Round(digits uint8) Decimal {
	if d.scale <= digits {
		return d
	}
	divisor := powers[d.scale-digits]
	units, rest := d.units/divisor, d.units%divisor
	if max(rest, -rest)*2 >= divisor {
		units += int64(d.Sign())
	}
	return Decimal{units, digits}
}

// Cmp is -1, 0 or 1, as d is less than, equal to or more than other.
func (d Decimal) Cmp(other Decimal) int {
	scale := max(d.scale, other.scale)
	a, aFits := d.at(scale)
	b, bFits := other.at(scale)
	if aFits && bFits {
		return cmp(a, b)
	}
	return d.wide(scale).Cmp(other.wide(scale))
}

// Equal looks at the value: 1.5 equals 1.50.
func (d Decimal) Equal(other Decimal) bool { return d.Cmp(other) == 0 }

// Add is the exact sum. It panics when that does not fit.
func (d Decimal) Add(other Decimal) Decimal { return fitting(d.CheckedAdd(other)) }

// Sub is the exact difference. It panics when that does not fit.
func (d Decimal) Sub(other Decimal) Decimal { return fitting(d.CheckedSub(other)) }

// Mul is the exact product. It panics when that does not fit.
func (d Decimal) Mul(other Decimal) Decimal { return fitting(d.CheckedMul(other)) }

// Percent is so many per cent of it, exact.
func (d Decimal) Percent(percent Decimal) Decimal { return d.Mul(percent.Mul(Decimal{1, 2})) }

// PercentOff is it, less so many per cent, exact: round it to the currency afterwards.
func (d Decimal) PercentOff(percent Decimal) Decimal { return d.Percent(Int(100).Sub(percent)) }

// CheckedAdd is the exact sum; false when that does not fit.
func (d Decimal) CheckedAdd(other Decimal) (Decimal, bool) {
	scale := max(d.scale, other.scale)
	a, aFits := d.at(scale)
	b, bFits := other.at(scale)
	if sum := a + b; aFits && bFits && (sum > a) == (b > 0) {
		return Decimal{sum, scale}, true
	}
	return shorten(new(big.Int).Add(d.wide(scale), other.wide(scale)), int(scale))
}

// CheckedSub is the exact difference; false when that does not fit.
func (d Decimal) CheckedSub(other Decimal) (Decimal, bool) {
	scale := max(d.scale, other.scale)
	a, aFits := d.at(scale)
	b, bFits := other.at(scale)
	if difference := a - b; aFits && bFits && (difference < a) == (b > 0) {
		return Decimal{difference, scale}, true
	}
	return shorten(new(big.Int).Sub(d.wide(scale), other.wide(scale)), int(scale))
}

// CheckedMul is the exact product; false when that does not fit.
func (d Decimal) CheckedMul(other Decimal) (Decimal, bool) {
	scale := int(d.scale) + int(other.scale)
	if units, fits := times(d.units, other.units); fits && scale <= MaxScale {
		return Decimal{units, uint8(scale)}, true
	}
	return shorten(new(big.Int).Mul(big.NewInt(d.units), big.NewInt(other.units)), scale)
}

// CheckedDiv is the quotient rounded to so many digits, half away from zero; false when that does not fit or other is 0.
func (d Decimal) CheckedDiv(other Decimal, digits uint8) (Decimal, bool) {
	if other.units == 0 || digits > MaxScale {
		return Decimal{}, false
	}
	above, below := big.NewInt(d.units), big.NewInt(other.units)
	if shift := int(digits) + int(other.scale) - int(d.scale); shift >= 0 {
		above.Mul(above, powerOfTen(shift))
	} else {
		below.Mul(below, powerOfTen(-shift))
	}
	sign := int64(above.Sign() * below.Sign())
	units, rest := above.Abs(above).QuoRem(above, below.Abs(below), new(big.Int))
	if rest.Lsh(rest, 1).Cmp(below) >= 0 {
		units.Add(units, big.NewInt(1))
	}
	units.Mul(units, big.NewInt(sign))
	return Decimal{units.Int64(), digits}, units.IsInt64()
}

// at are the units at a scale that is not smaller than its own; false when they do not fit.
func (d Decimal) at(scale uint8) (int64, bool) { return times(d.units, powers[scale-d.scale]) }

func (d Decimal) wide(scale uint8) *big.Int {
	return new(big.Int).Mul(big.NewInt(d.units), big.NewInt(powers[scale-d.scale]))
}

func powerOfTen(exponent int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)
}

func times(a, b int64) (int64, bool) {
	high, low := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if high != 0 || low > math.MaxInt64 || a == math.MinInt64 || b == math.MinInt64 {
		return 0, false
	}
	return a * b, true
}

// shorten drops trailing zeros until the number fits; false when digits that count would be lost.
func shorten(units *big.Int, scale int) (Decimal, bool) {
	ten, rest := big.NewInt(10), new(big.Int)
	for scale > MaxScale || !units.IsInt64() {
		quotient, _ := new(big.Int).QuoRem(units, ten, rest)
		if scale == 0 || rest.Sign() != 0 {
			return Decimal{}, false
		}
		units = quotient
		scale--
	}
	return Decimal{units.Int64(), uint8(scale)}, true
}

func fitting(result Decimal, fits bool) Decimal {
	if !fits {
		panic("a number does not fit 18 digits: round before you multiply on")
	}
	return result
}

func cmp(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
