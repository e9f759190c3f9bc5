// Errors: what a plugin throws when it cannot decide, and what it catches when the host refuses an edit.

/** Why a plugin could not decide; the operator's failure policy applies. Throw one from a hook. */
export class HookError extends Error {
  name = "HookError";
  /** `settings`, `unsupported` or `failed`. */
  kind;
  /** What the component's bindings hand to the host. */
  payload;

  constructor(kind, text) {
    super(text);
    this.kind = kind;
    this.payload = { tag: kind, val: text };
  }

  /** A setting of this plugin is missing or wrong: name it and say what is expected. */
  static settings(text) {
    return new HookError("settings", text);
  }

  /** The record has a shape that this plugin cannot handle. */
  static unsupported(text) {
    return new HookError("unsupported", text);
  }

  /** Anything else. */
  static failed(text) {
    return new HookError("failed", text);
  }
}

/** Why the host refused an edit; nothing of the refused call was applied. Uncaught, it becomes the hook's error. */
export class EditError extends Error {
  name = "EditError";
  /** `no-such-line`, `read-only`, `out-of-range`, `invalid` or `not-allowed`. */
  kind;

  constructor(kind, detail) {
    super(
      kind === "no-such-line" ? `there is no line ${detail}` : kind === "read-only" ? "the record may not be edited in this hook" : detail,
    );
    this.kind = kind;
  }
}

/** Carries out an edit; the host's refusal is thrown as an `EditError`. */
export function edited(edit) {
  try {
    return edit();
  } catch (thrown) {
    // The bindings throw an Error whose payload is the contract's `edit-error`.
    const refusal = thrown?.payload;
    throw refusal?.tag === undefined ? thrown : new EditError(refusal.tag, refusal.val);
  }
}
