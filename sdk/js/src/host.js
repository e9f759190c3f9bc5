// Inside the component: what the host gives. Chosen by the condition `crossdock` in package.json.

export { write } from "crossdock:plugin/log@0.1.0";
export { all, get } from "crossdock:plugin/settings@0.1.0";
