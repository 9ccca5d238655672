// Webhooks as a receiver takes them with the official library: node webhooks.mjs URL TOKEN. The token must be allowed
// WEBHOOKS_MANAGE, and the server must be allowed to call this machine.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { arguments_, expect, run } from "./check.mjs";

const { url, token } = arguments_();
const calls = [];
let heard = () => {};
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  calls.push({ headers: request.headers, body });
  response.writeHead(204).end();
  heard();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

let keys = 0;
async function mutate(name, input, type, selection) {
  const key = `${process.pid}-${Date.now()}-${keys++}`;
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code message } } }`;
  const body = JSON.stringify({ query, variables: { input: { ...input, idempotencyKey: key } } });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const reply = await (await fetch(url, { method: "POST", headers, body })).json();
  expect(!reply.errors && reply.data[name].userErrors.length === 0, JSON.stringify(reply));
  return reply.data[name];
}

async function test() {
  const next = new Promise((resolve) => { heard = resolve; });
  await mutate("sendTestWebhook", { id }, "WebhookEndpointInput", "deliveryId");
  await next;
  return calls.at(-1);
}

function refuses(webhook, call) {
  try {
    webhook.verify(call.body, call.headers);
  } catch {
    return true;
  }
  return false;
}

const target = `http://127.0.0.1:${server.address().port}/hook`;
const types = { url: target, eventTypes: ["shipment.submitted"] };
const made = await mutate("createWebhookEndpoint", types, "CreateWebhookEndpointInput", "webhookEndpoint { id } secret");
const id = made.webhookEndpoint.id;
const old = new Webhook(made.secret);

await run({
  "a call verifies with the secret and with no other": async () => {
    const call = await test();
    const event = old.verify(call.body, call.headers);
    expect(event.type === "webhook_endpoint.tested" && event.data.endpoint === id, JSON.stringify(event));
    expect(refuses(new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), call), "verifies with any secret");
    expect(refuses(old, { ...call, body: call.body.replace("tested", "changed") }), "verifies with any body");
  },
  "a call that comes again after five minutes is refused": async () => {
    const call = await test();
    const now = Date.now;
    Date.now = () => now() + 5 * 60 * 1000 + 2000;
    try {
      expect(refuses(old, call), "an old call verifies");
    } finally {
      Date.now = now;
    }
  },
  "while a secret is replaced both verify": async () => {
    const rotated = await mutate("rotateWebhookSecret", { id }, "RotateWebhookSecretInput", "secret");
    const fresh = new Webhook(rotated.secret);
    const before = calls.length;
    for (let count = 0; count < 3; count++) await test();
    for (const call of calls.slice(before)) {
      old.verify(call.body, call.headers);
      fresh.verify(call.body, call.headers);
    }
  },
  "a secret that others know signs no more": async () => {
    const rotated = await mutate("rotateWebhookSecret", { id, atOnce: true }, "RotateWebhookSecretInput", "secret");
    const call = await test();
    new Webhook(rotated.secret).verify(call.body, call.headers);
    expect(refuses(old, call), "the old secret still verifies");
    await mutate("deleteWebhookEndpoint", { id }, "WebhookEndpointInput", "deletedId");
  },
});
