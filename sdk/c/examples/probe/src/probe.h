// What the probe's files share. What each step does is described in sdk/conformance/README.md.
#ifndef PROBE_H
#define PROBE_H

#include <crossdock.h>

// How values are written in logs.
const char *plain(cd_decimal number);
const char *shown(cd_value value);
const char *moment(cd_instant instant);
const char *joined(cd_texts texts);
// What became of an edit that may be refused.
const char *outcome(bool taken);

void arithmetic(void);

#endif
