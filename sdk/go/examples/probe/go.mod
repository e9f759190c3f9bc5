module rule

go 1.27

require crossdock v0.0.0

replace crossdock => ../..
