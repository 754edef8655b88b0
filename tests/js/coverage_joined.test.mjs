// What Node ran and what Chromium ran of the same sources is one figure.
import assert from "node:assert/strict";
import { test } from "node:test";

import { figuresOf, joined } from "../../scripts/analysis/js_coverage.mjs";

const part = (sources) => new Map(Object.entries(sources).map(([name, lines]) => [name, new Map(lines)]));
const byNode = part({
  "rules.js": [
    [1, true],
    [2, false],
    [3, false],
  ],
});
const byChromium = part({
  "rules.js": [
    [1, false],
    [2, true],
    [3, false],
  ],
  "screen.js": [[1, true]],
});
const everything = part({
  "rules.js": [
    [1, true],
    [2, false],
    [3, false],
  ],
  "screen.js": [[1, false]],
  "forgotten.js": [
    [1, false],
    [2, false],
  ],
});

test("a line is run when either ran it, in whatever order they are joined", () => {
  for (const parts of [
    [byNode, byChromium],
    [byChromium, byNode],
  ]) {
    const { notRun } = figuresOf(joined(parts, everything));
    assert.deepEqual(notRun["rules.js"], [3]);
    assert.deepEqual(notRun["screen.js"], []);
  }
});

test("a source that nothing loaded counts with all its lines", () => {
  const { percent, lines, run, notRun } = figuresOf(joined([byNode, byChromium], everything));
  assert.deepEqual(notRun["forgotten.js"], [1, 2]);
  assert.deepEqual([percent, lines, run], [50, 6, 3]);
});
