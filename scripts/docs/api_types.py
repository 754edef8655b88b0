"""Writes the two APIs as JavaScript's checker reads them: `*api_types.d.ts`.

`python -m scripts.docs.api_types` writes them from what scripts/docs/openapi.py describes, `--check` fails
when one is out of date. Owns the form of the files. Pages import from them in their JSDoc; nothing of them is
bundled. A script of ours, because `openapi-typescript` needs TypeScript 5 and the pages are checked with 7.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.docs import openapi
from scripts.docs.written import ROOT, bring

UI = ROOT / "wallet_service" / "ui"
PAGE, TILL_PAGE = UI / "api_types.d.ts", UI / "till_api_types.d.ts"
COMMAND = ".venv/bin/python -m scripts.docs.api_types"
REFERENCE = "#/components/schemas/"

HEAD = f"// Written by `{COMMAND}` from the models; do not edit. A test fails\n// when it is out of date.\n"
API_HEAD = """/** By request: what it sends, what it is answered; `null` is nothing. */
export interface Api {"""
ANSWER = """
/** "/v1/me/tills/{till_id}" with any till's id in it. */
type Filled<Path extends string> = Path extends `${infer Head}{${string}}${infer Tail}`
  ? `${Head}${string}${Filled<Tail>}`
  : Path;
type Routes<Method extends string> = Extract<keyof Api, `${Method} ${string}`>;
type RouteOf<Method extends string, Path extends string> = {
  [Route in Routes<Method>]: `${Method} ${Path}` extends Filled<Route> | `${Filled<Route>}?${string}`
    ? Route
    : never;
}[Routes<Method>];

/** What `Method` on `Path` is answered: `Answer<"GET", "/v1/me">`. `any` for a path not known in full. */
export type Answer<Method extends string, Path extends string> = [RouteOf<Method, Path>] extends [never]
  ? any
  : Api[RouteOf<Method, Path>]["answer"];

/** What `Method` on `Path` sends; `{}` where nothing needs saying. */
export type Sent<Method extends string, Path extends string> = [RouteOf<Method, Path>] extends [never]
  ? any
  : Api[RouteOf<Method, Path>]["body"] extends null
    ? Record<string, never>
    : Api[RouteOf<Method, Path>]["body"];
"""


def types_of(description: Mapping[str, Any]) -> str:
    """Every schema as an interface or a union, in the document's order, and the table of requests."""
    schemas = description["components"]["schemas"]
    parts = [HEAD, *(_declaration(name, schema) for name, schema in schemas.items()), API_HEAD]
    for path, methods in description["paths"].items():
        parts += [_request(f"{method.upper()} {path}", operation) for method, operation in methods.items()]
    return "\n".join([*parts, "}", ANSWER.rstrip(), ""])


def _declaration(name: str, schema: Mapping[str, Any]) -> str:
    lines = list(_comment(schema.get("description", ""), ""))
    if "properties" not in schema:
        return "\n".join([*lines, f"export type {name} = {_type(schema)};", ""])
    required = set(schema.get("required", ()))
    lines.append(f"export interface {name} {{")
    for field, described in schema["properties"].items():
        lines += _comment(described.get("description", ""), "  ")
        lines.append(f"  {_key(field)}{'' if field in required else '?'}: {_type(described)};")
    return "\n".join([*lines, "}", ""])


def _request(route: str, operation: Mapping[str, Any]) -> str:
    body = _content(operation.get("requestBody", {}))
    (answer,) = (
        _content(response) for status, response in operation["responses"].items() if status.startswith("2")
    )
    text = operation["description"].split("\n")[0]
    lines = [*_comment(text, "  "), f'  "{route}": {{ body: {body}; answer: {answer} }};']
    return "\n".join(lines)


def _content(described: Mapping[str, Any]) -> str:
    """JSON by its type; a form or a file is none that is parsed."""
    content = described.get("content", {})
    if "application/json" in content:
        return _type(content["application/json"]["schema"])
    return "FormData" if "multipart/form-data" in content else "string" if content else "null"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if "enum" in schema or "const" in schema:
        return " | ".join(_literal(value) for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(choice) for choice in schema["anyOf"]))
    if schema.get("type") == "array":
        inner = _type(schema["items"])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, Mapping) else 'unknown'}>"
    simple = {"integer": "number", "string": "string", "boolean": "boolean", "null": "null"}
    return simple.get(schema.get("type", ""), "unknown")


def _literal(value: str | int | bool) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _key(field: str) -> str:
    return field if re.fullmatch(r"[A-Za-z_]\w*", field) else f'"{field}"'


def _comment(text: str, indent: str) -> Iterator[str]:
    lines = [line.rstrip() for line in text.strip().split("\n")] if text else []
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
    elif lines:
        yield f"{indent}/**"
        yield from (f"{indent} * {line}".rstrip() for line in lines)
        yield f"{indent} */"


def main(arguments: Sequence[str]) -> int:
    """The exit code; both files are brought up to date, or compared."""
    UI.mkdir(exist_ok=True)
    pages = ((PAGE, openapi.wallet_description()), (TILL_PAGE, openapi.till_description()))
    return max(bring(page, types_of(description), arguments, COMMAND) for page, description in pages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
