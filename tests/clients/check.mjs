// What the two streaming checks share: the documents to try and a way to say what failed.
import { setTimeout as after } from "node:timers/promises";

export const query = process.env.QUERY ?? "{ __typename }";
// With AFTER, a cursor of the log, the events behind it are told first.
const behind = process.env.AFTER ? `(after: "${process.env.AFTER}")` : "";
export const subscription = process.env.SUBSCRIPTION ?? `subscription { events${behind} { id } }`;
export const nonsense = "{ thisFieldDoesNotExist }";

// The subscription must say something within this time; PROVOKE is a mutation to make it.
const patience = Number(process.env.PATIENCE_MS ?? 5000);

export function arguments_() {
  const [url, token] = process.argv.slice(2);
  if (!url || !token) throw new Error("usage: node SCRIPT URL TOKEN");
  return { url, token };
}

export async function provoke(url, token) {
  if (!process.env.PROVOKE) return;
  const body = JSON.stringify({ query: process.env.PROVOKE });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const reply = await fetch(url, { method: "POST", headers, body });
  expect(reply.ok, `the provoking mutation is answered ${reply.status}`);
}

export function expect(holds, what) {
  if (!holds) throw new Error(what);
}

export function within(promise, what) {
  const late = after(patience, undefined, { ref: false }).then(() => {
    throw new Error(`not within ${patience} ms: ${what}`);
  });
  return Promise.race([promise, late]);
}

export async function run(checks) {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await within(check(), name);
      console.log(`ok   ${name}`);
    } catch (error) {
      console.log(`FAIL ${name}: ${error?.message ?? JSON.stringify(error)}`);
      process.exitCode = 1;
    }
  }
  // Open sockets of a failed check must not keep the process alive.
  process.exit();
}
