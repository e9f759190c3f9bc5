// The SDK: depends on nothing but Go itself.
module crossdock

go 1.27
