// The module is called rule: that is where the component's exports look for the hooks.
module rule

go 1.27

require crossdock v0.0.0

replace crossdock => ../..
