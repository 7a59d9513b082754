// Builds the front end: every file directly under static/src/ becomes one bundle of the same name in static/build.
// The same sources give the same bytes; manifest.json holds a digest of each file, used as ?v= in its address.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = join(HERE, "static", "src");
const TARGET = join(HERE, "static", "build");
const FONTS = join(HERE, "..", "..", "ingest", "fonts");
const PACKAGES = join(HERE, "node_modules");

function entryPoints() {
  return readdirSync(SOURCES, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|css)$/.test(entry.name))
    .map((entry) => join(SOURCES, entry.name))
    .sort();
}

async function bundle() {
  await build({
    absWorkingDir: HERE,
    entryPoints: entryPoints(),
    outdir: TARGET,
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "iife",
    target: ["es2020", "chrome100", "firefox100", "safari15"],
    legalComments: "eof",
    loader: { ".svg": "dataurl", ".woff2": "file" },
    logLevel: "warning",
  });
}

function copyViewerImages() {
  cpSync(join(PACKAGES, "openseadragon/build/openseadragon/images"), join(TARGET, "openseadragon"), { recursive: true });
}

// The font that marks delivered pages, sets prints and shows e-mail; its licence stands in the repository beside it.
function copyFont() {
  const name = "NotoSansSC_400Regular.ttf";
  cpSync(join(PACKAGES, "@expo-google-fonts/noto-sans-sc/400Regular", name), join(FONTS, "NotoSansSC-Regular.ttf"));
}

function writeManifest() {
  const files = readdirSync(TARGET, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const digests = files.map((file) => {
    const path = join(file.parentPath, file.name);
    const digest = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 12);
    return [path.slice(TARGET.length + 1), digest];
  });
  const sorted = Object.fromEntries(digests.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(join(TARGET, "manifest.json"), JSON.stringify(sorted, null, 2) + "\n");
}

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(TARGET, { recursive: true });
await bundle();
copyViewerImages();
copyFont();
writeManifest();
