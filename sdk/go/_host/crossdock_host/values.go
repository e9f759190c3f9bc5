// Package crossdock_host is the backing of a component: the records as the host lends them, over what wit-bindgen makes
// of the project's wit/plugin.wit. `crossdock plugin build` copies it beside the generated code; nothing else sees it.
package crossdock_host

import (
	"crossdock"
	"wit_component/crossdock_plugin_log"
	"wit_component/crossdock_plugin_settings"
	wit "wit_component/crossdock_plugin_types"

	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

type backing struct{}

func (backing) Setting(key string) (string, bool) {
	value := crossdock_plugin_settings.Get(key)
	if value.IsNone() {
		return "", false
	}
	return value.Some(), true
}

func (backing) Settings() []crossdock.Setting {
	var settings []crossdock.Setting
	for _, pair := range crossdock_plugin_settings.All() {
		settings = append(settings, crossdock.Setting{Key: pair.F0, Value: pair.F1})
	}
	return settings
}

func (backing) Log(level crossdock.Level, message string) {
	crossdock_plugin_log.Write(crossdock_plugin_log.Level(level), message) // levels are counted alike
}

// Begin makes the host answer for settings and log, and hands the context in.
func Begin(context wit.Context) crossdock.Context {
	crossdock.Use(backing{})
	return crossdock.Context{
		Integration: context.Integration,
		EventID:     context.EventId,
		Attempt:     context.Attempt,
		Now:         instantIn(context.Now),
	}
}

// TellPanics writes a panic to the log before it breaks the call: a sandbox has no standard error to look at.
func TellPanics() {
	if what := recover(); what != nil {
		crossdock_plugin_log.Write(crossdock_plugin_log.Level_Error, text(what))
		panic(what)
	}
}

func text(what any) string {
	switch what := what.(type) {
	case string:
		return what
	case error:
		return what.Error()
	default:
		return "the plugin broke"
	}
}

func instantIn(in wit.Instant) crossdock.Instant {
	return crossdock.Instant{UnixMs: in.UnixMs, OffsetMinutes: in.OffsetMinutes}
}

func decimalIn(in wit.Decimal) crossdock.Decimal { return crossdock.New(in.Units, in.Scale) }

// DecimalOut is a decimal for the host.
func DecimalOut(number crossdock.Decimal) wit.Decimal {
	return wit.Decimal{Units: number.Units(), Scale: number.Scale()}
}

// ColumnIn is a column of the host.
func ColumnIn(in wit.Decimals) []crossdock.Decimal {
	column := make([]crossdock.Decimal, len(in.Units))
	for row, units := range in.Units {
		column[row] = crossdock.New(units, in.Scale)
	}
	return column
}

// ValueIn is a value of the host.
func ValueIn(in wit.Value) crossdock.Value {
	switch in.Tag() {
	case wit.Value_Text:
		return crossdock.Text(in.Text())
	case wit.Value_Number:
		return crossdock.Number(decimalIn(in.Number()))
	case wit.Value_Flag:
		return crossdock.Flag(in.Flag())
	default:
		return crossdock.Empty
	}
}

// OptionIn is a value of the host that may be missing.
func OptionIn(in witTypes.Option[wit.Value]) (crossdock.Value, bool) {
	if in.IsNone() {
		return crossdock.Empty, false
	}
	return ValueIn(in.Some()), true
}

// ValueOut is a value for the host.
func ValueOut(value crossdock.Value) wit.Value {
	switch value.Kind {
	case crossdock.KindText:
		return wit.MakeValueText(value.Text)
	case crossdock.KindNumber:
		return wit.MakeValueNumber(DecimalOut(value.Number))
	case crossdock.KindFlag:
		return wit.MakeValueFlag(value.Flag)
	default:
		return wit.MakeValueEmpty()
	}
}

// FieldsIn are fields of the host.
func FieldsIn(in []wit.Field) []crossdock.Field {
	fields := make([]crossdock.Field, len(in))
	for i, field := range in {
		fields[i] = crossdock.Field{Name: field.Name, Value: ValueIn(field.Value)}
	}
	return fields
}

// Edited is what became of an edit.
func Edited(answer witTypes.Result[witTypes.Unit, wit.EditError]) *crossdock.EditError {
	if answer.IsOk() {
		return nil
	}
	switch refused := answer.Err(); refused.Tag() {
	case wit.EditError_NoSuchLine:
		return &crossdock.EditError{Kind: crossdock.NoSuchLine, Line: refused.NoSuchLine()}
	case wit.EditError_ReadOnly:
		return &crossdock.EditError{Kind: crossdock.ReadOnly}
	case wit.EditError_OutOfRange:
		return &crossdock.EditError{Kind: crossdock.OutOfRange, Text: refused.OutOfRange()}
	case wit.EditError_Invalid:
		return &crossdock.EditError{Kind: crossdock.Invalid, Text: refused.Invalid()}
	default:
		return &crossdock.EditError{Kind: crossdock.NotAllowed, Text: refused.NotAllowed()}
	}
}

// HoldOut is a hold for the host.
func HoldOut(reason string, until *crossdock.Instant) wit.Hold {
	if until == nil {
		return wit.Hold{Reason: reason, Until: witTypes.None[wit.Instant]()}
	}
	instant := wit.Instant{UnixMs: until.UnixMs, OffsetMinutes: until.OffsetMinutes}
	return wit.Hold{Reason: reason, Until: witTypes.Some(instant)}
}

// ErrorOut is an error for the host.
func ErrorOut(err error) wit.HookError {
	switch failed := crossdock.AsHookError(err); failed.Kind {
	case crossdock.WrongSettings:
		return wit.MakeHookErrorSettings(failed.Text)
	case crossdock.Unsupported:
		return wit.MakeHookErrorUnsupported(failed.Text)
	default:
		return wit.MakeHookErrorFailed(failed.Text)
	}
}

// VerdictOut is what PreMap and PostMap answer, for the host.
func VerdictOut(verdict crossdock.Verdict, err error) witTypes.Result[wit.Verdict, wit.HookError] {
	if err != nil {
		return witTypes.Err[wit.Verdict](ErrorOut(err))
	}
	switch verdict.Kind {
	case crossdock.Holds:
		return witTypes.Ok[wit.Verdict, wit.HookError](wit.MakeVerdictHold(HoldOut(verdict.Reason, verdict.Until)))
	case crossdock.Rejects:
		return witTypes.Ok[wit.Verdict, wit.HookError](wit.MakeVerdictReject(verdict.Reason))
	default:
		return witTypes.Ok[wit.Verdict, wit.HookError](wit.MakeVerdictProceed())
	}
}
