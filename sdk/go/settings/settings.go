// Package settings reads this plugin's own settings: the table [plugins.NAME.settings] of the operator's file. Nested
// tables are flattened with dots (breaks.10), lists with their index (countries.0), and every value is text.
package settings

import (
	"crossdock"
	"strings"
)

// Get is one setting; false when it is not set.
func Get(key string) (string, bool) { return crossdock.Behind().Setting(key) }

// Or is one setting, or what is said here when it is not set.
func Or(key, otherwise string) string {
	if text, set := Get(key); set {
		return text
	}
	return otherwise
}

// Required is one setting that must be set.
func Required(key string) (string, error) {
	text, set := Get(key)
	if !set {
		return "", &crossdock.HookError{Kind: crossdock.WrongSettings, Text: "`" + key + "` is missing"}
	}
	return text, nil
}

// Decimal is one setting as a number, or what is said here when it is not set.
func Decimal(key string, otherwise crossdock.Decimal) (crossdock.Decimal, error) {
	text, set := Get(key)
	if !set {
		return otherwise, nil
	}
	number, err := crossdock.Parse(text)
	if err != nil {
		return otherwise, Wrong(key, "a number such as 19.99")
	}
	return number, nil
}

// Flag is one setting as yes or no, or what is said here when it is not set.
func Flag(key string, otherwise bool) (bool, error) {
	switch text, set := Get(key); {
	case !set:
		return otherwise, nil
	case text == "true":
		return true, nil
	case text == "false":
		return false, nil
	default:
		return otherwise, Wrong(key, "true or false")
	}
}

// Below are all settings below a prefix, sorted by key, each key without the prefix: Below("terms.").
func Below(prefix string) []crossdock.Setting {
	var below []crossdock.Setting
	for _, setting := range crossdock.Behind().Settings() {
		if key, under := strings.CutPrefix(setting.Key, prefix); under {
			below = append(below, crossdock.Setting{Key: key, Value: setting.Value})
		}
	}
	return below
}

// Number is a setting that is a number.
type Number struct {
	Key   string
	Value crossdock.Decimal
}

// DecimalsBelow are all settings below a prefix as numbers. The error names the first that is none.
func DecimalsBelow(prefix string) ([]Number, error) {
	var numbers []Number
	for _, setting := range Below(prefix) {
		number, err := crossdock.Parse(setting.Value)
		if err != nil {
			return nil, Wrong(prefix+setting.Key, "a number such as 19.99")
		}
		numbers = append(numbers, Number{setting.Key, number})
	}
	return numbers, nil
}

// Wrong is the error for a setting that is wrong. It does not repeat the value: settings can be confidential.
func Wrong(key, expected string) error {
	return &crossdock.HookError{Kind: crossdock.WrongSettings, Text: "`" + key + "` is wrong: expected " + expected}
}
