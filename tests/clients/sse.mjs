// Server-sent events with the real client, in distinct connections mode: node sse.mjs URL TOKEN.
import { createClient } from "graphql-sse";
import { arguments_, expect, nonsense, provoke, query, run, subscription } from "./check.mjs";

const { url, token } = arguments_();

function client(credentials) {
  return createClient({ url, headers: { authorization: `Bearer ${credentials}` }, retryAttempts: 0 });
}

async function all(api, document) {
  const results = [];
  for await (const result of api.iterate({ query: document })) results.push(result);
  return results;
}

await run({
  "a query is one event and an end": async () => {
    const results = await all(client(token), query);
    expect(results.length === 1 && results[0].data && !results[0].errors, JSON.stringify(results));
  },
  "a subscription says something, and can be left": async () => {
    const api = client(token);
    const listening = (async () => {
      for await (const result of api.iterate({ query: subscription })) return result;
    })();
    const [result] = await Promise.all([listening, provoke(url, token)]);
    expect(result?.data && !result.errors, JSON.stringify(result));
    api.dispose();
  },
  "what is not valid is one event with errors and an end": async () => {
    const results = await all(client(token), nonsense);
    const code = results[0]?.errors?.[0]?.extensions?.code;
    expect(results.length === 1 && code === "GRAPHQL_VALIDATION_FAILED", JSON.stringify(results));
  },
  "a wrong token is refused": async () => {
    const error = await all(client("wrong"), query).catch((error) => error);
    expect(error?.response?.status === 401, `answered ${error?.response?.status}`);
  },
});
