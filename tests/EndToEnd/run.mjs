/** Runs the browser tests: `node run.mjs [--junit FILE] [NAME...]`, where NAME is a file of tests/ without its ending. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
const junit = args.indexOf('--junit');
// TAP says why a test was skipped; spec is for people.
const reporters = [`--test-reporter=${process.stdout.isTTY ? 'spec' : 'tap'}`, '--test-reporter-destination=stdout'];
if (junit >= 0) reporters.push('--test-reporter=junit', `--test-reporter-destination=${args.splice(junit, 2)[1]}`);

const folder = fileURLToPath(new URL('./tests/', import.meta.url));
const names = args.length > 0 ? args.map((name) => `${name}.test.mjs`) : readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).sort();
// One file after the other: browsers and recognizers share the machine's few cores.
const child = spawn(process.execPath, ['--test', '--test-concurrency=1', ...reporters, ...names.map((name) => folder + name)], { stdio: 'inherit' });
child.on('exit', (code) => { process.exitCode = code ?? 1; });
