// Package crossdock is for writing Crossdock plugins in Go: what a rule reads, decides and edits. The same package runs in
// the host's sandbox and, with package sample, in a native test. Settings and the log have packages of their own.
//
// A plugin is a package named rule that defines the hooks its plugin.toml lists:
//
//	func PreMap(context crossdock.Context, order *crossdock.Order) (crossdock.Verdict, error)
//	func RouteOrder(context crossdock.Context, order *crossdock.Order, candidates *crossdock.Candidates) (crossdock.Route, error)
//	func PostMap(context crossdock.Context, order *crossdock.Order, document *crossdock.Document) (crossdock.Verdict, error)
//
// An error that a hook returns is the operator's to see: a [*HookError] says of which kind it is, a refused edit and any
// other error fail the hook.
package crossdock

// Instant is a point in time, and the offset from UTC at which the sender wrote it.
type Instant struct {
	UnixMs        int64
	OffsetMinutes int16
}

// PlusMinutes is so many minutes later.
func (i Instant) PlusMinutes(minutes int64) Instant {
	return Instant{i.UnixMs + minutes*60_000, i.OffsetMinutes}
}

// Context is what the host says about this call. It is the same when the same attempt is repeated.
type Context struct {
	Integration string
	EventID     string
	Attempt     uint32  // from 1
	Now         Instant // when the run began
}

// ValueKind says what a [Value] holds.
type ValueKind uint8

// The kinds of values.
const (
	KindEmpty ValueKind = iota
	KindText
	KindNumber
	KindFlag
)

// Value is the value of a custom field or of a document field; the zero value is empty. Only the part that Kind names
// counts.
type Value struct {
	Kind   ValueKind
	Text   string
	Number Decimal
	Flag   bool
}

// Empty is no value: setting a field to it removes the field.
var Empty = Value{}

// Text is a value of text.
func Text(text string) Value { return Value{Kind: KindText, Text: text} }

// Number is a value of an exact number.
func Number(number Decimal) Value { return Value{Kind: KindNumber, Number: number} }

// Flag is a value of yes or no.
func Flag(flag bool) Value { return Value{Kind: KindFlag, Flag: flag} }

// Field is a named value. Names are unique within their list.
type Field struct {
	Name  string
	Value Value
}

// VerdictKind says what a [Verdict] is.
type VerdictKind uint8

// The kinds of verdicts.
const (
	Proceeds VerdictKind = iota
	Holds
	Rejects
)

// Verdict is what PreMap and PostMap decide; the zero value proceeds.
type Verdict struct {
	Kind   VerdictKind
	Reason string
	Until  *Instant // of a hold; without it, a person decides
}

// Proceed goes on, with the edits made so far.
func Proceed() Verdict { return Verdict{} }

// Hold keeps the order and waits for a person. The reason is one sentence that the merchant's staff reads.
func Hold(reason string) Verdict { return Verdict{Kind: Holds, Reason: reason} }

// HoldUntil keeps the order and runs the hook again at this time.
func HoldUntil(reason string, until Instant) Verdict {
	return Verdict{Kind: Holds, Reason: reason, Until: &until}
}

// Reject does not deliver. The reason is one sentence that the merchant reads.
func Reject(reason string) Verdict { return Verdict{Kind: Rejects, Reason: reason} }

// RouteKind says what a [Route] is.
type RouteKind uint8

// The kinds of routes.
const (
	RouteShips RouteKind = iota
	RouteHolds
	RouteRejects
)

// Route is what RouteOrder decides.
type Route struct {
	Kind      RouteKind
	Shipments []Shipment
	Reason    string
	Until     *Instant
}

// Ship ships like this. What no shipment holds is backordered.
func Ship(shipments ...Shipment) Route { return Route{Shipments: shipments} }

// HoldRoute keeps the order and waits for a person.
func HoldRoute(reason string) Route { return Route{Kind: RouteHolds, Reason: reason} }

// HoldRouteUntil keeps the order and runs the hook again at this time.
func HoldRouteUntil(reason string, until Instant) Route {
	return Route{Kind: RouteHolds, Reason: reason, Until: &until}
}

// RejectRoute does not deliver.
func RejectRoute(reason string) Route { return Route{Kind: RouteRejects, Reason: reason} }
