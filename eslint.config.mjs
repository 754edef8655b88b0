// What ESLint asks of the pages, the build and the JavaScript tests. Prettier decides how it looks, tsc what fits together.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/dist/", "node_modules/", "build/", "var/", ".venv*/", ".tools/", "reports/", "tests/semgrep/"] },
  js.configs.recommended,
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { ecmaVersion: 2025, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 20],
      eqeqeq: "error",
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 75, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 5],
      "no-console": ["error", { allow: ["warn", "error"] }],
      "no-eval": "error",
      "no-implicit-coercion": ["error", { boolean: false }],
      "no-implied-eval": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text is never parsed as HTML: element() of ui/dom.js." },
        { property: "outerHTML", message: "Text is never parsed as HTML: element() of ui/dom.js." },
        { property: "insertAdjacentHTML", message: "Text is never parsed as HTML: element() of ui/dom.js." },
        { object: "Math", property: "random", message: "References come from crypto: ui/references.js." },
      ],
      "no-restricted-globals": ["error", { name: "parseFloat", message: "Money is integer cents: ui/money.js." }],
      "no-shadow": "error",
      "no-unused-vars": ["error", { args: "after-used", caughtErrors: "all", argsIgnorePattern: "^(app|params)$" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["wallet_service/**/*.js", "merchant_pos/**/*.js"],
    languageOptions: { globals: globals.browser },
  },
  { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs", globals: globals.node } },
  {
    files: ["scripts/**/*.mjs", "tests/js/**/*.mjs", "eslint.config.mjs"],
    languageOptions: { globals: globals.node },
    rules: { "no-console": "off" },
  },
];
