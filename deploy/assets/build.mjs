// Build what the pages link to, from broker/pages/assets and govuk-frontend, into broker/pages/static.
//
// Every file carries a hash of its content in its name, so it may be cached for ever; manifest.json maps plain names to
// those and is written last, so that a hub which is running meanwhile never names a file that is not there.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import * as sass from "sass";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sources = join(root, "broker/pages/assets");
const built = join(root, "broker/pages/static");
const govuk = join(root, "node_modules/govuk-frontend");

// What would make the hub pass for GOV.UK, break the licence of its font and crest, or answer 404.
const forbidden = [/GDS Transport/i, /@font-face/i, /crown/i, /crest/i, /url\(/i, /sourceMappingURL/i];

const manifest = {};

async function publish(name, content) {
  for (const pattern of forbidden) {
    if (pattern.test(content)) {
      throw new Error(`${name} must not contain ${pattern}`);
    }
  }
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const hashed = name.replace(/(?=\.[a-z]+$)/, `.${hash}`);
  await writeFile(join(built, hashed), content);
  manifest[name] = hashed;
  return hashed;
}

function compile(scss) {
  const deprecated = [];
  const { css } = sass.compile(join(sources, scss), {
    loadPaths: [join(govuk, "dist")],
    style: "compressed",
    charset: false,
    logger: { warn: (message, { deprecation }) => deprecated.push(`${deprecation ? "deprecated: " : ""}${message}`) },
  });
  if (deprecated.length > 0) {
    throw new Error(`${scss}: ${deprecated.join("\n")}`);
  }
  return css;
}

const { version, license } = JSON.parse(await readFile(join(govuk, "package.json"), "utf8"));
const notice = `/*! Contains govuk-frontend ${version} (${license} licence) */\n`;

await mkdir(built, { recursive: true });

await publish("countersign.css", notice + compile("countersign.scss"));

await publish("favicon.svg", await readFile(join(sources, "favicon.svg"), "utf8"));

await writeFile(join(built, "manifest.json.new"), `${JSON.stringify(manifest, null, 2)}\n`);
await rename(join(built, "manifest.json.new"), join(built, "manifest.json"));

const current = new Set(["manifest.json", ...Object.values(manifest)]);
for (const name of await readdir(built)) {
  if (!current.has(name)) {
    await rm(join(built, name), { recursive: true });
  }
}
