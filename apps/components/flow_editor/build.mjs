// Bundles the editor into build/editor-<hash>.js; the name changes with the content, so that browsers may keep it.
import { rm } from "node:fs/promises";
import { build } from "esbuild";

await rm("build", { recursive: true, force: true });
await build({
  entryPoints: { editor: "src/index.tsx" },
  outdir: "build", entryNames: "[name]-[hash]", bundle: true, minify: true, format: "esm", target: "es2022", jsx: "automatic",
  loader: { ".css": "text" }, define: { "process.env.NODE_ENV": '"production"' }, legalComments: "eof", logLevel: "warning",
});
