//! The plugin's own log, kept with the run and shown to the operator. Lines and bytes are capped per call.
//! Never log names, addresses or payment data.

use crate::backing;

pub use crate::bindings::imports::crossdock::plugin::log::Level;

/// For the author of the plugin.
pub fn debug(message: impl AsRef<str>) {
    backing::log(Level::Debug, message.as_ref());
}

/// Worth knowing.
pub fn info(message: impl AsRef<str>) {
    backing::log(Level::Info, message.as_ref());
}

/// Something unexpected, with nothing lost.
pub fn warn(message: impl AsRef<str>) {
    backing::log(Level::Warn, message.as_ref());
}

/// Something that a person must repair.
pub fn error(message: impl AsRef<str>) {
    backing::log(Level::Error, message.as_ref());
}
