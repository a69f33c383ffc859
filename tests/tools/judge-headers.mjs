// Two judges of headers, asked from tests: node judge-headers.mjs csp < POLICIES, or … observatory < PLACES.
// Both read and write JSON. The Observatory is given ports and paths of a server on this machine.
import { readFileSync } from "node:fs";
import csp from "csp_evaluator/dist/evaluator.js";
import parser from "csp_evaluator/dist/parser.js";

const asked = JSON.parse(readFileSync(0, "utf8"));

function evaluate(policy) {
  const found = new csp.CspEvaluator(new parser.CspParser(policy).csp).evaluate();
  return found.map(({ directive, value, severity, description }) => ({ directive, value, severity, description }));
}

async function observe({ path, httpPort, httpsPort }) {
  const from = "@mdn/mdn-http-observatory/src";
  const { retrieve } = await import(`${from}/retriever/retriever.js`);
  const { ALL_TESTS } = await import(`${from}/constants.js`);
  const { getScoreModifier, getGradeForScore } = await import(`${from}/grader/grader.js`);
  const seen = await retrieve("localhost", { path, httpPort, httpsPort });
  const results = ALL_TESTS.map((test) => test(seen));
  const modifiers = Object.fromEntries(results.map(({ result }) => [result, getScoreModifier(result)]));
  const score = Object.values(modifiers).reduce((sum, modifier) => sum + modifier, 100);
  return { score, grade: getGradeForScore(score), failed: results.filter(({ pass }) => !pass).length, modifiers };
}

const judge = process.argv[2] === "csp" ? evaluate : observe;
const told = [];
for (const one of asked) told.push(await judge(one));
console.log(JSON.stringify(told));
