// Package log is the plugin's own log, kept with the run and shown to the operator. Lines and bytes are capped per call.
// Never log names, addresses or payment data.
package log

import (
	"crossdock"
	"fmt"
)

// Debugf is for the author of the plugin.
func Debugf(format string, values ...any) { write(crossdock.Debug, format, values...) }

// Infof is worth knowing.
func Infof(format string, values ...any) { write(crossdock.Info, format, values...) }

// Warnf is something unexpected, with nothing lost.
func Warnf(format string, values ...any) { write(crossdock.Warn, format, values...) }

// Errorf is something that a person must repair.
func Errorf(format string, values ...any) { write(crossdock.Error, format, values...) }

func write(level crossdock.Level, format string, values ...any) {
	crossdock.Behind().Log(level, fmt.Sprintf(format, values...))
}
