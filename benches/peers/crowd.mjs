// A server with one subscription, as graphql-ws describes it: what is posted to /tell is heard by every subscriber.
// Prints its port. The shape of an event is that of the subscription the benchmark follows.
import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

const schema = buildSchema(`
  scalar JSON
  type Event { id: ID! type: String! subject: String! purchaseOrderId: ID data: JSON }
  type Query { ok: Boolean }
  type Subscription { events: Event! }
`);

const told = new EventEmitter();
told.setMaxListeners(0);
const roots = {
  subscription: {
    events: async function* () {
      for await (const [event] of on(told, "event")) yield { events: event };
    },
  },
};

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    told.emit("event", JSON.parse(body));
    response.writeHead(200, { "content-length": 2 }).end("{}");
  });
});
useServer({ schema, roots }, new WebSocketServer({ server, path: "/graphql" }));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
