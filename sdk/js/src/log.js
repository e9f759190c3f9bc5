// The plugin's own log, kept with the run and shown to the operator. Lines and bytes are capped per call.
// Never log names, addresses or payment data.

import { write } from "#host";

/** For the author of the plugin. */
export const debug = (message) => write("debug", String(message));
/** Worth knowing. */
export const info = (message) => write("info", String(message));
/** Something unexpected, with nothing lost. */
export const warn = (message) => write("warn", String(message));
/** Something that a person must repair. */
export const error = (message) => write("error", String(message));
