"""Where settings, log and hooks end: at the host inside a component, in memory outside of it."""

import sys

if sys.platform == "wasi":
    from ._host import all_settings, one_setting, opened, refused, route, verdict, write_log
else:
    from ._memory import all_settings, one_setting, opened, refused, route, verdict, write_log

__all__ = ["all_settings", "one_setting", "opened", "refused", "route", "verdict", "write_log"]
