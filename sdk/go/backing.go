// What a backing (the host, or package sample) has to offer for settings and log. Nothing here is for authors.

package crossdock

// Setting is one setting of the plugin.
type Setting struct{ Key, Value string }

// Level of a log line.
type Level uint8

// The levels, in the contract's order.
const (
	Debug Level = iota
	Info
	Warn
	Error
)

// Backing is what stands behind settings and log: the host, or package sample in native tests.
type Backing interface {
	Setting(key string) (string, bool)
	Settings() []Setting // sorted by key
	Log(level Level, message string)
}

var backing Backing

// Use is for backings: it says who answers for settings and log.
func Use(by Backing) { backing = by }

// Behind is for the packages settings and log. It panics outside of a hook and of package sample.
func Behind() Backing {
	if backing == nil {
		panic("no settings and no log here: run the hook through package sample")
	}
	return backing
}
