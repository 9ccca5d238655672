// graphql-transport-ws with the real client: node ws.mjs URL TOKEN.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { arguments_, expect, nonsense, provoke, query, run, subscription, within } from "./check.mjs";

const { url, token } = arguments_();
const address = url.replace(/^http/, "ws");
const PROTOCOL = "graphql-transport-ws";

function client(credentials, on = {}) {
  const connectionParams = credentials ? { authorization: `Bearer ${credentials}` } : undefined;
  return createClient({ url: address, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, on });
}

async function first(api, document) {
  for await (const result of api.iterate({ query: document })) return result;
  throw new Error("it ended without a result");
}

// The code the server closes a bare socket with, after these messages.
function closed(messages) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, PROTOCOL);
    socket.on("open", () => messages.forEach((message) => socket.send(message)));
    socket.on("close", resolve);
    socket.on("error", reject);
  });
}

const init = JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
const subscribe = JSON.stringify({ id: "1", type: "subscribe", payload: { query: subscription } });

await run({
  "a query is answered": async () => {
    const api = client(token);
    const result = await first(api, query);
    expect(result.data && !result.errors, JSON.stringify(result));
    expect(result.extensions?.requestId, "it has no request id");
    await api.dispose();
  },
  "a subscription says something, and its end leaves the socket open": async () => {
    const api = client(token);
    const [result] = await Promise.all([first(api, subscription), provoke(url, token)]);
    expect(result.data && !result.errors, JSON.stringify(result));
    await first(api, query);
    await api.dispose();
  },
  "what is not valid is an error": async () => {
    const api = client(token);
    const errors = await first(api, nonsense).catch((errors) => errors);
    expect(Array.isArray(errors) && errors[0].extensions?.code === "GRAPHQL_VALIDATION_FAILED", JSON.stringify(errors));
    await api.dispose();
  },
  "disposing closes the socket normally": async () => {
    let close;
    const code = new Promise((resolve) => (close = (event) => resolve(event.code)));
    const api = client(token, { closed: close });
    await first(api, query);
    await api.dispose();
    expect((await code) === 1000, `closed with ${await code}`);
  },
  "a wrong token is forbidden": async () => {
    const event = await first(client("wrong"), query).catch((event) => event);
    expect(event?.code === 4403, `closed with ${event?.code}`);
  },
  "breaches of the protocol have their codes": async () => {
    const cases = [
      [["nonsense"], 4400],
      [[subscribe], 4401],
      [[init, init], 4429],
      [[init, subscribe, subscribe], 4409],
    ];
    for (const [messages, expected] of cases) {
      const code = await within(closed(messages), `a close with ${expected}`);
      expect(code === expected, `closed with ${code}, not ${expected}`);
    }
  },
});
