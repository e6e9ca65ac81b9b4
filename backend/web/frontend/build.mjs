// Bundles one script per page and the style sheets into ../static/built/ (not kept in git).
import { rmSync } from "node:fs";
import { build } from "esbuild";

const outdir = "../static/built";
rmSync(outdir, { recursive: true, force: true });

const pages = [
  ...["sign-in", "sign-up", "recover", "home", "learn", "lesson", "exam", "practice", "record", "studio", "verify"],
  ...["classes", "class-code", "class-plan", "class-desk", "scanned", "register", "body-desk", "body-checking"],
  ...["account", "organisation", "notices", "invitation", "privacy", "taken-along"],
  ...["editions", "edition-draft", "edition-release"],
  ...["hours", "hours-desk", "marking", "remedies", "item-statistics", "decisions"],
];
const common = {
  bundle: true,
  loader: { ".woff2": "file" },
  assetNames: "font-[hash]",
  minify: true,
  outdir,
  target: ["chrome100", "safari15.4", "firefox102"],
  legalComments: "linked",
  logLevel: "warning",
};

await build({
  ...common,
  entryPoints: pages.map((page) => `src/${page}.ts`),
  format: "esm",
  splitting: true,
  chunkNames: "chunk-[hash]",
});
await build({
  ...common,
  entryPoints: { site: "src/site.css", fonts: "src/fonts.css" },
});
await build({
  ...common,
  entryPoints: ["src/fonts-if-needed.ts", "src/service-worker.ts"],
  format: "iife",
});
// The documentation page keeps these two names: it is served by the API, not by these pages.
await build({
  ...common,
  entryPoints: { "api-docs": "src/api-docs.ts" },
  format: "iife",
});
