// The step arithmetic: sums that stand in settings.

package rule

import (
	"crossdock"
	"crossdock/log"
	"crossdock/settings"
	"strings"
)

// arithmetic says what the SDK's decimal answers, exactly, to sums that stand in settings.
func arithmetic() {
	for _, sum := range settings.Below("sum.") {
		log.Infof("sum.%s %s", sum.Key, result(sum.Value))
	}
}

func result(sum string) string {
	words := strings.Split(sum, " ")
	if len(words) < 3 {
		return "bad"
	}
	a, errA := crossdock.Parse(words[0])
	b, errB := crossdock.Parse(words[2])
	if errA != nil || errB != nil {
		return "bad"
	}
	if len(words) == 4 && words[1] == "/" {
		d, err := crossdock.Parse(words[3])
		if to, ok := digits(d); err == nil && ok {
			return answer(a.CheckedDiv(b, to))
		}
	}
	if len(words) != 3 {
		return "bad"
	}
	switch words[1] {
	case "+":
		return answer(a.CheckedAdd(b))
	case "-":
		return answer(a.CheckedSub(b))
	case "*":
		return answer(a.CheckedMul(b))
	case "%":
		return answer(percentOff(a, b))
	case "r":
		if to, ok := digits(b); ok {
			return plain(a.Round(to))
		}
	case "c":
		return [...]string{"less", "equal", "more"}[a.Cmp(b)+1]
	}
	return "bad"
}

func answer(number crossdock.Decimal, fits bool) string {
	if !fits {
		return "no"
	}
	return plain(number)
}

// percentOff is as PercentOff, which panics when the result does not fit.
func percentOff(of, percent crossdock.Decimal) (crossdock.Decimal, bool) {
	rest, fits := crossdock.Int(100).CheckedSub(percent)
	if !fits {
		return rest, false
	}
	factor, fits := rest.CheckedMul(crossdock.Dec("0.01"))
	if !fits {
		return factor, false
	}
	return of.CheckedMul(factor)
}

func digits(number crossdock.Decimal) (uint8, bool) {
	whole := number.Normalize()
	return uint8(whole.Units()), whole.Scale() == 0 && whole.Sign() >= 0 && whole.Cmp(crossdock.Int(crossdock.MaxScale)) <= 0
}
