// GraphQL over HTTP, audited: node audit.mjs URL [TOKEN]. Fails unless every audit passes; none is left out.
import { auditServer } from "graphql-http";

const [url, token] = process.argv.slice(2);
if (!url) throw new Error("usage: node audit.mjs URL [TOKEN]");

const EXPECTED = 61;
const authorization = token ? { authorization: `Bearer ${token}` } : {};
const results = await auditServer({
  url,
  fetchFn: (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, ...authorization } }),
});

const failed = results.filter((result) => result.status !== "ok");
for (const result of failed) console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
console.log(`${results.length - failed.length} of ${results.length} audits pass`);
if (failed.length > 0 || results.length !== EXPECTED) process.exitCode = 1;
