// Reads an EDI file with a library of others: node edi.mjs PEER FILE. Prints seconds and peak memory in KiB.
import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resourceUsage } from "node:process";

const require = createRequire(import.meta.url);
const [peer, file] = process.argv.slice(2);

const peers = {
  "node-x12"() {
    const { X12Parser } = require("node-x12");
    const interchange = new X12Parser(true).parse(readFileSync(file, "utf8"));
    return interchange.functionalGroups[0].transactions.length;
  },
  async "x12-parser"() {
    const { X12parser } = require("x12-parser");
    let segments = 0;
    for await (const _ of createReadStream(file).pipe(new X12parser())) segments += 1;
    return segments;
  },
  async edifact() {
    const { Parser } = require("edifact");
    let segments = 0;
    const parser = new Parser();
    Object.assign(parser, { onopensegment: () => { segments += 1; }, onclosesegment() {}, onelement() {}, oncomponent() {} });
    parser.encoding("UNOC");
    for await (const chunk of createReadStream(file, "latin1")) parser.write(chunk);
    parser.end();
    return segments;
  },
};

const started = performance.now();
const read = await peers[peer]();
if (!read) throw new Error("nothing was read");
console.log((performance.now() - started) / 1000, resourceUsage().maxRSS);
