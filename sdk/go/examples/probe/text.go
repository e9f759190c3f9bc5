// How values are written in the probe's log.

package rule

import (
	"crossdock"
	"errors"
	"fmt"
	"strings"
)

func plain(number crossdock.Decimal) string { return number.Normalize().String() }

func shown(value crossdock.Value) string {
	switch value.Kind {
	case crossdock.KindText:
		return "text:" + value.Text
	case crossdock.KindNumber:
		return "number:" + plain(value.Number)
	case crossdock.KindFlag:
		return fmt.Sprintf("flag:%t", value.Flag)
	default:
		return "-"
	}
}

func moment(instant crossdock.Instant) string {
	return fmt.Sprintf("%d@%d", instant.UnixMs, instant.OffsetMinutes)
}

func address(which string, of crossdock.Address) string {
	return fmt.Sprintf("%s name=%s|company=%s|line1=%s|line2=%s|city=%s|region=%s|postal-code=%s|country=%s|phone=%s|email=%s",
		which, of.Name, of.Company, of.Line1, of.Line2, of.City, of.Region, of.PostalCode, of.Country, of.Phone, of.Email)
}

// joined writes one text per entry, with commas between them.
func joined[T any](entries []T, write func(T) string) string {
	texts := make([]string, len(entries))
	for i, entry := range entries {
		texts[i] = write(entry)
	}
	return strings.Join(texts, ",")
}

// outcome is what became of an edit that may be refused.
func outcome(err error) string {
	refused, ok := errors.AsType[*crossdock.EditError](err)
	if !ok {
		return "taken"
	}
	kinds := map[crossdock.EditErrorKind]string{
		crossdock.NoSuchLine: "no-such-line",
		crossdock.ReadOnly:   "read-only",
		crossdock.OutOfRange: "out-of-range",
		crossdock.Invalid:    "invalid",
		crossdock.NotAllowed: "not-allowed",
	}
	return "refused " + kinds[refused.Kind]
}
