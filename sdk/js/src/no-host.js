// Outside of the component: settings and log of native tests, kept in this process.

/** What `sample.settings` sets, sorted, and what plugins log. */
export const held = { settings: [], log: [] };

export const get = (key) => held.settings.find(([known]) => known === key)?.[1] ?? null;
export const all = () => held.settings.map((pair) => [...pair]);
export const write = (level, message) => held.log.push([level, message]);
