// What can go wrong: why a plugin could not decide, and why the host refused an edit.

package crossdock

import (
	"errors"
	"strconv"
)

// HookErrorKind says why a plugin could not decide.
type HookErrorKind uint8

// The kinds of hook errors.
const (
	WrongSettings HookErrorKind = iota // a setting of this plugin is missing or wrong
	Unsupported                        // the record has a shape that this plugin cannot handle
	Failed                             // anything else
)

// HookError says why a plugin could not decide. The operator's failure policy applies.
type HookError struct {
	Kind HookErrorKind
	Text string
}

func (e *HookError) Error() string { return e.Text }

// AsHookError is the hook error that an error stands for: its own kind, or [Failed].
func AsHookError(err error) *HookError {
	if own, ok := errors.AsType[*HookError](err); ok {
		return own
	}
	if refused, ok := errors.AsType[*EditError](err); ok {
		return &HookError{Failed, "an edit was refused: " + refused.Error()}
	}
	return &HookError{Failed, err.Error()}
}

// EditErrorKind says why the host refused an edit.
type EditErrorKind uint8

// The kinds of refusals.
const (
	NoSuchLine EditErrorKind = iota // there is no line with this index
	ReadOnly                        // the record may not be edited in this hook
	OutOfRange                      // the number does not fit: more than 4 decimals, or 10^11 and more
	Invalid                         // the value is not allowed there
	NotAllowed                      // the operator's guardrails forbid it
)

// EditError says why the host refused an edit. Nothing of the refused call was applied.
type EditError struct {
	Kind EditErrorKind
	Line uint32 // of NoSuchLine
	Text string // of OutOfRange, Invalid and NotAllowed
}

func (e *EditError) Error() string {
	switch e.Kind {
	case NoSuchLine:
		return "there is no line " + strconv.FormatUint(uint64(e.Line), 10)
	case ReadOnly:
		return "the record may not be edited in this hook"
	default:
		return e.Text
	}
}
