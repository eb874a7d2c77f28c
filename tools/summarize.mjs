// Sums up what ./test left in a folder: one .suite file a suite (kind, exit status, seconds), with its trx file or log beside it.
// A suite that crashed, ran out of time or ran nothing counts as a failure, whatever its own numbers say.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const total = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
const failures = [];

for (const file of readdirSync(folder).filter((name) => name.endsWith('.suite')).sort()) {
  const suite = file.slice(0, -'.suite'.length);
  const [kind, status, seconds] = readFileSync(join(folder, file), 'utf8').trim().split(' ');
  const counts = { check, trx, npm }[kind](suite, Number(status));
  if (Number(status) !== 0 && counts.failed === 0) {
    counts.failed++;
    failures.push(`${suite}: ended with status ${status}${Number(status) === 124 || Number(status) === 137 ? ' (out of time)' : ''}`);
  } else if (counts.passed + counts.failed + counts.skipped === 0) {
    counts.failed++;
    failures.push(`${suite}: ran nothing`);
  }
  console.log(`${suite.padEnd(16)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`);
  for (const key of Object.keys(total)) total[key] += counts[key];
}

if (skips.length > 0) console.log(`\nSkipped:\n${skips.map((line) => `  ${line}`).join('\n')}`);
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
if (total.passed + total.failed + total.skipped === 0) {
  total.failed = 1;
  console.log('\nNo suite ran.');
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);

function check(suite, status) {
  if (status !== 0) failures.push(`${suite}: see artifacts/test-results/${suite}.log`);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

function trx(suite) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let text;
  try {
    text = readFileSync(join(folder, `${suite}.trx`), 'utf8');
  } catch {
    return counts;
  }
  for (const [, attributes, body] of text.matchAll(/<UnitTestResult\b([^>]*?)(?:\/>|>([\s\S]*?)<\/UnitTestResult>)/g)) {
    const name = decode(/testName="([^"]*)"/.exec(attributes)?.[1] ?? '?');
    const outcome = /outcome="([^"]*)"/.exec(attributes)?.[1];
    if (outcome === 'Passed') {
      counts.passed++;
    } else if (outcome === 'NotExecuted') {
      counts.skipped++;
      skips.push(`${name}: ${decode(/<StdOut>([\s\S]*?)<\/StdOut>/.exec(body ?? '')?.[1] ?? /<Message>([\s\S]*?)<\/Message>/.exec(body ?? '')?.[1] ?? 'no reason given').trim()}`);
    } else {
      counts.failed++;
      failures.push(`${name}: ${decode(/<Message>([\s\S]*?)<\/Message>/.exec(body ?? '')?.[1] ?? outcome ?? '').trim().split('\n')[0]}`);
    }
  }
  return counts;
}

// vitest's last lines ("Tests  1 failed | 3 passed | 2 skipped (6)") or TAP, as node:test and our own runner write it.
function npm(suite) {
  const log = readFileSync(join(folder, `${suite}.log`), 'utf8').replace(/\u001b\[[0-9;]*m/g, '');
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const vitest = /^\s*Tests\s+(.*)\(\d+\)\s*$/m.exec(log);
  if (vitest) {
    for (const [, number, word] of vitest[1].matchAll(/(\d+) (passed|failed|skipped|todo)/g)) counts[word === 'todo' ? 'skipped' : word] += Number(number);
    for (const [, name] of log.matchAll(/^\s*FAIL\s+(.*)$/gm)) failures.push(`${suite}: ${name}`);
    for (const [, name] of log.matchAll(/^\s*↓\s+(.*)$/gm)) skips.push(`${suite}: ${name}`);
    return counts;
  }
  const summary = (word) => Number(new RegExp(`^[#ℹ] ${word} (\\d+)$`, 'm').exec(log)?.[1] ?? 0);
  counts.passed = summary('pass');
  counts.failed = summary('fail') + summary('cancelled');
  counts.skipped = summary('skipped') + summary('todo');
  for (const [, name, reason] of log.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)) skips.push(`${suite}: ${name}: ${reason || 'no reason given'}`);
  for (const [, name] of log.matchAll(/^\s*﹣ (.*?)(?: \([\d.]+ms\))?(?: # SKIP)?$/gm)) skips.push(`${suite}: ${name}`);
  for (const [, name] of log.matchAll(/^\s*(?:not ok \d+ -|✖) (?!failing tests)(.*?)(?: \([\d.]+ms\))?$/gm)) {
    if (!failures.includes(`${suite}: ${name}`)) failures.push(`${suite}: ${name}`);
  }
  return counts;
}

function decode(text) {
  const entities = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(Number(decimal)) : (entities[name] ?? whole));
}
