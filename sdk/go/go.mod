module crossdock

go 1.27
