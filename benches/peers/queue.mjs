// The same deliveries by graphile-worker: jobs that are there already are posted, signed, to the same ERP.
// Arguments: the database's URL, the ERP's endpoint, its secret, how many, and whether an order's own stay in order.
// Prints one line of JSON: deliveries a second, and the processor's milliseconds for each.
import { createHmac } from "node:crypto";
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const [url, endpoint, secret, count, ordered] = process.argv.slice(2);
const jobs = Number(count);
const key = Buffer.from(secret.slice("whsec_".length), "base64");
const name = `${ordered}-${Date.now()}`;

async function post(id, order, position) {
  const delivery = `dlv_${name}-${id}`;
  const lines = Array.from({ length: 8 }, (_, line) => ({
    line: String((line + 1) * 10),
    parts: [{ answer: "ACCEPTED", promised: "2026-03-20", quantity: { value: "10", unit: "EA" } }],
  }));
  const body = JSON.stringify({
    specversion: "1.0", id: `evt_${name}-${id}`, source: "/tenants/peer", type: "acknowledgment.submitted",
    subject: `ack_${name}-${id}`, time: "2026-03-02T09:59:58Z", datacontenttype: "application/json",
    dataschema: "acknowledgment.submitted/1",
    orderid: `po_${name}-${order}`, position, sequence: position, tenantid: "ten_peer", correlationid: delivery,
    data: { orderNumber: `${name}-${order}`, revision: 1, lines },
  });
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", key).update(`${delivery}.${timestamp}.${body}`).digest("base64");
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/json", "idempotency-key": delivery, "webhook-id": delivery,
      "webhook-timestamp": String(timestamp), "webhook-signature": `v1,${signature}`,
    },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
}

const utils = await makeWorkerUtils({ connectionString: url });
await utils.migrate();
const list = Array.from({ length: jobs }, (_, id) => {
  const order = Math.floor(id / 3);
  const job = { identifier: "deliver", payload: { id, order, position: (id % 3) + 1 } };
  return ordered === "ordered" ? { ...job, queueName: `order-${name}-${order}` } : job;
});
// One after the other: an order's own come in their order.
for (const { identifier, payload, ...spec } of list) await utils.addJob(identifier, payload, spec);

let done = 0;
let finished;
const all = new Promise((resolve) => (finished = resolve));
const cpu = process.cpuUsage();
const began = process.hrtime.bigint();
const runner = await run({
  connectionString: url,
  concurrency: 32,
  maxPoolSize: 10,
  pollInterval: 100,
  noHandleSignals: true,
  // It tells of each job else.
  logger: new Logger(() => () => {}),
  taskList: {
    deliver: async ({ id, order, position }) => {
      await post(id, order, position).catch((error) => {
        console.error(error.message);
        process.exit(1);
      });
      if (++done === jobs) finished();
    },
  },
});
await all;
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const used = process.cpuUsage(cpu);
console.log(JSON.stringify({ perSecond: jobs / seconds, cpu: (used.user + used.system) / 1000 / jobs }));
await runner.stop();
await utils.release();
process.exit(0);
