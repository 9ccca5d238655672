// What would break a client of the earlier schema: node schema-diff.mjs EARLIER NOW. Prints each, and fails if any.
import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges } from "graphql";

const [earlier, now] = process.argv.slice(2).map((file) => buildSchema(readFileSync(file, "utf8")));
const breaking = findBreakingChanges(earlier, now);
for (const change of breaking) console.log(`${change.type}: ${change.description}`);
process.exitCode = breaking.length === 0 ? 0 : 1;
